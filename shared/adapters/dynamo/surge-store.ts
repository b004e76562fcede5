import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { parsePersonId, parseSourceId, type SourceId } from '../../domain/identity.ts';
import { SURGE_WINDOW_SECONDS, type ExpectedLeavers, type SurgeSettlement } from '../../domain/surge.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { SurgeStore } from '../../ports/surge-store.ts';
import { ItemReader, type Item } from './item.ts';
import {
  expectedLeaversKey,
  holdersKey,
  OPEN_SETTLEMENTS_PK,
  openSettlementKey,
  settlementKey,
  surgeCountKey,
} from './keys.ts';
import { readOpen } from './open-items.ts';
import { getItem, type DynamoTable } from './table.ts';
import { NOT_THERE, putIf, THERE, transact } from './writes.ts';

const HOUR_MILLISECONDS = 3_600_000;
const SLOT_MILLISECONDS = 300_000;
const KEPT_HOURS = 3;

const DECISIONS = ['confirm', 'release'] as const;

/** Surges, in DynamoDB. */
export const dynamoSurgeStore = (table: DynamoTable): SurgeStore => ({
  count: (source, at) => count(table, source, at),
  counted: async (source, at) => {
    const hour = Math.floor(at / HOUR_MILLISECONDS);
    const current = await getItem(table, surgeCountKey(source, hour));
    return withinWindow([current, await hourBefore(table, source, hour)], at);
  },
  context: async (source) => {
    const [expected, holders] = await Promise.all([
      getItem(table, expectedLeaversKey(source)),
      getItem(table, holdersKey),
    ]);
    return {
      ...(expected === undefined ? {} : { expected: readExpected(expected) }),
      ...(holders === undefined ? {} : { holders: new ItemReader(holders).whole('holders') }),
    };
  },
  expect: async (source, { people, until, by }) => {
    await putIf(table, { ...expectedLeaversKey(source), people, until, by }, {});
  },
  holdersCountedAt: async () => {
    const item = await getItem(table, holdersKey);
    return item === undefined ? undefined : new ItemReader(item).whole('countedAt');
  },
  keepHolders: async (holders, countedAt) => {
    await putIf(table, { ...holdersKey, holders, countedAt }, {});
  },
  addSettlement: async (settlement) => {
    const failed = await transact(table, {
      settlement: { put: settlementItem(settlement), condition: NOT_THERE },
      open: { put: { ...openSettlementKey(settlement.settlementId) } },
    });
    if (failed !== undefined) throw new Error('a settlement with this id is there already');
  },
  listOpenSettlements: () => readOpen(table, OPEN_SETTLEMENTS_PK, settlementKey, readSettlement),
  closeSettlement: async ({ settlementId }, at) => {
    const failed = await transact(table, {
      settlement: {
        update: settlementKey(settlementId),
        change: {
          set: 'SET #settledAt = if_not_exists(#settledAt, :at)',
          ...THERE,
          names: ['settledAt'],
          values: { at },
        },
      },
      open: { remove: openSettlementKey(settlementId) },
    });
    if (failed !== undefined) throw new Error('no such settlement to close');
  },
});

async function count(table: DynamoTable, source: SourceId, at: EpochMilliseconds): Promise<number> {
  const hour = Math.floor(at / HOUR_MILLISECONDS);
  const slot = Math.floor(at / SLOT_MILLISECONDS);
  const { Attributes = {} } = await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key: { ...surgeCountKey(source, hour) },
      UpdateExpression: 'SET #slot = if_not_exists(#slot, :zero) + :one, #expiresAt = :expiresAt',
      ExpressionAttributeNames: { '#slot': slotName(slot), '#expiresAt': 'expiresAt' },
      ExpressionAttributeValues: { ':zero': 0, ':one': 1, ':expiresAt': (hour + KEPT_HOURS) * 3_600 },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return withinWindow([Attributes, await hourBefore(table, source, hour)], at);
}

const slotName = (slot: number): string => `slot${slot}`;

const hourBefore = (table: DynamoTable, source: SourceId, hour: number): Promise<Item | undefined> =>
  hour === 0 ? Promise.resolve(undefined) : getItem(table, surgeCountKey(source, hour - 1));

/** A slot counts while any moment of it is within the window. */
function withinWindow(items: readonly (Item | undefined)[], at: EpochMilliseconds): number {
  const oldest = Math.floor((at - SURGE_WINDOW_SECONDS * 1000) / SLOT_MILLISECONDS);
  let people = 0;
  for (const item of items) {
    const reader = new ItemReader(item ?? {});
    for (const name of Object.keys(reader.item)) {
      if (name.startsWith('slot') && Number(name.slice('slot'.length)) >= oldest)
        people += reader.whole(name);
    }
  }
  return people;
}

function readExpected(item: Item): ExpectedLeavers {
  const reader = new ItemReader(item);
  return {
    people: reader.whole('people'),
    until: reader.whole('until'),
    by: reader.parsed('by', parsePersonId),
  };
}

const settlementItem = (settlement: SurgeSettlement): Item => ({
  ...settlementKey(settlement.settlementId),
  ...settlement,
});

function readSettlement(item: Item): SurgeSettlement {
  const reader = new ItemReader(item);
  return {
    settlementId: reader.text('settlementId'),
    source: reader.parsed('source', parseSourceId),
    decision: reader.oneOf('decision', DECISIONS),
    since: reader.whole('since'),
    at: reader.whole('at'),
    by: reader.parsed('by', parsePersonId),
    ...reader.optional('comment', (name) => reader.text(name)),
    ...reader.optional('settledAt', (name) => reader.whole(name)),
  };
}
