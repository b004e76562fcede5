import { lookOf } from '../../../shared/domain/confusable.ts';
import type { Alias, PersonId } from '../../../shared/domain/identity.ts';
import type { Incident } from '../../../shared/domain/incident.ts';
import type { OffboardingStore } from '../../../shared/ports/offboarding-store.ts';
import { reserveLook, sortedAliases } from './person-store.ts';
import { aliasText, eventText, noteTelling, present, type MemoryState } from './state.ts';

type Incidents = Pick<
  OffboardingStore,
  'openIncidentForEvent' | 'openIncident' | 'findIncident' | 'listOpenIncidents' | 'resolveIncident'
>;

/** What only a person can decide, in memory. */
export const memoryIncidents = (state: MemoryState): Incidents => ({
  openIncidentForEvent: async (incident, { source, eventId, bodySha256Hex }) => {
    const key = eventText({ source, eventId });
    if (state.events.has(key)) return 'duplicate';
    const alias = state.aliases.get(aliasText(incident.alias));
    if (alias?.personId !== undefined && alias.held.size === 0) return 'aliasOwned';
    state.events.set(key, { source, eventId, bodySha256Hex, incidentId: incident.incidentId });
    add(state, incident);
    return 'opened';
  },
  openIncident: async (incident, dedupeKey) => {
    for (const [incidentId, key] of state.openIncidents) {
      if (key === dedupeKey) return { incidentId, opened: false };
    }
    add(state, incident, dedupeKey);
    return { incidentId: incident.incidentId, opened: true };
  },
  findIncident: async (incidentId) => state.incidents.get(incidentId)?.incident,
  listOpenIncidents: async () =>
    [...state.openIncidents.keys()].sort().flatMap((id) => state.incidents.get(id)?.incident ?? []),
  resolveIncident: async (incidentId, resolution, bindTo) => {
    const stored = state.incidents.get(incidentId);
    if (stored === undefined) return 'notFound';
    const { alias } = stored.incident;
    if (stored.incident.resolution !== undefined) return 'alreadyResolved';
    if (bindTo !== undefined) {
      bind(state, present(alias, 'alias of the incident'), bindTo);
    }
    const held = alias === undefined ? undefined : state.aliases.get(aliasText(alias));
    held?.held.delete(incidentId);
    if (stored.incident.source !== undefined) held?.denied?.delete(stored.incident.source);
    stored.incident = { ...stored.incident, resolution };
    state.openIncidents.delete(incidentId);
    return 'resolved';
  },
});

/** Opens an incident, and holds its alias, whoever owns that. */
function add(state: MemoryState, incident: Incident, dedupeKey?: string): void {
  if (incident.alias !== undefined) {
    const alias = state.aliases.get(aliasText(incident.alias)) ?? { held: new Set<string>() };
    alias.held.add(incident.incidentId);
    state.aliases.set(aliasText(incident.alias), alias);
  }
  state.incidents.set(incident.incidentId, { incident });
  state.openIncidents.set(incident.incidentId, dedupeKey);
  noteTelling(state, { kind: 'incident', id: incident.incidentId });
}

function bind(state: MemoryState, alias: Alias, bindTo: PersonId): void {
  const key = aliasText(alias);
  const bound = present(state.people.get(bindTo), 'person');
  const stored = state.aliases.get(key) ?? { held: new Set<string>() };
  const former = stored.personId === undefined ? undefined : state.people.get(stored.personId);
  if (former !== undefined) {
    const kept = former.person.aliases.filter((owned) => aliasText(owned) !== key);
    former.person = { ...former.person, aliases: kept };
  }
  stored.personId = bindTo;
  state.aliases.set(key, stored);
  const owned = new Map([...bound.person.aliases, alias].map((each) => [aliasText(each), each]));
  bound.person = { ...bound.person, aliases: sortedAliases(owned) };
  const look = lookOf(alias);
  const isFree = state.aliases.get(aliasText(look))?.personId === undefined;
  if (look.value !== alias.value && isFree) reserveLook(state, look, bindTo);
}
