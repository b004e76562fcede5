import type { CertificateId, SerialNumber } from './certificate-id.ts';
import type { PersonId } from './identity.ts';
import type { RevocationReason } from './revocation-reason.ts';
import type { EpochSeconds } from './time.ts';

/** Who asked: the owner, an administrator, an offboarding; or it was replaced, and the one that replaces it connected. */
export const REVOKERS = ['owner', 'administrator', 'offboarding', 'renewal'] as const;
export type Revoker = (typeof REVOKERS)[number];

/** Whether it is a person's own word, which takes over what an offboarding did. */
export const isPersonsWord = (by: Revoker): boolean => by === 'owner' || by === 'administrator';

export interface Revocation {
  readonly revocationDate: EpochSeconds;
  readonly reason: RevocationReason;
  readonly by: Revoker;
  /** The offboarding it follows from; only such a revocation can be undone, and only before it is published. */
  readonly offboardingId?: string;
}

/** One certificate, from the moment it is reserved. */
export interface CertificateRecord {
  readonly certificateId: CertificateId;
  readonly serialNumber: SerialNumber;
  readonly personId: PersonId;
  readonly caId: string;
  /** The endpoints it is for; the gate compares. */
  readonly endpointIds: readonly string[];
  readonly commonName: string;
  readonly deviceName: string;
  /** SHA-256 of the DER SubjectPublicKeyInfo, hex. */
  readonly publicKeySha256Hex: string;
  readonly notBefore: EpochSeconds;
  readonly notAfter: EpochSeconds;
  /** From then on its holder can renew it; decided when it is made, so that it is a promise. */
  readonly renewableFrom: EpochSeconds;
  readonly reservedAt: EpochSeconds;
  /** Exactly what is, or will be, signed: a crash after reserving resumes with the same octets. */
  readonly tbsCertificateDer: Uint8Array;
  readonly issued?: {
    readonly issuedAt: EpochSeconds;
    readonly certificateDer: Uint8Array;
    /** SHA-256 of the certificate's DER, hex. */
    readonly fingerprintSha256Hex: string;
  };
  readonly revocation?: Revocation;
  readonly lastUsedAt?: EpochSeconds;
  /** The certificate that this one renews. */
  readonly predecessorId?: CertificateId;
  /** The last that was reserved to renew this one; it may never have been issued, or be revoked. */
  readonly successorId?: CertificateId;
  /** The holder was told of its end this many days before, or earlier. */
  readonly remindedDays?: number;
}

export type CertificateState = 'reserved' | 'active' | 'revoked' | 'expired';

/** The one place that says what state a certificate is in. `notAfter` is inside the validity (RFC 5280 4.1.2.5). */
export function certificateStateAt(
  facts: { readonly revocation?: Revocation; readonly notAfter: EpochSeconds; readonly isIssued: boolean },
  at: EpochSeconds,
): CertificateState {
  if (facts.revocation !== undefined) return 'revoked';
  if (at > facts.notAfter) return 'expired';
  return facts.isIssued ? 'active' : 'reserved';
}

export const stateOf = (record: CertificateRecord, at: EpochSeconds): CertificateState =>
  certificateStateAt({ ...record, isIssued: record.issued !== undefined }, at);

/** Whether it counts against the device quota. */
export const isLiveAt = (record: CertificateRecord, at: EpochSeconds): boolean => {
  const state = stateOf(record, at);
  return state === 'active' || state === 'reserved';
};
