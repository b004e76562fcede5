import type { SerialNumber } from './certificate-id.ts';
import type { RevocationReason } from './revocation-reason.ts';
import type { EpochSeconds } from './time.ts';

/** The number of entries that a Client VPN endpoint takes; not adjustable. */
export const CLIENT_VPN_CRL_QUOTA = 20_000;

/** One line of a list: RFC 5280 section 5.1.2.6, with the reason of its entry extension. */
export interface RevokedCertificate {
  readonly serialNumber: SerialNumber;
  readonly revocationDate: EpochSeconds;
  readonly reason: RevocationReason;
}

/** A revoked certificate as the store keeps it: for as long as it could be on a list. */
export interface RevocationRow extends RevokedCertificate {
  readonly notAfter: EpochSeconds;
  /** The first list that took it up. From then on the revocation is final. */
  readonly crlNumber?: number;
}

/** What one list says: the rows that are revoked, and the holds where no gate keeps them out. */
export interface ListEntries {
  readonly entries: readonly RevokedCertificate[];
  /** Beyond the quota: those that expire soonest, which rest on the gate alone. */
  readonly leftOff: readonly RevokedCertificate[];
}

/** A certificate of a person who is held. */
export type HeldCertificate = RevokedCertificate & Pick<RevocationRow, 'notAfter'>;

/**
 * Puts a list together. A certificate that is revoked is no longer only held. Beyond the quota those that expire last
 * stay: the others need the gate for the shortest time.
 */
export function listEntries(
  rows: readonly RevocationRow[],
  holds: readonly HeldCertificate[],
  quota = CLIENT_VPN_CRL_QUOTA,
): ListEntries {
  const revoked = new Set(holds.length === 0 ? [] : rows.map(({ serialNumber }) => serialNumber));
  const held = holds.filter(({ serialNumber }) => !revoked.has(serialNumber));
  const all =
    held.length === 0 ? rows : [...rows, ...held].sort((one, other) => one.notAfter - other.notAfter);
  return { entries: all.slice(-quota), leftOff: all.slice(0, -quota) };
}

/** A signed list and what it says. */
export interface SignedCrl {
  readonly crlNumber: number;
  readonly thisUpdate: EpochSeconds;
  readonly nextUpdate: EpochSeconds;
  readonly entries: number;
  readonly der: Uint8Array;
  /** SHA-256 of the DER, hex. */
  readonly sha256Hex: string;
}
