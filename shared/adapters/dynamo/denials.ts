import { deniedDraft, liftedDraft } from '../../domain/audit-drafts.ts';
import { transactAudited } from './audit-chain.ts';
import { parsePersonId, reviewedIncidentOf, type PersonId, type SourceId } from '../../domain/identity.ts';
import type { OffboardingRecord } from '../../domain/offboarding.ts';
import type { PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import { tellingOfDenial } from '../../domain/telling.ts';
import { isHold, type Denial, type Hold } from '../../domain/person.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type {
  DenyOutcome,
  EventIdentity,
  LiftOutcome,
  OffboardingStore,
} from '../../ports/offboarding-store.ts';
import { ItemReader, type Item } from './item.ts';
import {
  aliasKey,
  eventKey,
  holdKey,
  HOLDS_PK,
  keyOf,
  offboardingKey,
  openOffboardingKey,
  personKey,
  type Key,
} from './keys.ts';
import { keepEvent, noteTelling, offboardingItem } from './offboarding-items.ts';
import { denialEntry, readPerson, type StoredPerson } from './person-items.ts';
import {
  cancelledPlan,
  holderKey,
  planAttribute,
  readPlanEntries,
  removeDue,
  removePlans,
  type PlanEntry,
} from './plan-items.ts';
import { readable } from './open-items.ts';
import { backOff, getItem, getItems, listItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, THERE, transact } from './writes.ts';
import type { Action, Change, NamedActions } from './writes.ts';

/** A transaction has at most 100 actions: record and note of each, plans, the person and the event. */
const LIFTED_AT_ONCE = 40;

/**
 * An event counts unless its source, or an administrator, took back what is as old: then it comes too late. At the same
 * time the later arrival counts: sources that know only days correct themselves within one.
 */
const unlessStale = {
  if: '(attribute_not_exists(#takenBack.#source) OR #takenBack.#source <= :eventTime)',
  names: { takenBack: 'takenBack' },
};

/** See OffboardingStore.deny. */
export async function deny(
  table: DynamoTable,
  record: OffboardingRecord,
  event: EventIdentity,
  plan?: PlannedOffboarding,
): Promise<DenyOutcome> {
  const { offboardingId, receivedAt } = record;
  if (record.deniedAt === undefined) throw new Error('a record without deniedAt would never be followed up');
  const isWithAlias = plan !== undefined && 'alias' in plan.whom;
  const named: NamedActions<string> = {
    event: keepEvent(event, receivedAt, { offboardingId }),
    person: { update: personKey(record.personId), change: denial(record, isWithAlias ? undefined : plan) },
    record: { put: offboardingItem(record), condition: NOT_THERE },
    open: { put: { ...openOffboardingKey(offboardingId) } },
    hold: isHold(record) ? { put: holdItem(record, record.deniedAt) } : undefined,
    telling: noteTelling(tellingOfDenial(record)),
    plan: isWithAlias ? removePlans(holderKey(plan), [plan]) : undefined,
    ...removeDue(plan === undefined ? [] : [plan]),
  };
  const draft = deniedDraft(record, event);
  const failed = await transactAudited(table, { personId: record.personId, draft, named });
  if (failed === undefined) return 'denied';
  if (failed['event'] !== undefined) return 'duplicate';
  if (failed['plan'] !== undefined) return 'planGone';
  if (failed['person'] === undefined) throw new Error('an offboarding with this id is there already');
  const old = failed['person'].old;
  if (old === undefined) throw new Error('nobody with this person id can be denied');
  // The condition on the plan stands beside that on the time, and a plan that is too late is gone.
  if (plan !== undefined) return 'planGone';
  return recordLate(table, record, event);
}

/** See OffboardingStore.recordLate. */
export async function recordLate(
  table: DynamoTable,
  { deniedAt: _, ...record }: OffboardingRecord,
  event: EventIdentity,
): Promise<'stale' | 'duplicate'> {
  const { offboardingId, receivedAt } = record;
  const late = await transact(table, {
    event: keepEvent(event, receivedAt, { offboardingId }),
    record: { put: offboardingItem(record), condition: NOT_THERE },
  });
  return late?.event === undefined ? 'stale' : 'duplicate';
}

