import {
  ConditionalCheckFailedException,
  QueryCommand as AttributeQueryCommand,
  TransactionCanceledException,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import {
  condition,
  isMap,
  update,
  validationError,
  type Attributes,
  type Placeholders,
} from './expressions.ts';

/** One item before and after something was written; undefined where there was none. */
export interface ItemChange {
  readonly pk: string;
  readonly sk: string;
  readonly before: Attributes | undefined;
  readonly after: Attributes | undefined;
}

/** What every expression of one action has beside it. */
interface Expressions {
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
  readonly ReturnValues?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

export type TableBackup = ReadonlyMap<string, ReadonlyMap<string, Attributes>>;

const MOST_ACTIONS = 100;

/**
 * One DynamoDB table in memory: conditional writes, transactions, consistent reads and queries, for the commands and
 * expressions that the stores use. Each command is carried out whole and at once, so that whoever schedules the
 * commands decides every interleaving. Held to the stores' contracts, as the real one is.
 */
export class SimulatedTable {
  readonly #partitions = new Map<string, Map<string, Attributes>>();
  #changes: ItemChange[] = [];

  /** Carries out one command. @throws what the client of AWS throws for a condition that does not hold */
  execute(command: unknown): Record<string, unknown> {
    if (command instanceof GetCommand) return { Item: this.find(...keyOf(command.input.Key)) };
    if (command instanceof QueryCommand) return this.#query(command.input);
    if (command instanceof AttributeQueryCommand) return this.#attributeQuery(command.input);
    if (command instanceof BatchGetCommand) return this.#batchGet(command.input.RequestItems ?? {});
    if (command instanceof PutCommand) {
      const { Item = {}, ...expressions } = command.input;
      this.#assertHolds(keyOf(Item), expressions);
      this.#put(Item);
      return {};
    }
    if (command instanceof UpdateCommand) {
      const { Key, ...expressions } = command.input;
      const key = keyOf(Key);
      this.#assertHolds(key, expressions);
      return { Attributes: this.#update(key, expressions) };
    }
    if (command instanceof TransactWriteCommand) return this.#transact(command.input.TransactItems ?? []);
    if (command instanceof BatchWriteCommand) return this.#batchWrite(command.input.RequestItems ?? {});
    throw validationError('a command that the simulated table does not know');
  }

  find(pk: string, sk: string): Attributes | undefined {
    return this.#partitions.get(pk)?.get(sk);
  }

  /** The items under a partition key, by sort key. */
  list(pk: string): Attributes[] {
    const partition = this.#partitions.get(pk) ?? new Map<string, Attributes>();
    return [...partition.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  }

  /** Every item whose partition key begins so: for whoever looks from outside, no command does this. */
  *scan(prefix: string): Generator<Attributes> {
    for (const [pk, partition] of this.#partitions) if (pk.startsWith(prefix)) yield* partition.values();
  }

  /** A copy as a backup has it. Items are never changed, so only their places are copied. */
  backup(): TableBackup {
    return new Map([...this.#partitions].map(([pk, partition]) => [pk, new Map(partition)]));
  }

  /** Becomes the table of a backup. */
  restore(backup: TableBackup): void {
    this.#partitions.clear();
    for (const [pk, partition] of backup) this.#partitions.set(pk, new Map(partition));
  }

  /** What was written since this was last asked. */
  takeChanges(): ItemChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  #write(pk: string, sk: string, after: Attributes | undefined): void {
    const partition = this.#partitions.get(pk) ?? new Map<string, Attributes>();
    this.#partitions.set(pk, partition);
    this.#changes.push({ pk, sk, before: partition.get(sk), after });
    if (after === undefined) partition.delete(sk);
    else partition.set(sk, after);
  }

  #put(item: Record<string, unknown>): void {
    const kept = withoutUndefined(item) as Attributes;
    this.#write(...keyOf(kept), kept);
  }

  #update([pk, sk]: [string, string], expressions: Expressions): Attributes {
    const before = this.find(pk, sk) ?? { pk, sk };
    const after = update(expressions.UpdateExpression ?? '')(before, placeholdersOf(expressions));
    this.#write(pk, sk, after);
    if (expressions.ReturnValues === 'ALL_NEW') return after;
    return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value));
  }

  #holds([pk, sk]: [string, string], expressions: Expressions): boolean {
    const { ConditionExpression: text } = expressions;
    return text === undefined || condition(text)(this.find(pk, sk), placeholdersOf(expressions));
  }

  #assertHolds(key: [string, string], expressions: Expressions): void {
    if (this.#holds(key, expressions)) return;
    const Item = this.#shown(key, expressions);
    throw new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: {},
      ...(Item === undefined ? {} : { Item }),
    });
  }

  #shown(key: [string, string], expressions: Expressions): Record<string, AttributeValue> | undefined {
    const item = this.find(...key);
    return item === undefined || expressions.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD'
      ? undefined
      : marshalled(item);
  }

  #transact(actions: NonNullable<TransactWriteCommand['input']['TransactItems']>): Record<string, unknown> {
    const all = actions.map(({ Put, Update, Delete, ConditionCheck }) => {
      if (Put) return { key: keyOf(Put.Item), with: Put, write: () => this.#put(Put.Item ?? {}) };
      if (Update) {
        const key = keyOf(Update.Key);
        return { key, with: Update, write: () => this.#update(key, Update) };
      }
      const removed = Delete ?? ConditionCheck;
      const key = keyOf(removed?.Key);
      return { key, with: removed ?? {}, write: () => Delete && this.#write(...key, undefined) };
    });
    const names = new Set(all.map(({ key }) => key.join(' ')));
    if (names.size < all.length || all.length > MOST_ACTIONS) {
      throw validationError('a transaction writes each item once, and at most a hundred');
    }
    const reasons = all.map(({ key, with: expressions }) => {
      if (this.#holds(key, expressions)) return { Code: 'None' };
      const Item = this.#shown(key, expressions);
      return { Code: 'ConditionalCheckFailed', ...(Item === undefined ? {} : { Item }) };
    });
    if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
    for (const { write } of all) write();
    return {};
  }

  #query(input: QueryCommand['input']): Record<string, unknown> {
    const holds = condition(input.KeyConditionExpression ?? '');
    const given = placeholdersOf(input);
    const pk = String(given.values[':pk']);
    const after: unknown = input.ExclusiveStartKey?.['sk'];
    const found = this.list(pk).filter(
      (item) => holds(item, given) && (typeof after !== 'string' || String(item['sk']) > after),
    );
    const page = found.slice(0, input.Limit ?? found.length);
    const names = input.ProjectionExpression?.split(',').map((name) => name.trim());
    const shown = names?.map((name) => given.names[name] ?? name);
    const items = shown === undefined ? page : page.map((item) => projected(item, shown));
    const last = page.at(-1);
    return {
      ...(input.Select === 'COUNT' ? {} : { Items: items }),
      Count: page.length,
      ...(page.length < found.length && last !== undefined
        ? { LastEvaluatedKey: { pk, sk: last['sk'] } }
        : {}),
    };
  }

  /** For whole answers of texts and numbers, asked for with texts. */
  #attributeQuery(input: AttributeQueryCommand['input']): Record<string, unknown> {
    const given = Object.entries(input.ExpressionAttributeValues ?? {});
    const ExpressionAttributeValues = Object.fromEntries(given.map(([name, { S }]) => [name, S]));
    const { Items } = this.#query({ ...input, ExpressionAttributeValues, ExclusiveStartKey: undefined });
    return { Items: (Items as Attributes[]).map(marshalled) };
  }

  #batchGet(asked: NonNullable<BatchGetCommand['input']['RequestItems']>): Record<string, unknown> {
    const responses: [string, Attributes[]][] = Object.entries(asked).map(([tableName, { Keys = [] }]) => [
      tableName,
      Keys.map((key) => this.find(...keyOf(key))).filter((item) => item !== undefined),
    ]);
    return { Responses: Object.fromEntries(responses), UnprocessedKeys: {} };
  }

  #batchWrite(asked: NonNullable<BatchWriteCommand['input']['RequestItems']>): Record<string, unknown> {
    for (const { DeleteRequest } of Object.values(asked).flat()) {
      this.#write(...keyOf(DeleteRequest?.Key), undefined);
    }
    return { UnprocessedItems: {} };
  }
}

