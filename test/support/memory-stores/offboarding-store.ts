import { reviewedIncidentOf, type SourceId } from '../../../shared/domain/identity.ts';
import type { OffboardingRecord } from '../../../shared/domain/offboarding.ts';
import { isHold } from '../../../shared/domain/person.ts';
import type { OffboardingStore } from '../../../shared/ports/offboarding-store.ts';
import { closedDraft, deniedDraft, liftedDraft, settledDraft } from '../../../shared/domain/audit-drafts.ts';
import { tellingOfClose, tellingOfDenial } from '../../../shared/domain/telling.ts';
import { appendAudit } from './audit-store.ts';
import { memoryIncidents } from './incidents.ts';
import { keepEvent } from './events.ts';
import { cancelledPlan, memoryPlans, plansAt, plansOf } from './plans.ts';
import { aliasText, eventText, noteTelling, present, sortedValues, type MemoryState } from './state.ts';
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
      const { personId, held = new Set<string>() } = state.aliases.get(aliasText(alias)) ?? {};
      const [heldByIncidentId] = [...held].sort();
      if (personId !== undefined && heldByIncidentId === undefined) return { outcome: 'aliasOwned' };
      const key = `${aliasText(alias)}#${source}`;
      state.notedReturns.set(key, Math.max(eventTime, state.notedReturns.get(key) ?? 0));
      const cancelled = plansAt(state, { alias }).filter(
        (plan) => plan.source === source && plan.eventTime <= eventTime,
      );
      for (const { planId } of cancelled) state.plans.delete(planId);
      return {
        outcome: 'noted',
        cancelled: cancelled.map(cancelledPlan),
        ...(heldByIncidentId === undefined ? {} : { heldByIncidentId }),
      };
    },
    listNotedReturns: async (alias) =>
      [...state.notedReturns.entries()]
        .filter(([key]) => key.startsWith(`${aliasText(alias)}#`))
        .map(([key, eventTime]) => ({
          source: key.slice(aliasText(alias).length + 1) as SourceId,
          eventTime,
        }))
        .sort((a, b) => (a.source < b.source ? -1 : 1)),
    findNotedReturn: async (alias, source) => state.notedReturns.get(`${aliasText(alias)}#${source}`),
    ...memoryIncidents(state),
    ...memoryPlans(state),
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
    close: async (id, at, liftedAt, terminatedConnections) => {
      const record = present(offboardings.get(id), 'offboarding');
      if (record.closedAt === undefined) {
        if (record.liftedAt !== liftedAt) return;
        appendAudit(state, record.personId, closedDraft(record, at, terminatedConnections));
        noteTelling(state, tellingOfClose(record));
      }
      change(id, ({ closedAt = at }) => ({ closedAt }));
      openOffboardings.delete(id);
    },
  };
}

/** Changes a denial of a surge, on person and record, where it still stands. */
function memorySurgeDenials(state: MemoryState): Pick<OffboardingStore, 'confirm' | 'release'> {
  const { offboardings, people } = state;
  return {
    confirm: async ({ offboardingId, personId, meant }, at, by) => {
      if (meant === undefined) throw new Error('only a denial of a surge can be confirmed');
      const known = present(people.get(personId), 'person');
      const record = present(offboardings.get(offboardingId), 'offboarding');
      const isStanding = known.person.denials.some(
        (denial) => denial.offboardingId === offboardingId && denial.kind === 'surge',
      );
      if (!isStanding) return;
      appendAudit(state, personId, settledDraft('surgeConfirmed', record, at, by));
      const denials = known.person.denials.map((denial) =>
        denial.offboardingId === offboardingId ? { ...denial, kind: meant } : denial,
      );
      known.person = { ...known.person, denials };
      offboardings.set(offboardingId, { ...record, kind: meant, confirmedAt: at });
      if (!isHold({ kind: meant })) state.holds.delete(offboardingId);
    },
    release: async ({ offboardingId, personId, kind }, at, by) => {
      const known = present(people.get(personId), 'person');
      const { closedAt, ...record } = present(offboardings.get(offboardingId), 'offboarding');
      const end = isHold({ kind }) && closedAt !== undefined ? { closedAt } : {};
      const denials = known.person.denials.filter((denial) => denial.offboardingId !== offboardingId);
      if (denials.length === known.person.denials.length) return;
      appendAudit(state, personId, settledDraft('surgeReleased', record, at, by));
      known.person = { ...known.person, denials };
      state.holds.delete(offboardingId);
      if (!isHold({ kind })) state.openOffboardings.add(offboardingId);
      offboardings.set(offboardingId, { ...record, ...end, liftedAt: record.liftedAt ?? at });
    },
  };
}

