import type { Alias, PersonId } from '../../domain/identity.ts';
import { lastPlanIdAt, type PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import { monthOfDatedId } from '../../domain/dated-id.ts';
import type { EventIdentity } from '../../ports/offboarding-store.ts';
import type { PlanOutcome, PlanStore } from '../../ports/plan-store.ts';
import { aliasKey, personKey, planKey, PLANS_PK } from './keys.ts';
import { keepEvent, noteTelling } from './offboarding-items.ts';
import { readable } from './open-items.ts';
import { readAliasOwner, readPerson } from './person-items.ts';
import {
  holderKey,
  planAttribute,
  planEntry,
  planItem,
  readPlan,
  readPlanEntries,
  removeDue,
  removePlans,
  type PlanEntry,
} from './plan-items.ts';
import type { Item } from './item.ts';
import { backOff, getItem, getItems, queryItems, type DynamoTable } from './table.ts';
import { NOT_THERE, transact, type Action, type Condition } from './writes.ts';

/** Offboardings whose day lies ahead, in DynamoDB. */
export const dynamoPlanStore = (table: DynamoTable): PlanStore => ({
  plan: (plan, event) => keepPlan(table, plan, event),
  cancelPlan: async (plan) => {
    const failed = await transact<string>(table, {
      holder: removePlans(holderKey(plan), [plan]),
      ...removeDue([plan]),
    });
    return failed === undefined ? 'cancelled' : 'gone';
  },
  findPlan: async (planId) => {
    if (monthOfDatedId(planId) === undefined) return undefined;
    const item = await getItem(table, planKey(planId));
    return item === undefined ? undefined : readPlan(item);
  },
  listPlans: (page) => listPlans(table, page),
  listPlansOf: (person) => listPlansOf(table, person),
});

async function keepPlan(
  table: DynamoTable,
  plan: PlannedOffboarding,
  event: EventIdentity,
): Promise<PlanOutcome> {
  const eventPut = keepEvent(event, plan.receivedAt, { planId: plan.planId });
  for (let attempt = 1; ; attempt += 1) {
    const holder = await getItem(table, holderKey(plan));
    const seen = 'alias' in plan.whom ? aliasAsSeen(holder) : personAsSeen(holder, plan);
    if (seen === 'aliasOwned') return seen;
    const earlier = holder && readPlanEntries(holder).find(({ source }) => source === plan.source);
    if (seen === 'stale' || (earlier !== undefined && earlier.eventTime > plan.eventTime)) {
      const known = await transact(table, { event: keepEvent(event, plan.receivedAt) });
      return known === undefined ? 'stale' : 'duplicate';
    }
    const failed = await transact<string>(table, {
      event: eventPut,
      holder: holdPlan(plan, earlier, seen),
      due: { put: planItem(plan), condition: NOT_THERE },
      telling: noteTelling({ kind: 'planned', id: plan.planId }),
      ...removeDue(earlier === undefined ? [] : [earlier]),
    });
    if (failed === undefined) return 'planned';
    if (failed['event'] !== undefined) return 'duplicate';
    if (failed['holder'] === undefined) throw new Error('a plan with this id is there already');
    // Somebody wrote there after we looked: look again.
    if (!(await backOff(table, attempt))) throw new Error('a plan cannot be kept: others keep changing it');
  }
}

type Seen = Required<Condition> & { readonly set?: string };

/** Nothing taken back that is later; and nothing that is taken back meanwhile. */
function personAsSeen(item: Item | undefined, { source, eventTime }: PlannedOffboarding): Seen | 'stale' {
  if (item === undefined) throw new Error('nothing can be planned for nobody');
  const { denialChanges, takenBack } = readPerson(item);
  if ((takenBack.get(source) ?? 0) > eventTime) return 'stale';
  return {
    set: ', #changes = #changes + :one',
    if: '#changes = :seen',
    names: { changes: 'denialChanges' },
    values: { seen: denialChanges, one: 1 },
  };
}

/** Not exactly one person's: nobody's, or under review. */
function aliasAsSeen(item: Item | undefined): Seen | 'aliasOwned' {
  const owner = item && readAliasOwner(item);
  if (owner?.personId !== undefined && owner.heldByIncidentId === undefined) return 'aliasOwned';
  return {
    if: '(attribute_not_exists(#personId) OR attribute_exists(#held))',
    names: { personId: 'personId', held: 'heldByIncidentIds' },
    values: {},
  };
}

function holdPlan(plan: PlannedOffboarding, earlier: PlanEntry | undefined, seen: Seen): Action {
  const isAsSeen = earlier === undefined ? 'attribute_not_exists(#plan)' : '#plan.#planId = :earlier';
  return {
    update: holderKey(plan),
    change: {
      set: `SET #plan = :plan${seen.set ?? ''}`,
      if: `${seen.if} AND ${isAsSeen}`,
      names: {
        ...seen.names,
        plan: planAttribute(plan.source),
        ...(earlier === undefined ? {} : { planId: 'planId' }),
      },
      values: {
        ...seen.values,
        plan: planEntry(plan),
        ...(earlier === undefined ? {} : { earlier: earlier.planId }),
      },
    },
  };
}

const LAST_ID = lastPlanIdAt(2 ** 48 - 1);

async function listPlans(
  table: DynamoTable,
  { limit, until, after }: Parameters<PlanStore['listPlans']>[0],
): ReturnType<PlanStore['listPlans']> {
  const items = await queryItems(
    table,
    {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': PLANS_PK,
        // One after the id, since BETWEEN has both ends.
        ':from': after === undefined ? '0' : `${after}!`,
        ':to': until === undefined ? LAST_ID : lastPlanIdAt(until),
      },
    },
    limit,
  );
  const last = items.length < limit ? undefined : items.at(-1)?.['sk'];
  return {
    plans: readable(table, items, readPlan),
    ...(typeof last === 'string' ? { next: last } : {}),
  };
}

async function listPlansOf(
  table: DynamoTable,
  { personId, aliases }: { readonly personId: PersonId; readonly aliases: readonly Alias[] },
): Promise<PlannedOffboarding[]> {
  const holders = await getItems(table, [personKey(personId), ...aliases.map(aliasKey)]);
  const keys = holders.flatMap(readPlanEntries).map(({ planId }) => planKey(planId));
  const plans = (await getItems(table, keys)).map(readPlan);
  return plans.sort((a, b) => (a.planId < b.planId ? -1 : 1));
}
