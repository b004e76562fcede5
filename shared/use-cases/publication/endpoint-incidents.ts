import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../../domain/dated-id.ts';
import type { PublishDeps } from './deps.ts';

type EndpointIncidentKind = 'gateOff' | 'crlDrift' | 'crlQuota';

const WORDS: Readonly<Record<EndpointIncidentKind, string>> = {
  gateOff:
    'The connect handler of the endpoint is missing, changed or off: only the CRL keeps leavers out. Switch it on again.',
  crlDrift:
    'The endpoint holds a CRL that the portal did not import. It is replaced, and whoever it revokes stays revoked; find out who imports there.',
  crlQuota:
    'More certificates are revoked than the endpoint takes entries. Those that expire soonest rest on the gate alone.',
};

/** Of a list that our CA has not signed: it revokes nobody, and may let everybody in. */
export const FOREIGN_LIST_WORDS =
  'The endpoint holds a CRL of another CA, or none that can be read. Ours replaces it; find out who imports there.';

/** Keeps an incident of an endpoint open for as long as what it says is so. */
export async function noteEndpointIncident(
  { incidents, clock, random, audit }: Pick<PublishDeps, 'incidents' | 'clock' | 'random' | 'audit'>,
  endpointId: string,
  kind: EndpointIncidentKind,
  isSo: boolean,
  words: string = WORDS[kind],
): Promise<void> {
  if (isSo) {
    const openedAt = clock.now();
    const incident = {
      incidentId: datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS)),
      kind,
      openedAt,
      endpointId,
      words,
    };
    const { incidentId, opened } = await incidents.openIncident(incident, `${kind}#${endpointId}`);
    if (opened) audit.incidentOpened({ incidentId, kind, words });
    return;
  }
  for (const open of await incidents.listOpenIncidents()) {
    if (open.kind !== kind || open.endpointId !== endpointId) continue;
    const resolution = { at: clock.now(), actor: 'portal' as const, decision: 'mended' as const };
    await incidents.resolveIncident(open.incidentId, resolution);
    audit.incidentResolved({ actor: 'portal', incidentId: open.incidentId, decision: 'mended' });
  }
}