function denial(record: OffboardingRecord, plan: PlannedOffboarding | undefined): Change {
  const { offboardingId, source, eventTime } = record;
  return {
    set: `SET #denials.#id = :denial, #changes = #changes + :one${plan === undefined ? '' : ' REMOVE #plan'}`,
    if: `attribute_exists(pk) AND ${unlessStale.if}${plan === undefined ? '' : ' AND #plan.#planId = :planId'}`,
    names: {
      ...unlessStale.names,
      denials: 'denials',
      id: offboardingId,
      source,
      changes: 'denialChanges',
      ...(plan === undefined ? {} : { plan: planAttribute(plan.source), planId: 'planId' }),
    },
    values: {
      denial: denialEntry(record),
      eventTime,
      one: 1,
      ...(plan === undefined ? {} : { planId: plan.planId }),
    },
  };
}

type LiftEvent = Parameters<OffboardingStore['lift']>[2];

/** What was found to be taken back, and what takes part in the decision. */
interface Lifting extends StoredPerson {
  readonly denials: readonly Denial[];
  readonly plans: readonly PlanEntry[];
  /** Plans from before the person was known, by where they are kept. */
  readonly aliasPlans: readonly { readonly holder: Key; readonly plans: readonly PlanEntry[] }[];
  readonly isLate: boolean;
}

/** See OffboardingStore.lift. */
export async function lift(
  table: DynamoTable,
  personId: PersonId,
  sources: 'all' | SourceId,
  event: LiftEvent,
): Promise<LiftOutcome> {
  const lifted: Denial[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const found = await lookAt(table, personId, sources, event);
    if (sources === 'all' && found.isLate) return recordStale(table, event);
    const denials = found.denials.slice(0, LIFTED_AT_ONCE);
    // More than one transaction takes: the event is kept with the last, so that a crash before it is tried again.
    const isLast = denials.length === found.denials.length;
    const part = isLast ? { ...found, denials } : { ...found, denials, plans: [], aliasPlans: [] };
    const cancelled = [...part.plans, ...part.aliasPlans.flatMap(({ plans }) => plans)].map(cancelledPlan);
    const named: NamedActions<string> = {
      event: isLast
        ? keepEvent(event, event.at)
        : { check: eventKey(event.source, event.eventId), condition: NOT_THERE },
      person: { update: personKey(personId), change: removal(event, part, sources) },
      ...Object.fromEntries(denials.map((one) => [one.offboardingId, markLifted(one, event.at)])),
      ...Object.fromEntries(
        denials.map((one) => [`note ${one.offboardingId}`, isHold(one) ? endHold(one) : openAgain(one)]),
      ),
      ...Object.fromEntries(
        part.aliasPlans.map(({ holder, plans }) => [holder.pk, removePlans(holder, plans)]),
      ),
      ...removeDue(cancelled),
    };
    const ids = denials.map(({ offboardingId }) => offboardingId);
    const draft = liftedDraft(event, sources, ids);
    const failed = await transactAudited(table, { personId, draft, named }, found.auditHead);
    if (failed === undefined) {
      lifted.push(...denials);
      if (!isLast) continue;
      if (lifted.length > 0 || cancelled.length > 0) return { outcome: 'lifted', lifted, cancelled };
      return { outcome: found.isLate ? 'stale' : 'nothingToLift' };
    }
    if (failed['event'] !== undefined) return { outcome: 'duplicate' };
    if (denials.some(({ offboardingId }) => failed[offboardingId] !== undefined))
      throw new Error('a denial has no record');
    // Denials or plans changed after we looked: look again.
    if (!(await backOff(table, attempt))) throw new Error('denials cannot be lifted: they keep changing');
  }
}

async function lookAt(
  table: DynamoTable,
  personId: PersonId,
  sources: 'all' | SourceId,
  { source, eventTime }: LiftEvent,
): Promise<Lifting> {
  const item = await getItem(table, personKey(personId));
  if (item === undefined) throw new Error('nobody with this person id can be reinstated');
  const stored = readPerson(item);
  const { denials, aliases } = stored.person;
  const isMeant = (one: { source: SourceId; eventTime: EpochMilliseconds }): boolean =>
    sources === 'all' || (one.source === sources && one.eventTime <= eventTime);
  const holders = await getItems(table, aliases.map(aliasKey));
  return {
    ...stored,
    denials: denials.filter(isMeant),
    plans: readPlanEntries(item).filter(isMeant),
    aliasPlans: holders
      .map((holder) => ({ holder: keyOf(holder), plans: readPlanEntries(holder).filter(isMeant) }))
      .filter(({ plans }) => plans.length > 0),
    isLate:
      (stored.takenBack.get(source) ?? Number.NEGATIVE_INFINITY) > eventTime ||
      denials.some((denial) => denial.source === source && denial.eventTime > eventTime),
  };
}

