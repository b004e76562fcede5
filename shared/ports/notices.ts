import type { CertificateRecord } from '../domain/certificate-record.ts';
import type { Person } from '../domain/person.ts';
import type { Failing } from '../domain/operator-words.ts';
import type { EndingDigest } from '../domain/reminder.ts';
import type { Telling } from '../domain/telling.ts';

/** Who is written to, and about which certificate. */
export interface HolderNotice {
  readonly holder: Pick<Person, 'personId' | 'login' | 'email'>;
  readonly certificate: Pick<
    CertificateRecord,
    'certificateId' | 'deviceName' | 'notAfter' | 'predecessorId'
  >;
}

/** Words to people. Each may be sent twice where an answer was lost; none is ever only half sent. */
export interface Notices {
  /** A certificate was issued in the holder's name: who did not ask for it learns of it. */
  certificateIssued(notice: HolderNotice): Promise<void>;
  certificateEnding(notice: HolderNotice & { readonly daysLeft: number }): Promise<void>;
  /** To the operators; names nobody but by id. */
  endingDigest(digest: EndingDigest): Promise<void>;
  /** To the operators, as it happens; names nobody but by id. Of several there is one letter. */
  happened(tellings: readonly [Telling, ...Telling[]]): Promise<void>;
  /** To the operators: what does not go on by itself. */
  failing(failing: readonly Failing[]): Promise<void>;
}
