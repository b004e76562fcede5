import { parseSourceId, type Alias, type SourceId } from '../../domain/identity.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { NotedReturn, NotedReturnOutcome } from '../../ports/offboarding-store.ts';
import { ItemReader } from './item.ts';
import { aliasKey, notedReturnKey } from './keys.ts';
import { expiryOf } from './offboarding-items.ts';
import { readAliasOwner } from './person-items.ts';
import { cancelledPlan, readPlanEntries, removeDue, removePlans, type PlanEntry } from './plan-items.ts';
import { backOff, getItem, listItems, type DynamoTable } from './table.ts';
import { transact, type Action } from './writes.ts';

/** See OffboardingStore.noteReturn. */
export async function noteReturn(
  table: DynamoTable,
  alias: Alias,
  { source, eventTime, receivedAt }: NotedReturn,
): Promise<NotedReturnOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const item = await getItem(table, aliasKey(alias));
    const { personId, heldByIncidentId } = item === undefined ? {} : readAliasOwner(item);
    if (personId !== undefined && heldByIncidentId === undefined) return { outcome: 'aliasOwned' };
    const held = heldByIncidentId === undefined ? {} : { heldByIncidentId };
    const cancelled = (item === undefined ? [] : readPlanEntries(item)).filter(
      (plan) => plan.source === source && plan.eventTime <= eventTime,
    );
    const failed = await transact<string>(table, {
      alias: undecided(alias, cancelled),
      returned: {
        update: notedReturnKey(alias, source),
        change: {
          set: 'SET #eventTime = :eventTime, #expiresAt = :expiresAt',
          if: 'attribute_not_exists(#eventTime) OR #eventTime < :eventTime',
          names: ['eventTime', 'expiresAt'],
          values: { eventTime, expiresAt: expiryOf(receivedAt) },
        },
      },
      ...removeDue(cancelled),
    });
    if (failed === undefined) return { outcome: 'noted', cancelled: cancelled.map(cancelledPlan), ...held };
    // A later one is noted already, and took back what this one would.
    if (failed['alias'] === undefined) return { outcome: 'noted', cancelled: [], ...held };
    if (!(await backOff(table, attempt)))
      throw new Error('a return cannot be noted: its alias keeps changing');
  }
}

/** Not exactly one person's. */
const UNDECIDED = {
  if: '(attribute_not_exists(#personId) OR attribute_exists(#held))',
  names: { personId: 'personId', held: 'heldByIncidentIds' },
};

function undecided(alias: Alias, cancelled: readonly PlanEntry[]): Action {
  if (cancelled.length === 0) return { check: aliasKey(alias), condition: UNDECIDED };
  const { change, update } = removePlans(aliasKey(alias), cancelled);
  return {
    update,
    change: {
      ...change,
      if: `${change.if ?? ''} AND ${UNDECIDED.if}`,
      names: { ...change.names, ...UNDECIDED.names },
    },
  };
}

/** See OffboardingStore.findNotedReturn. */
export async function findNotedReturn(
  table: DynamoTable,
  alias: Alias,
  source: SourceId,
): Promise<EpochMilliseconds | undefined> {
  const item = await getItem(table, notedReturnKey(alias, source));
  return item === undefined ? undefined : new ItemReader(item).whole('eventTime');
}

/** See OffboardingStore.listNotedReturns. */
export async function listNotedReturns(
  table: DynamoTable,
  alias: Alias,
): Promise<Pick<NotedReturn, 'source' | 'eventTime'>[]> {
  const { pk, sk: prefix } = notedReturnKey(alias, '' as SourceId);
  return (await listItems(table, pk, prefix)).map((item) => {
    const reader = new ItemReader(item);
    const source = parseSourceId(reader.text('sk').slice(prefix.length)) ?? reader.broken('sk');
    return { source, eventTime: reader.whole('eventTime') };
  });
}
