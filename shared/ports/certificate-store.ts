import type { CertificateId, SerialNumber } from '../domain/certificate-id.ts';
import type { CertificateRecord, Revocation } from '../domain/certificate-record.ts';
import type { PersonId } from '../domain/identity.ts';
import type { EpochMilliseconds, EpochSeconds } from '../domain/time.ts';

/** A request's idempotency key, scoped to its person. */
export interface Idempotency {
  readonly key: string;
  /** SHA-256 of what was asked, hex. */
  readonly requestSha256Hex: string;
  /** After this the store may forget it. */
  readonly expiresAt: EpochSeconds;
}

export type ReserveOutcome =
  | 'reserved'
  /** The person has a denial, or is not there. */
  | 'personDenied'
  /** Another reservation came between: read again and try again. */
  | 'raced'
  | 'publicKeyInUse'
  | 'idempotencyKeyUsed'
  /** The certificate to be renewed is not issued, is revoked, or has another successor than the one seen. */
  | 'predecessorChanged'
  /** The 79 random bits met a certificate that is there: take others. */
  | 'certificateIdInUse';

export type MarkIssuedOutcome =
  | 'issued'
  | 'alreadyIssued'
  | 'personDenied'
  | 'revoked'
  /** Another reservation has become the successor of the certificate that it was to renew. */
  | 'displaced';

export type RevokeOutcome =
  | 'revoked'
  | 'alreadyRevoked'
  /** The denial that the revocation follows from is gone: the person was reinstated. */
  | 'denialGone';

/** Certificates of one CA by their end. */
export interface EndRange {
  /** Both ends included. */
  readonly from: EpochSeconds;
  readonly until: EpochSeconds;
  /** Goes on behind this certificate, where an earlier answer stopped. */
  readonly after?: { readonly notAfter: EpochSeconds; readonly serialNumber: SerialNumber };
  readonly limit: number;
}

/** Certificates, and the rows of lists that follow from their revocation. Every read sees every earlier write. */
export interface CertificateStore {
  find(certificateId: CertificateId): Promise<CertificateRecord | undefined>;
  /** All of one person, oldest first, whatever their state. */
  listByPerson(personId: PersonId): Promise<CertificateRecord[]>;
  findByPublicKey(publicKeySha256Hex: string): Promise<CertificateRecord | undefined>;
  findByFingerprint(fingerprintSha256Hex: string): Promise<CertificateRecord | undefined>;
  findIdempotent(
    personId: PersonId,
    key: string,
  ): Promise<{ requestSha256Hex: string; certificateId: CertificateId } | undefined>;

  /**
   * The certificates of a CA that were issued and end in a range, those that end first coming first, whatever became
   * of them since. An answer shorter than the limit is the last one.
   */
  listByEnd(caId: string, range: EndRange): Promise<CertificateRecord[]>;

  /** How many certificates of a CA were issued and end in a range, both ends included, whatever became of them. */
  countByEnd(caId: string, range: Pick<EndRange, 'from' | 'until'>): Promise<number>;
  /** Whose they are, each person once; the certificates themselves are not read. */
  holdersByEnd(caId: string, range: Pick<EndRange, 'from' | 'until'>): Promise<ReadonlySet<PersonId>>;

  /**
   * Makes a certificate known before it is signed, in one transaction: the record, its public key, its place
   * under the person and the idempotency key, only while the person has no denial and has made exactly
   * `enrolmentsSeen` reservations (which this one adds to).
   *
   * With a `predecessorId` it becomes that certificate's successor, only while that one is issued, not revoked, and
   * its successor is the one seen, which was never issued or is over. What a journal has as reserved and issued was so
   * (`isReplayed`), whatever became of those two between its reservation and its issue.
   */
  reserve(
    record: CertificateRecord,
    conditions: {
      readonly enrolmentsSeen: number;
      readonly idempotency?: Idempotency;
      readonly successorSeen?: CertificateId;
      readonly isReplayed?: boolean;
    },
  ): Promise<ReserveOutcome>;

  /**
   * Records the signed certificate, only while its person has no denial, it is not revoked, and, where it renews
   * another, it is that one's successor still. In the same transaction it gets its place by its end, and is noted as
   * one whose holder is to be told.
   */
  markIssued(
    record: CertificateRecord,
    issued: NonNullable<CertificateRecord['issued']>,
  ): Promise<MarkIssuedOutcome>;

  /**
   * Revokes once, in one transaction: the record, its row for the list, and for each endpoint the note that a
   * publication is pending: those that the certificate names, and `alsoAt`, which trust its CA too. A revocation with an `offboardingId` is made only while the person still has the
   * denial of that offboarding.
   *
   * @param at from when the notes count as waiting for the endpoints' lists; may be later than now
   * @param actor who is written down as having done it, where that says more than `by`
   *
   * An owner's or administrator's revocation takes over one that follows from an offboarding ('revoked'): date and
   * reason become its own where no list has taken them up, and a reinstatement no longer undoes it.
   */
  revoke(
    record: CertificateRecord,
    revocation: Revocation,
    at: EpochMilliseconds,
    alsoAt?: readonly string[],
    actor?: string,
  ): Promise<RevokeOutcome>;

  /**
   * A certificate that was only replaced waits for a list that is made anyway: from `since` on it waits as others do.
   * Nothing happens to any other, or to one that waits already.
   */
  endPatience(record: CertificateRecord, since: EpochMilliseconds): Promise<void>;

  /**
   * Takes back the revocation that `record` shows, if it follows from an offboarding and no list has taken it up.
   * While another denial says that the person left, it stays and follows from that one.
   *
   * @param at when it is taken back
   * @returns 'published' when it is final, 'notRevoked' when there is nothing to take back
   */
  undoRevocation(
    record: CertificateRecord,
    at: EpochMilliseconds,
  ): Promise<'undone' | 'published' | 'notRevoked'>;

  /** Notes that the certificate was seen in use; never goes back in time. */
  markUsed(certificateId: CertificateId, at: EpochSeconds): Promise<void>;
}
