import type { AuditEntry, AuditHead } from './audit-entry.ts';
import type { CertificateRecord } from './certificate-record.ts';
import type { PersonId } from './identity.ts';
import type { EpochMilliseconds } from './time.ts';

/** Where the journal ends by the table's word. */
export interface JournalHead {
  /** Of the last object that the table knows of; 0 before the first. */
  readonly sequence: number;
  /** SHA-256 of that object's octets, hex. */
  readonly sha256Hex: string;
  /** The list that was journalled last, by endpoint. */
  readonly lists: Readonly<Record<string, number>>;
  /** The day in UTC of the objects from `dayFrom` on, `YYYY-MM-DD`, whose heads are not journalled yet. */
  readonly day?: string;
  readonly dayFrom?: number;
}

export const EMPTY_JOURNAL: JournalHead = { sequence: 0, sha256Hex: '0'.repeat(64), lists: {} };

/** What the table would need to know a person again. */
export type JournalledHolder = Readonly<Record<'issuer' | 'subject' | 'login', string>>;

/** What the table would need to know a certificate again. */
export interface JournalledCertificate {
  readonly record: CertificateRecord;
  readonly holder: JournalledHolder;
}

export type JournalLine =
  | {
      readonly kind: 'entry';
      readonly entry: AuditEntry;
      readonly certificate?: JournalledCertificate;
      /** With the first entry of a chain: whoever is denied before she has a certificate is somebody too. */
      readonly holder?: JournalledHolder;
    }
  /** A list that an endpoint was seen to hold. */
  | {
      readonly kind: 'list';
      readonly endpointId: string;
      readonly caId: string;
      readonly crlNumber: number;
      readonly sha256Hex: string;
      readonly confirmedAt: EpochMilliseconds;
    }
  /** Where the chains ended that grew on a day. */
  | {
      readonly kind: 'heads';
      readonly day: string;
      readonly heads: Readonly<Record<PersonId, AuditHead>>;
    };

/** Of each person, what the journal has of each entry, by its number: one hash, unless the table was cut or restored. */
export type JournalledChains = ReadonlyMap<PersonId, ReadonlyMap<number, ReadonlySet<string>>>;

/** One object in the bucket; each names the hash of the one before. */
export interface JournalObject {
  readonly sequence: number;
  readonly previousSha256Hex: string;
  readonly at: EpochMilliseconds;
  readonly lines: readonly JournalLine[];
}

/** @throws Error for an object that is not the next of its journal */
export function assertFollows(
  { sequence, previousSha256Hex }: JournalObject,
  before: Pick<JournalHead, 'sequence' | 'sha256Hex'>,
): void {
  if (sequence === before.sequence + 1 && previousSha256Hex === before.sha256Hex) return;
  throw new Error(`object ${before.sequence + 1} of the journal does not follow from the one before it`);
}
