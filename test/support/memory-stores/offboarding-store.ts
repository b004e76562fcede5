import type { OffboardingRecord } from '../../../shared/domain/offboarding.ts';
import { isHold } from '../../../shared/domain/person.ts';
import type { EventIdentity, OffboardingStore } from '../../../shared/ports/offboarding-store.ts';
import { memoryIncidents } from './incidents.ts';
import { eventText, present, sortedValues, type MemoryState } from './state.ts';
import { monthOfDatedId } from '../../../shared/domain/dated-id.ts';

/** Events, denials and what follows from them, in memory. */
export function memoryOffboardingStore(state: MemoryState): OffboardingStore {
  const { offboardings, openOffboardings } = state;
  const change = (
    offboardingId: string,
    part: (record: OffboardingRecord) => Partial<OffboardingRecord>,
  ): void => {
    const record = present(offboardings.get(offboardingId), 'offboarding');
    offboardings.set(offboardingId, { ...record, ...part(record) });
  };
  return {
    ...memoryDenials(state),
    ...memoryIncidents(state),
    findEvent: async (source, eventId) => state.events.get(eventText({ source, eventId })),
    listHolds: async () => sortedValues(state.holds),
    find: async (offboardingId) => offboardings.get(offboardingId),
    listOpen: async () => [...openOffboardings].sort().flatMap((id) => offboardings.get(id) ?? []),
    listByMonth: async (month) =>
      sortedValues(offboardings).filter((record) => monthOfDatedId(record.offboardingId) === month),
    markRevoked: async (id, at, certificates) =>
      change(id, ({ revokedAt = at, revokedCertificates = certificates }) => ({
        revokedAt,
        revokedCertificates,
      })),
    markCut: async (id, endpointId, at) =>
      change(id, ({ cutAt }) => ({ cutAt: { [endpointId]: at, ...cutAt } })),
    markTerminated: async (id, connection) =>
      change(id, ({ terminated }) => {
        const isKnown = terminated.some(
          ({ endpointId, connectionId }) =>
            endpointId === connection.endpointId && connectionId === connection.connectionId,
        );
        const all = isKnown ? [...terminated] : [...terminated, connection];
        return { terminated: all.sort((a, b) => a.terminatedAt - b.terminatedAt) };
      }),
    markPublished: async (id, endpointId, crlNumber, at) =>
      change(id, ({ publishedAt }) => ({ publishedAt: { [endpointId]: { at, crlNumber }, ...publishedAt } })),
    close: async (id, at) => {
      change(id, ({ closedAt = at }) => ({ closedAt }));
      openOffboardings.delete(id);
    },
  };
}

/** Puts an event once. @returns false when it is there */
export function keepEvent(
  state: MemoryState,
  { source, eventId, bodySha256Hex }: EventIdentity,
  outcome: { offboardingId?: string; incidentId?: string } = {},
): boolean {
  const key = eventText({ source, eventId });
  if (state.events.has(key)) return false;
  state.events.set(key, { source, eventId, bodySha256Hex, ...outcome });
  return true;
}

function memoryDenials(state: MemoryState): Pick<OffboardingStore, 'deny' | 'lift'> {
  const { offboardings, openOffboardings } = state;
  return {
    deny: async (record, event) => {
      const { offboardingId, personId, source, kind, eventTime } = record;
      if (record.deniedAt === undefined) throw new Error('a record without deniedAt is never followed up');
      if (state.events.has(eventText(event))) return 'duplicate';
      const known = present(state.people.get(personId), 'person');
      keepEvent(state, event, { offboardingId });
      if ((known.heard.get(source) ?? -1) > eventTime) {
        const { deniedAt: _, ...recorded } = record;
        offboardings.set(offboardingId, recorded);
        return 'stale';
      }
      const denials = [...known.person.denials, { source, kind, eventTime, offboardingId }];
      denials.sort((a, b) => (a.offboardingId < b.offboardingId ? -1 : 1));
      known.person = { ...known.person, denials };
      known.heard.set(source, eventTime);
      offboardings.set(offboardingId, record);
      openOffboardings.add(offboardingId);
      if (isHold(record)) state.holds.set(offboardingId, { offboardingId, personId, since: record.deniedAt });
      return 'denied';
    },
    lift: async (personId, sources, event) => {
      const known = present(state.people.get(personId), 'person');
      if (!keepEvent(state, event)) return { outcome: 'duplicate' };
      if ((known.heard.get(event.source) ?? -1) > event.eventTime) return { outcome: 'stale' };
      known.heard.set(event.source, event.eventTime);
      const isLifted = ({ source }: { source: string }): boolean => sources === 'all' || source === sources;
      const lifted = known.person.denials.filter(isLifted);
      known.person = { ...known.person, denials: known.person.denials.filter((denial) => !isLifted(denial)) };
      for (const { offboardingId } of lifted) {
        const record = present(offboardings.get(offboardingId), 'offboarding');
        state.holds.delete(offboardingId);
        offboardings.set(offboardingId, { ...record, liftedAt: record.liftedAt ?? event.at });
      }
      return lifted.length > 0 ? { outcome: 'lifted', lifted } : { outcome: 'nothingToLift' };
    },
  };
}
