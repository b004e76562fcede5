import type { RevokedCertificate } from '../../domain/crl-facts.ts';
import type { PublicationDecision, PublicationReason } from '../../domain/publication.ts';
import type { ReadCrl } from '../../domain/x509/crl-reader.ts';
import type { PublishDeps } from './deps.ts';
import { noteEndpointIncident } from './endpoint-incidents.ts';
import { ownListOf } from './endpoint-reading.ts';
import { clearPending } from './import-list.ts';
import { entriesFor } from './sign-list.ts';
import type { Reading } from './situation.ts';

/** A list is made for who is on it, and not for its age or because of what somebody else imported. */
const FOR_ITS_ENTRIES: readonly PublicationReason[] = ['requested', 'due', 'gateOff'];

/**
 * Beyond the quota those that expire soonest rest on the gate alone, and a revocation among them changes no list: an
 * import would reset everybody for nothing. Then it waits no more, and the incident is open.
 *
 * @returns whether what is to be published is what the endpoint has
 */
export async function isFullAndSame(
  deps: PublishDeps,
  reading: Reading,
  { publish, reason }: PublicationDecision,
): Promise<boolean> {
  const { endpoint, situation, held, issuer } = reading;
  const isFull = (endpoint.crl?.entries ?? 0) >= deps.policy.mostEntries;
  if (!isFull || !publish || !FOR_ITS_ENTRIES.includes(reason)) return false;
  if (situation.exported !== 'same' || situation.gateGoesOff !== undefined) return false;
  const there = ownListOf(held, issuer);
  const { entries, leftOff } = await entriesFor(deps, reading);
  if (there === undefined || !isSame(there, entries)) return false;
  const { endpointId } = endpoint;
  await noteEndpointIncident(deps, endpointId, 'crlQuota', leftOff.length > 0);
  await clearPending(deps, endpointId, new Set(leftOff.map(({ serialNumber }) => serialNumber)));
  return true;
}

const isHold = ({ reason }: Pick<RevokedCertificate, 'reason'>): boolean => reason === 'certificateHold';

const isSame = ({ entries: there }: ReadCrl, wanted: readonly RevokedCertificate[]): boolean =>
  there.size === wanted.length &&
  wanted.every((entry) => {
    const known = there.get(entry.serialNumber);
    return known !== undefined && isHold(known) === isHold(entry);
  });
