import type { CertificateRecord } from '../domain/certificate-record.ts';
import type { Person } from '../domain/person.ts';
import type { EndingDigest } from '../domain/reminder.ts';

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
}
