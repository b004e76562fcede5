import type { OffboardingRecord } from '../../../shared/domain/offboarding.ts';
import { isHold } from '../../../shared/domain/person.ts';
import type { EventIdentity, OffboardingStore } from '../../../shared/ports/offboarding-store.ts';
import { memoryIncidents } from './incidents.ts';
import { aliasText, eventText, present, sortedValues, type MemoryState } from './state.ts';
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
    ...memorySurgeDenials(state),
    noteReturn: async (alias, { source, eventTime }) => {
      if (state.aliases.get(aliasText(alias))?.personId !== undefined) return 'aliasOwned';
      const key = `${aliasText(alias)}#${source}`;
      state.notedReturns.set(key, Math.max(eventTime, state.notedReturns.get(key) ?? 0));
      return 'noted';
    },
    findNotedReturn: async (alias, source) => state.notedReturns.get(`${aliasText(alias)}#${source}`),
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

/** Changes a denial of a surge, on person and record, where it still stands. */
function memorySurgeDenials(state: MemoryState): Pick<OffboardingStore, 'confirm' | 'release'> {
  const { offboardings, people } = state;
  return {
    confirm: async ({ offboardingId, personId, meant }, at) => {
      if (meant === undefined) throw new Error('only a denial of a surge can be confirmed');
      const known = present(people.get(personId), 'person');
      const record = present(offboardings.get(offboardingId), 'offboarding');
      const isStanding = known.person.denials.some(
        (denial) => denial.offboardingId === offboardingId && denial.kind === 'surge',
      );
      if (!isStanding) return;
      const denials = known.person.denials.map((denial) =>
        denial.offboardingId === offboardingId ? { ...denial, kind: meant } : denial,
      );
      known.person = { ...known.person, denials };
      offboardings.set(offboardingId, { ...record, kind: meant, confirmedAt: at });
      if (!isHold({ kind: meant })) state.holds.delete(offboardingId);
    },
    release: async ({ offboardingId, personId }, at) => {
      const known = present(people.get(personId), 'person');
      const record = present(offboardings.get(offboardingId), 'offboarding');
      const denials = known.person.denials.filter((denial) => denial.offboardingId !== offboardingId);
      if (denials.length === known.person.denials.length) return;
      known.person = { ...known.person, denials };
      state.holds.delete(offboardingId);
      offboardings.set(offboardingId, { ...record, liftedAt: record.liftedAt ?? at });
    },
  };
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
