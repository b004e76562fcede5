import { parsePersonId, parseSourceId, type SourceId } from '../../domain/identity.ts';
import type { PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { CancelledPlan } from '../../ports/plan-store.ts';
import { ItemReader, type Item } from './item.ts';
import { aliasKey, personKey, planKey, type Key } from './keys.ts';
import { aliasEntry, readAlias } from './person-items.ts';
import type { Action, Change } from './writes.ts';

/** What the item of a person or an alias knows of a source's plan. The whole of it is where it falls due. */
export interface PlanEntry {
  readonly source: SourceId;
  readonly planId: string;
  readonly eventTime: EpochMilliseconds;
}

const PREFIX = 'plan#';

/** The attribute of a source's plan: one for each, so that none needs a map that is there before it. */
export const planAttribute = (source: SourceId): string => `${PREFIX}${source}`;

export const planEntry = ({ planId, eventTime }: PlannedOffboarding): Item => ({ planId, eventTime });

/** The plans that the item of a person or an alias holds. */
export function readPlanEntries(item: Item): PlanEntry[] {
  const reader = new ItemReader(item);
  return Object.keys(item)
    .filter((name) => name.startsWith(PREFIX))
    .sort()
    .map((name) => {
      const entry = reader.map(name);
      const source = parseSourceId(name.slice(PREFIX.length)) ?? reader.broken(name);
      return { source, planId: entry.text('planId'), eventTime: entry.whole('eventTime') };
    });
}

export const cancelledPlan = ({ planId, source }: PlanEntry): CancelledPlan => ({ planId, source });

export const holderKey = ({ whom }: Pick<PlannedOffboarding, 'whom'>): Key =>
  'alias' in whom ? aliasKey(whom.alias) : personKey(whom.personId);

/** Takes plans off an alias, only while they are those that were read. */
export const removePlans = (
  holder: Key,
  plans: readonly Pick<PlanEntry, 'source' | 'planId'>[],
): { readonly update: Key; readonly change: Change } => ({
  update: holder,
  change: {
    set: `REMOVE ${plans.map((_, index) => `#plan${index}`).join(', ')}`,
    if: plans.map((_, index) => `#plan${index}.#planId = :plan${index}`).join(' AND '),
    names: {
      planId: 'planId',
      ...Object.fromEntries(plans.map(({ source }, index) => [`plan${index}`, planAttribute(source)])),
    },
    values: Object.fromEntries(plans.map(({ planId }, index) => [`plan${index}`, planId])),
  },
});

/** The rows by which plans are found when they are due, named for a transaction. */
export const removeDue = (plans: readonly Pick<PlanEntry, 'planId'>[]): Record<string, Action> =>
  Object.fromEntries(plans.map(({ planId }) => [`due ${planId}`, { remove: planKey(planId) }]));

export const planItem = (plan: PlannedOffboarding): Item => ({
  ...planKey(plan.planId),
  source: plan.source,
  eventId: plan.eventId,
  eventTime: plan.eventTime,
  receivedAt: plan.receivedAt,
  ...('alias' in plan.whom ? { alias: aliasEntry(plan.whom.alias) } : { personId: plan.whom.personId }),
  lastDay: plan.lastDay,
  effectiveAt: plan.effectiveAt,
  actor: plan.actor,
  comment: plan.comment,
});

export function readPlan(item: Item): PlannedOffboarding {
  const reader = new ItemReader(item);
  return {
    planId: reader.text('sk'),
    source: reader.parsed('source', parseSourceId),
    eventId: reader.text('eventId'),
    eventTime: reader.whole('eventTime'),
    receivedAt: reader.whole('receivedAt'),
    whom: reader.has('alias')
      ? { alias: readAlias(reader.map('alias')) }
      : { personId: reader.parsed('personId', parsePersonId) },
    lastDay: reader.text('lastDay'),
    effectiveAt: reader.whole('effectiveAt'),
    ...reader.optional('actor', (name) => reader.parsed(name, parsePersonId)),
    ...reader.optional('comment', (name) => reader.text(name)),
  };
}
