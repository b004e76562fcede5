import { certificateIdOf } from '../../domain/certificate-id.ts';
import type { RevocationRow, RevokedCertificate } from '../../domain/crl-facts.ts';
import { secondsFrom } from '../../domain/time.ts';
import { isForeign, isListable } from '../../domain/x509/foreign-entries.ts';
import { endpointIdsTrusting } from '../concerned-endpoints.ts';
import type { PublishDeps } from './deps.ts';
import { ownListOf } from './endpoint-reading.ts';
import type { Reading } from './situation.ts';

/** Reasons that another tool may give and a list of ours may repeat; others become `unspecified`. */
const KEPT_REASONS: ReadonlySet<string> = new Set([
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
]);

/**
 * Somebody imported a list by hand that our CA signed: whom it revokes and we do not know as revoked, is revoked from
 * now on, at every endpoint of the CA. What the portal issued is revoked as on an administrator's word; what it did not
 * issue gets a row that stays for as long as the CA lives, since nobody knows its end.
 *
 * What is known as revoked and not as published is final from now on: a table that was restored knows revocations from its
 * journal, and not the lists that had them, and a return must not undo what an endpoint was told.
 *
 * Holds are not taken over: nobody would lift them.
 *
 * @returns how many revocations were taken over; 0 for a list of another CA, which says nothing
 */
export async function mergeHeldList(
  deps: PublishDeps,
  { endpoint, held, issuer }: Pick<Reading, 'endpoint' | 'held' | 'issuer'>,
): Promise<number> {
  const list = ownListOf(held, issuer);
  if (held === undefined || list === undefined) return 0;
  const { caId } = endpoint;
  const now = secondsFrom(deps.clock.now());
  const since = Math.min(endpoint.crl?.thisUpdate ?? now, now);
  const rows = await deps.revocations.list(caId, since);
  const isThere = ({ serialNumber }: RevocationRow): boolean => isForGood(list.entries.get(serialNumber));
  const claimed = await deps.revocations.claim(caId, rows.filter(isThere), list.crlNumber ?? 0);
  const known = new Set(claimed.map(({ serialNumber }) => serialNumber));
  const unknown = [...list.entries.values()].filter(
    (entry) => isForGood(entry) && !known.has(entry.serialNumber) && isListable(entry.serialNumber),
  );
  const endpointIds = await endpointIdsTrusting(deps.endpoints, caId);
  let merged = 0;
  for (const entry of unknown) {
    const revocation = {
      revocationDate: Math.min(entry.revocationDate, now),
      reason: KEPT_REASONS.has(entry.reason) ? entry.reason : ('unspecified' as const),
    };
    const found = await findIssued(deps, entry, caId);
    if (found === undefined) {
      const row = { ...revocation, serialNumber: entry.serialNumber, notAfter: issuer.notAfter };
      await deps.revocations.adopt(caId, [row], endpointIds, deps.clock.now());
      merged += 1;
    } else if (found.notAfter >= now && found.revocation === undefined) {
      const at = deps.clock.now();
      await deps.certificates.revoke(found, { ...revocation, by: 'administrator' }, at, endpointIds);
      deps.audit.certificateRevoked({
        actor: 'portal',
        certificateId: found.certificateId,
        reason: revocation.reason,
      });
      merged += 1;
    }
  }
  deps.audit.crlMerged({ endpointId: endpoint.endpointId, sha256Hex: held.sha256Hex, merged });
  return merged;
}

const isForGood = (entry: RevokedCertificate | undefined): boolean =>
  entry !== undefined && entry.reason !== 'certificateHold';

async function findIssued(
  { certificates }: Pick<PublishDeps, 'certificates'>,
  entry: RevokedCertificate,
  caId: string,
): ReturnType<PublishDeps['certificates']['find']> {
  if (isForeign(entry)) return undefined;
  const found = await certificates.find(certificateIdOf(entry.serialNumber));
  return found?.caId === caId ? found : undefined;
}
