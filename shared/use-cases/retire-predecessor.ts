import type { JudgedCertificate } from '../domain/access.ts';
import { stateOf } from '../domain/certificate-record.ts';
import { SECONDS_PER_DAY, secondsFrom } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';

export interface RetirePredecessorDeps {
  readonly certificates: Pick<CertificateStore, 'find' | 'revoke'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly audit: Audit;
}

/**
 * For how long a certificate that was replaced does without a list of its own. Its holder is still welcome and the
 * gate refuses it, so it goes with the next list that is made anyway; an import for each renewal would reset
 * everybody's connection every night.
 */
const PATIENCE_MILLISECONDS = 30 * SECONDS_PER_DAY * 1000;

/**
 * Ends the certificate that another renewed, once that one was seen connected. Done twice, it is done once; whoever
 * revoked it first, for whatever reason, stays the one who did.
 *
 * @param successor a certificate that the gate lets in
 * @returns whether this call ended it
 */
export async function retirePredecessor(
  { certificates, clock, audit }: RetirePredecessorDeps,
  { certificateId, predecessorId }: Pick<JudgedCertificate, 'certificateId' | 'predecessorId'>,
): Promise<boolean> {
  if (predecessorId === undefined) return false;
  const record = await certificates.find(predecessorId);
  if (record === undefined) throw new Error('a certificate that was renewed is not there');
  const now = clock.now();
  // An earlier attempt at renewal, which a later one replaced, says nothing about this one.
  if (record.successorId !== certificateId || stateOf(record, secondsFrom(now)) !== 'active') return false;
  const reason = 'superseded';
  const revocation = { revocationDate: secondsFrom(now), reason, by: 'renewal' } as const;
  const outcome = await certificates.revoke(record, revocation, now + PATIENCE_MILLISECONDS);
  if (outcome !== 'revoked') return false;
  audit.certificateRevoked({ actor: 'portal', certificateId: predecessorId, reason });
  return true;
}
