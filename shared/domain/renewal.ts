import { stateOf, type CertificateRecord } from './certificate-record.ts';
import { DomainError } from './errors.ts';
import { isoFromSeconds, type EpochSeconds } from './time.ts';
import type { Validity } from './x509/validity.ts';

/** A certificate can be renewed in the last third of its life, as ACME clients do: in time, and without a loop of renewals. */
export const DEFAULT_RENEWAL_WINDOW_PERCENT = 33;

/** When the part of a certificate's life begins in which it can be renewed. */
export const renewableFromOf = (
  { notBefore, notAfter }: Validity,
  renewalWindowPercent: number,
): EpochSeconds => notAfter - Math.floor(((notAfter - notBefore) * renewalWindowPercent) / 100);

/** Whether another certificate stands in its place already, or can be used in its place at once. */
export const isReplacedBy = (successor: CertificateRecord | undefined, now: EpochSeconds): boolean =>
  successor !== undefined && stateOf(successor, now) === 'active';

/**
 * A certificate of a CA that issues no more can be renewed at any time: that is how its holder moves to the next one.
 *
 * @param successor what `successorId` leads to; one that was never issued, or is over, is in nobody's way
 * @throws DomainError certificateNotActive, alreadyRenewed, renewalTooEarly
 */
export function assertRenewable(
  record: CertificateRecord,
  successor: CertificateRecord | undefined,
  { now, issuingCaId }: { readonly now: EpochSeconds; readonly issuingCaId: string },
): void {
  const state = stateOf(record, now);
  if (state !== 'active') {
    const what = record.revocation?.by === 'renewal' ? 'was replaced already' : `is ${state}`;
    throw new DomainError('certificateNotActive', `the certificate ${what}; it cannot be renewed`);
  }
  if (isReplacedBy(successor, now)) {
    throw new DomainError(
      'alreadyRenewed',
      `${successor?.certificateId} replaces this certificate already; use it, or revoke it to renew anew`,
    );
  }
  if (now < record.renewableFrom && record.caId === issuingCaId) {
    throw new DomainError(
      'renewalTooEarly',
      `the certificate can be renewed from ${isoFromSeconds(record.renewableFrom)} on`,
    );
  }
}