/** A transaction that was not carried out, with a reason for each of its actions. */
export const cancelled = (
  reasons: { Code: string; Item?: Record<string, AttributeValue> }[],
): TransactionCanceledException =>
  new TransactionCanceledException({
    message: 'Transaction cancelled',
    $metadata: {},
    CancellationReasons: reasons,
  });

export function keyOf(item: Record<string, unknown> | undefined): [pk: string, sk: string] {
  const { pk, sk } = item ?? {};
  if (typeof pk !== 'string' || typeof sk !== 'string') throw validationError('a key has pk and sk');
  return [pk, sk];
}

const placeholdersOf = (expressions: Expressions): Placeholders => ({
  names: expressions.ExpressionAttributeNames ?? {},
  values: withoutUndefined(expressions.ExpressionAttributeValues ?? {}) as Attributes,
});

const projected = (item: Attributes, names: readonly string[]): Attributes =>
  Object.fromEntries(names.filter((name) => name in item).map((name) => [name, item[name]]));

/** As the document client writes it: what is undefined is left out. Also a copy, so that nobody changes what is stored. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isMap(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutUndefined(inner)]));
}

/** An item in DynamoDB's own form, as errors carry it. */
const marshalled = (item: Attributes): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]));

function attribute(value: unknown): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  if (value instanceof Set) return { SS: [...value].map(String) };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  if (isMap(value)) return { M: marshalled(value) };
  throw validationError('a type that DynamoDB does not store');
}
