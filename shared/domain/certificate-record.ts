import type { CertificateId, SerialNumber } from './certificate-id.ts';
import type { PersonId } from './identity.ts';
import type { RevocationReason } from './revocation-reason.ts';
import type { EpochSeconds } from './time.ts';

export interface Revocation {
  readonly revocationDate: EpochSeconds;
  readonly reason: RevocationReason;
  /** Who asked: the owner, an administrator, or an offboarding. */
  readonly by: 'owner' | 'administrator' | 'offboarding';
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
