import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../../domain/dated-id.ts';
import { RECONCILIATION } from '../../domain/reconciliation.ts';
import type { ReconcileDeps } from './deps.ts';

type Kind = 'directoryDisbelieved' | 'certificatesWithoutPerson';

/** Opens the incident, where none of its kind is open. */
export async function openIncident(
  { clock, random, offboardings, audit }: ReconcileDeps,
  kind: Kind,
  words: string,
): Promise<void> {
  const openedAt = clock.now();
  const incident = {
    incidentId: datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS)),
    kind,
    openedAt,
    source: RECONCILIATION,
    words,
  };
  const { incidentId, opened } = await offboardings.openIncident(incident, kind);
  if (opened) audit.incidentOpened({ incidentId, kind, words });
}

/** Closes it where it no longer is so. */
export async function mendIncidents(
  { clock, offboardings, audit }: ReconcileDeps,
  kind: Kind,
): Promise<void> {
  for (const incident of await offboardings.listOpenIncidents()) {
    if (incident.kind !== kind) continue;
    const { incidentId } = incident;
    const resolution = { at: clock.now(), actor: 'portal' as const, decision: 'mended' as const };
    if ((await offboardings.resolveIncident(incidentId, resolution)) === 'resolved') {
      audit.incidentResolved({ actor: 'portal', incidentId, decision: 'mended' });
    }
  }
}
