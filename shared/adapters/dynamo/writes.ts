import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import type { AttributeValue, CancellationReason } from '@aws-sdk/client-dynamodb';
import { PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { assertWholeNumbers } from './item.ts';
import type { Item } from './item.ts';
import type { Key } from './keys.ts';
import { backOff } from './table.ts';
import type { DynamoTable } from './table.ts';

/** A condition, with its names (`#x`) and values (`:x`) spelt without those signs. */
export interface Condition {
  readonly if?: string;
  /** Attribute name behind each `#name`; a name alone stands for itself. */
  readonly names?: Readonly<Record<string, string>> | readonly string[];
  readonly values?: Readonly<Record<string, unknown>>;
}

export interface Change extends Condition {
  /** UpdateExpression. */
  readonly set: string;
}

/** One action of a transaction. */
export type Action =
  | { readonly put: Item; readonly condition?: Condition }
  | { readonly update: Key; readonly change: Change }
  | { readonly check: Key; readonly condition: Condition }
  | { readonly remove: Key; readonly condition?: Condition };

/** The actions of a transaction by what they are called here; one that is undefined is left out. */
export type NamedActions<Name extends string> = Readonly<Record<Name, Action | undefined>>;

/** A condition that did not hold, and the item that stood there, in DynamoDB's own form. */
export interface FailedCondition {
  readonly old: Readonly<Record<string, AttributeValue>> | undefined;
}

export const NOT_THERE: Condition = { if: 'attribute_not_exists(pk)' };
export const THERE: Condition = { if: 'attribute_exists(pk)' };

/** Cancellations in which no condition spoke: the same transaction may well pass a moment later. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/**
 * Writes all or nothing.
 *
 * An action that is undefined is left out. Conflicts with other transactions and throttling are tried again; the
 * SDK's own repetitions carry the same token, so that none is applied twice.
 *
 * @returns undefined when written, else which conditions did not hold
 * @throws Error for what is no condition of ours, and for conflicts that do not end; never with an item in it
 */
export async function transact<Name extends string>(
  table: DynamoTable,
  named: Readonly<Record<Name, Action | undefined>>,
  others: readonly Action[] = [],
): Promise<{ readonly [N in Name]?: FailedCondition } | undefined> {
  const names: (Name | undefined)[] = [];
  const items: TransactItem[] = [];
  for (const name of Object.keys(named) as Name[]) {
    const action = named[name];
    if (action === undefined) continue;
    names.push(name);
    items.push(transactItem(table.tableName, action));
  }
  for (const action of others) items.push(transactItem(table.tableName, action));
  for (let attempt = 1; ; attempt += 1) {
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems: items }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      if (!reasons.some(({ Code }) => PASSING_CODES.has(Code ?? ''))) return failedOf(names, reasons, error);
      if (!(await backOff(table, attempt))) throw withoutItems(error);
    }
  }
}

/**
 * What is thrown in place of a cancellation, which carries the items that stood in the way: whoever logs an error
 * logs its attributes too, and with them somebody's name and e-mail address. The metadata tell that a service failed.
 */
function withoutItems({ CancellationReasons = [], $metadata }: TransactionCanceledException): Error {
  const codes = CancellationReasons.map(({ Code = 'None' }) => Code).filter((code) => code !== 'None');
  const said = codes.length > 0 ? [...new Set(codes)].join(', ') : 'no reason given';
  return Object.assign(new Error(`a transaction was cancelled: ${said}`), { $metadata: { ...$metadata } });
}

function failedOf<Name extends string>(
  names: readonly (Name | undefined)[],
  reasons: readonly CancellationReason[],
  error: TransactionCanceledException,
): { [N in Name]?: FailedCondition } {
  const failed: { [N in Name]?: FailedCondition } = {};
  let count = 0;
  for (const [index, reason] of reasons.entries()) {
    if (reason.Code === undefined || reason.Code === 'None') continue;
    const name = names[index];
    // An item too large, a wrong type: ours to mend, never an outcome.
    if (reason.Code !== 'ConditionalCheckFailed' || name === undefined) throw withoutItems(error);
    failed[name] = { old: reason.Item };
    count += 1;
  }
  if (count === 0) throw withoutItems(error);
  return failed;
}

/** Changes one item under a condition. @returns undefined when written */
export const updateIf = (
  table: DynamoTable,
  key: Key,
  change: Change,
): Promise<FailedCondition | undefined> =>
  unlessConditionFails(table, async () => {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: key,
        UpdateExpression: change.set,
        ...expression(change),
      }),
    );
  });

/** Changes one item under a condition and tells its changed attributes. */
export async function updateAndRead(
  table: DynamoTable,
  key: Key,
  change: Change,
): Promise<{ readonly changed: Item } | FailedCondition> {
  let changed: Item = {};
  const failed = await unlessConditionFails(table, async () => {
    const answer = await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: key,
        UpdateExpression: change.set,
        ReturnValues: 'UPDATED_NEW',
        ...expression(change),
      }),
    );
    changed = answer.Attributes ?? {};
  });
  return failed ?? { changed };
}

/** Puts one item under a condition. @returns undefined when written */
export const putIf = (
  table: DynamoTable,
  item: Item,
  condition: Condition,
): Promise<FailedCondition | undefined> =>
  unlessConditionFails(table, async () => {
    await table.client.send(new PutCommand(put(table.tableName, item, condition)));
  });

async function unlessConditionFails(
  table: DynamoTable,
  write: () => Promise<void>,
): Promise<FailedCondition | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write();
      return undefined;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { old: error.Item };
      // A single write that meets a transaction on its item; the SDK does not try that again.
      if (!(error instanceof TransactionConflictException) || !(await backOff(table, attempt))) throw error;
    }
  }
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

function transactItem(tableName: string, action: Action): TransactItem {
  const TableName = tableName;
  if ('put' in action) return { Put: put(TableName, action.put, action.condition) };
  if ('check' in action) {
    const { if: condition = '', ...rest } = action.condition;
    return {
      ConditionCheck: {
        TableName,
        Key: action.check,
        ...expression({ if: condition, ...rest }),
        ConditionExpression: condition,
      },
    };
  }
  if ('remove' in action)
    return { Delete: { TableName, Key: action.remove, ...expression(action.condition) } };
  const { change, update } = action;
  return { Update: { TableName, Key: update, UpdateExpression: change.set, ...expression(change) } };
}

function put(TableName: string, item: Item, condition?: Condition) {
  assertWholeNumbers(item);
  return { TableName, Item: item, ...expression(condition) };
}

interface Expression {
  ConditionExpression?: string;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

function expression(condition: Condition = {}): Expression {
  const { names = [], values = {} } = condition;
  assertWholeNumbers(values);
  const pairs = Array.isArray(names)
    ? (names as readonly string[]).map((name): [string, string] => [name, name])
    : Object.entries(names);
  const result: Expression = {};
  if (condition.if !== undefined) {
    result.ConditionExpression = condition.if;
    result.ReturnValuesOnConditionCheckFailure = 'ALL_OLD';
  }
  if (pairs.length > 0) {
    result.ExpressionAttributeNames = Object.fromEntries(pairs.map(([name, value]) => [`#${name}`, value]));
  }
  const valuePairs = Object.entries(values);
  if (valuePairs.length > 0) {
    result.ExpressionAttributeValues = Object.fromEntries(
      valuePairs.map(([name, value]) => [`:${name}`, value]),
    );
  }
  return result;
}