function putLate({ offboardings }: MemoryState, { deniedAt: _, ...record }: OffboardingRecord): 'stale' {
  offboardings.set(record.offboardingId, record);
  return 'stale';
}

function memoryDenials(state: MemoryState): Pick<OffboardingStore, 'deny' | 'lift' | 'recordLate'> {
  const { offboardings, openOffboardings } = state;
  return {
    recordLate: async (record, event) =>
      keepEvent(state, event, { offboardingId: record.offboardingId }) ? putLate(state, record) : 'duplicate',
    deny: async (record, event, plan) => {
      const { offboardingId, personId, source, kind, eventTime } = record;
      if (record.deniedAt === undefined) throw new Error('a record without deniedAt is never followed up');
      if (state.events.has(eventText(event))) return 'duplicate';
      if (plan !== undefined && !state.plans.has(plan.planId)) return 'planGone';
      const known = present(state.people.get(personId), 'person');
      const isStale = (known.takenBack.get(source) ?? -1) > eventTime;
      if (isStale && plan !== undefined) return 'planGone';
      keepEvent(state, event, { offboardingId });
      if (isStale) return putLate(state, record);
      if (plan !== undefined) state.plans.delete(plan.planId);
      appendAudit(state, personId, deniedDraft(record, event));
      const denials = [...known.person.denials, { source, kind, eventTime, offboardingId }];
      denials.sort((a, b) => (a.offboardingId < b.offboardingId ? -1 : 1));
      known.person = { ...known.person, denials };
      offboardings.set(offboardingId, record);
      openOffboardings.add(offboardingId);
      noteTelling(state, tellingOfDenial(record));
      const incidentId = reviewedIncidentOf(source);
      const decided = incidentId === undefined ? {} : { incidentId };
      if (isHold(record))
        state.holds.set(offboardingId, { offboardingId, personId, since: record.deniedAt, ...decided });
      return 'denied';
    },
    lift: async (personId, sources, event) => {
      const known = present(state.people.get(personId), 'person');
      if (!keepEvent(state, event)) return { outcome: 'duplicate' };
      const { person, takenBack } = known;
      const isLate =
        (takenBack.get(event.source) ?? -1) > event.eventTime ||
        person.denials.some((one) => one.source === event.source && one.eventTime > event.eventTime);
      if (sources === 'all' && isLate) return { outcome: 'stale' };
      const isMeant = (one: { source: string; eventTime: number }): boolean =>
        sources === 'all' || (one.source === sources && one.eventTime <= event.eventTime);
      const lifted = person.denials.filter(isMeant);
      const cancelled = plansOf(state, person).filter(isMeant);
      const takeBack = (source: string, at: number): void => {
        takenBack.set(source, Math.max(at, takenBack.get(source) ?? 0));
      };
      takeBack(event.source, event.eventTime);
      if (sources === 'all') for (const one of [...lifted, ...cancelled]) takeBack(one.source, one.eventTime);
      known.person = { ...person, denials: person.denials.filter((denial) => !isMeant(denial)) };
      for (const { planId } of cancelled) state.plans.delete(planId);
      const ids = lifted.map(({ offboardingId }) => offboardingId);
      appendAudit(state, personId, liftedDraft(event, sources, ids));
      for (const denial of lifted) {
        const { offboardingId } = denial;
        const { closedAt, ...record } = present(offboardings.get(offboardingId), 'offboarding');
        const end = isHold(denial) && closedAt !== undefined ? { closedAt } : {};
        if (isHold(denial)) state.holds.delete(offboardingId);
        else openOffboardings.add(offboardingId);
        offboardings.set(offboardingId, { ...record, ...end, liftedAt: record.liftedAt ?? event.at });
      }
      if (lifted.length + cancelled.length > 0)
        return { outcome: 'lifted', lifted, cancelled: cancelled.map(cancelledPlan) };
      return { outcome: isLate ? 'stale' : 'nothingToLift' };
    },
  };
}
