import { stateOf, type CertificateRecord, type Revocation } from '../domain/certificate-record.ts';
import { DomainError } from '../domain/errors.ts';
import type { PersonId } from '../domain/identity.ts';
import {
  isRevocationReason,
  REVOCATION_REASONS,
  type RevocationReason,
} from '../domain/revocation-reason.ts';
import { secondsFrom } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { Wake } from '../ports/wake.ts';
import { endpointIdsTrusting } from './concerned-endpoints.ts';

export interface RevokeRecordDeps {
  readonly certificates: Pick<CertificateStore, 'revoke'>;
  readonly endpoints: Pick<EndpointStore, 'list'>;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly audit: Audit;
}

/**
 * Revokes a certificate on somebody's word: the gate refuses it from now on, its connections are ended within
 * seconds, and it is on the next list. No list is imported because of it.
 *
 * @throws DomainError badRevocationReason, certificateNotActive, alreadyRevoked
 */
export async function revokeRecord(
  { certificates, endpoints, clock, wake, audit }: RevokeRecordDeps,
  record: CertificateRecord,
  asked: { readonly reason: string; readonly by: 'owner' | 'administrator'; readonly actor: PersonId },
): Promise<CertificateRecord> {
  const { by, actor } = asked;
  const reason = parseReason(asked.reason, by);
  const now = clock.now();
  if (stateOf(record, secondsFrom(now)) === 'expired') {
    throw new DomainError('certificateNotActive', 'the certificate has expired; there is nothing to revoke');
  }
  const revocation: Revocation = { revocationDate: secondsFrom(now), reason, by };
  const alsoAt = await endpointIdsTrusting(endpoints, record.caId);
  const outcome = await certificates.revoke(record, revocation, now, alsoAt, actor);
  // Also when it was revoked already: whoever did it may have died before waking anybody.
  for (const endpointId of record.endpointIds) await wake.connections(endpointId);
  if (outcome !== 'revoked') throw new DomainError('alreadyRevoked', 'the certificate is revoked already');
  audit.certificateRevoked({ actor, certificateId: record.certificateId, reason });
  return { ...record, revocation };
}

function parseReason(text: string, by: 'owner' | 'administrator'): RevocationReason {
  if (isRevocationReason(text) && REVOCATION_REASONS[text][by]) return text;
  const allowed = Object.entries(REVOCATION_REASONS).filter(([, reason]) => reason[by]);
  const names = allowed.map(([name]) => name).join(', ');
  throw new DomainError('badRevocationReason', `an ${by} may give one of: ${names}`);
}
