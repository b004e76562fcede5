import type { PublicationDecision } from '../../domain/publication.ts';
import type { PublishDeps } from './deps.ts';
import { noteEndpointIncident } from './endpoint-incidents.ts';
import { ownListOf } from './endpoint-reading.ts';
import { clearPending } from './import-list.ts';
import { isForItsEntries, isOn } from './same-entries.ts';
import { entriesFor } from './sign-list.ts';
import type { Reading } from './situation.ts';

/**
 * Beyond the quota those that expire soonest rest on the gate alone, and a revocation among them changes no list: an
 * import would reset everybody for nothing. Then it waits no more.
 *
 * That somebody rests on the gate is looked at each time, and not only when a list is made: a publisher that slept may
 * have ended the incident that another has opened since.
 *
 * @returns whether what is to be published is what the endpoint has
 */
export async function isFullAndSame(
  deps: PublishDeps,
  reading: Reading,
  decision: PublicationDecision,
): Promise<boolean> {
  const { endpoint, situation, held, issuer } = reading;
  const isFull = (endpoint.crl?.entries ?? 0) >= deps.policy.mostEntries;
  if (!isFull || situation.exported !== 'same') return false;
  const { endpointId } = endpoint;
  const { entries, leftOff } = await entriesFor(deps, reading);
  if (leftOff.length > 0) await noteEndpointIncident(deps, endpointId, 'crlQuota', true);
  if (!isForItsEntries(reading, decision)) return false;
  const there = ownListOf(held, issuer);
  if (there?.entries.size !== entries.length || !entries.every((entry) => isOn(there, entry))) return false;
  // It ends with a list that has them all, and not where only the next one would.
  if (leftOff.length === 0) await noteEndpointIncident(deps, endpointId, 'crlQuota', false);
  await clearPending(deps, endpointId, new Set(leftOff.map(({ serialNumber }) => serialNumber)));
  return true;
}
