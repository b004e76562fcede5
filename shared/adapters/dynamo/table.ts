import { setTimeout as sleep } from 'node:timers/promises';
import { QueryCommand as AttributeQueryCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Item } from './item.ts';
import type { Key } from './keys.ts';

/** The table and the client to speak to it with: what every store here is made of. */
export interface DynamoTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** Hears of an item that a list of open things had to leave out. The error names the item and no person. */
  readonly onBroken?: (error: Error) => void;
  /** Waits before another attempt; without it real time passes. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/**
 * The document client as the stores expect it. Retries and timeouts are those of the client given.
 *
 * What the SDK would log is left out: it copies each answer without its secrets, for a logger that nobody gave it,
 * which is a fifth of the time that reading thousands of rows takes.
 */
export function documentClientFrom(client: DynamoDBClient): DynamoDBDocumentClient {
  client.middlewareStack.remove('loggerMiddleware');
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

const BATCH_GET_LIMIT = 100;
const BATCH_WRITE_LIMIT = 25;
const ATTEMPTS = 8;
const FIRST_PAUSE_MILLISECONDS = 10;
const LONGEST_PAUSE_MILLISECONDS = 300;

/**
 * Waits before another attempt, longer each time and never twice the same, so that those who met do not meet again.
 *
 * @param attempt 1 before the first repetition
 * @returns false when there were enough
 */
export async function backOff(
  { pause = sleep }: Pick<DynamoTable, 'pause'>,
  attempt: number,
): Promise<boolean> {
  if (attempt >= ATTEMPTS) return false;
  const longest = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** attempt, LONGEST_PAUSE_MILLISECONDS);
  await pause(longest * (0.5 + Math.random() / 2));
  return true;
}

/** One item as it is now. */
export async function getItem(table: DynamoTable, key: Key): Promise<Item | undefined> {
  const { Item: item } = await table.client.send(
    new GetCommand({ TableName: table.tableName, Key: key, ConsistentRead: true }),
  );
  return item;
}

/** The items of those keys that are there, in no order. */
export async function getItems(table: DynamoTable, keys: readonly Key[]): Promise<Item[]> {
  const items: Item[] = [];
  for (const chunk of chunksOf(keys, BATCH_GET_LIMIT)) {
    let asked: Record<string, unknown>[] = chunk.map((key) => ({ ...key }));
    let attempt = 0;
    while (asked.length > 0) {
      const { Responses, UnprocessedKeys } = await table.client.send(
        new BatchGetCommand({ RequestItems: { [table.tableName]: { Keys: asked, ConsistentRead: true } } }),
      );
      const found = Responses?.[table.tableName] ?? [];
      items.push(...found);
      asked = UnprocessedKeys?.[table.tableName]?.Keys ?? [];
      if (asked.length === 0) break;
      // Some keys are left over whenever the answer is full; only an answer with nothing in it means throttling.
      attempt = found.length > 0 ? 1 : attempt + 1;
      if (!(await backOff(table, attempt)))
        throw new Error('DynamoDB leaves keys of a BatchGetItem unprocessed');
    }
  }
  return items;
}

/** All items of a query, or the first `limit` of them, in the order of the sort key. */
export async function queryItems(
  table: DynamoTable,
  query: Omit<QueryCommandInput, 'TableName' | 'ConsistentRead' | 'Limit' | 'ExclusiveStartKey'>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const items: Item[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        ...query,
        TableName: table.tableName,
        ConsistentRead: true,
        Limit: Number.isFinite(limit) ? limit - items.length : undefined,
        ExclusiveStartKey: from,
      }),
    );
    for (const item of Items ?? []) items.push(item);
    from = LastEvaluatedKey;
  } while (from !== undefined && items.length < limit);
  return items;
}

/** A query whose condition compares with texts, for attributes that are texts and numbers. */
interface ScalarQuery {
  readonly KeyConditionExpression: string;
  readonly ProjectionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  /** What ExpressionAttributeValues are made of. */
  readonly texts: Readonly<Record<`:${string}`, string>>;
}

/**
 * All items of such a query. Past the document client, which asks of each attribute all that it could be: of the time
 * that thousands of rows take, an eighth.
 */
export async function queryScalars(table: DynamoTable, query: ScalarQuery): Promise<Item[]> {
  const { texts, ...expressions } = query;
  const values = Object.entries(texts).map(([name, S]): [string, AttributeValue] => [name, { S }]);
  const items: Item[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await table.client.send(
      new AttributeQueryCommand({
        ...expressions,
        ExpressionAttributeValues: Object.fromEntries(values),
        TableName: table.tableName,
        ConsistentRead: true,
        ExclusiveStartKey: from,
      }),
    );
    for (const item of Items ?? []) items.push(scalarsOf(item));
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

/** What is neither a text nor a number becomes NaN, which no reader takes. */
function scalarsOf(attributes: Readonly<Record<string, AttributeValue>>): Item {
  const item: Record<string, unknown> = {};
  // Not over entries, which are an array for each attribute: a tenth of all that reading takes.
  for (const name of Object.keys(attributes)) {
    const attribute = attributes[name];
    item[name] = attribute?.S ?? Number(attribute?.N);
  }
  return item;
}

/** How many items a query finds. */
export async function countItems(
  table: DynamoTable,
  query: Pick<QueryCommandInput, 'KeyConditionExpression' | 'ExpressionAttributeValues'>,
): Promise<number> {
  let count = 0;
  let from: Record<string, unknown> | undefined;
  do {
    const { Count, LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        ...query,
        TableName: table.tableName,
        ConsistentRead: true,
        Select: 'COUNT',
        ExclusiveStartKey: from,
      }),
    );
    count += Count ?? 0;
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}

/** All items under one partition key, or those whose sort key begins with `prefix`. */
export const listItems = (table: DynamoTable, pk: string, prefix?: string): Promise<Item[]> =>
  queryItems(
    table,
    prefix === undefined
      ? { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }
      : {
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        },
  );

/** Deletes what is there of those keys. Not one transaction: some may be gone when it throws. */
export async function deleteItems(table: DynamoTable, keys: readonly Key[]): Promise<void> {
  for (const chunk of chunksOf(keys, BATCH_WRITE_LIMIT)) {
    let left: { DeleteRequest: { Key: Record<string, unknown> } }[] = chunk.map((key) => ({
      DeleteRequest: { Key: { ...key } },
    }));
    for (let attempt = 1; left.length > 0; attempt += 1) {
      const { UnprocessedItems } = await table.client.send(
        new BatchWriteCommand({ RequestItems: { [table.tableName]: left } }),
      );
      left = (UnprocessedItems?.[table.tableName] ?? []).flatMap(({ DeleteRequest }) =>
        DeleteRequest?.Key === undefined ? [] : [{ DeleteRequest: { Key: DeleteRequest.Key } }],
      );
      if (left.length > 0 && !(await backOff(table, attempt))) {
        throw new Error('DynamoDB leaves items of a BatchWriteItem unprocessed');
      }
    }
  }
}

/** Cuts into pieces of at most `size`. */
export function* chunksOf<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}