/** An event without effect is remembered all the same: its id can come again. */
async function recordStale(table: DynamoTable, event: LiftEvent): Promise<LiftOutcome> {
  const failed = await transact(table, { event: keepEvent(event, event.at) });
  return { outcome: failed === undefined ? 'stale' : 'duplicate' };
}

/**
 * Takes denials and plans off the person. Only while they are those that were read: one that came in between, though
 * its event is older than this one, would otherwise stay for good.
 */
function removal(
  event: LiftEvent,
  { denials, plans, aliasPlans, takenBack, denialChanges }: Lifting,
  sources: 'all' | SourceId,
): Change {
  const latest = new Map([[event.source, event.eventTime]]);
  // What an administrator lifted of a source is not to come back with an older event of that source.
  if (sources === 'all') {
    for (const { source, eventTime } of [...denials, ...plans, ...aliasPlans.flatMap((one) => one.plans)])
      latest.set(source, Math.max(eventTime, latest.get(source) ?? 0));
  }
  const times = [...latest].map(([source, at]) => {
    const before = takenBack.get(source);
    return { source, at: before !== undefined && before > at ? before : at };
  });
  const removed = [
    ...denials.map((_, index) => `#denials.#d${index}`),
    ...plans.map((_, index) => `#plan${index}`),
  ];
  return {
    set: [
      `SET ${times.map((_, index) => `#takenBack.#s${index} = :s${index}`).join(', ')}`,
      ', #changes = #changes + :one',
      ...(removed.length > 0 ? [` REMOVE ${removed.join(', ')}`] : []),
    ].join(''),
    if: 'attribute_exists(pk) AND #changes = :seen',
    names: {
      takenBack: 'takenBack',
      changes: 'denialChanges',
      ...(denials.length > 0 ? { denials: 'denials' } : {}),
      ...Object.fromEntries(times.map(({ source }, index) => [`s${index}`, source])),
      ...Object.fromEntries(denials.map(({ offboardingId }, index) => [`d${index}`, offboardingId])),
      ...Object.fromEntries(plans.map(({ source }, index) => [`plan${index}`, planAttribute(source)])),
    },
    values: {
      one: 1,
      seen: denialChanges,
      ...Object.fromEntries(times.map(({ at }, index) => [`s${index}`, at])),
    },
  };
}

const holdItem = (
  { offboardingId, personId, source }: OffboardingRecord,
  since: EpochMilliseconds,
): Item => ({ ...holdKey(offboardingId), personId, since, incidentId: reviewedIncidentOf(source) });

/** See OffboardingStore.listHolds. */
export const listHolds = async (table: DynamoTable): Promise<Hold[]> =>
  readable(table, await listItems(table, HOLDS_PK), (item) => {
    const reader = new ItemReader(item);
    return {
      offboardingId: reader.text('sk'),
      personId: reader.parsed('personId', parsePersonId),
      since: reader.whole('since'),
      ...reader.optional('incidentId', (name) => reader.text(name)),
    };
  });

/** What was done may have to be undone, also where nothing was left to do: a full list left off what it had no place for. */
const markLifted = (denial: Denial, at: EpochMilliseconds): Action => ({
  update: offboardingKey(denial.offboardingId),
  change: {
    set: `SET #liftedAt = if_not_exists(#liftedAt, :at)${isHold(denial) ? '' : ' REMOVE #closedAt'}`,
    ...THERE,
    names: isHold(denial) ? ['liftedAt'] : ['liftedAt', 'closedAt'],
    values: { at },
  },
});

const endHold = ({ offboardingId }: Denial): Action => ({ remove: holdKey(offboardingId) });
const openAgain = ({ offboardingId }: Denial): Action => ({ put: { ...openOffboardingKey(offboardingId) } });
