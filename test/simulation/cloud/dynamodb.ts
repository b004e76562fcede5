import {
  QueryCommand as AttributeQueryCommand,
  TransactionConflictException,
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
import type { DynamoTable } from '../../../shared/adapters/dynamo/table.ts';
import { simulatedDynamoTable } from '../../support/simulated-dynamodb/client.ts';
import { cancelled, keyOf } from '../../support/simulated-dynamodb/table.ts';
import type { Invocation } from '../invocation.ts';

/** Carries out commands. */
export interface Executor {
  execute(command: unknown): unknown;
}

/** The table as one invocation sees it, through a client that sends again and a network that loses. */
export function tableFor(
  invocation: Invocation,
  table: Executor,
  onBroken: (error: Error) => void,
): DynamoTable {
  return simulatedDynamoTable(
    (command) => send(invocation, table, command),
    () => invocation.clock.sleep(100),
    onBroken,
  );
}

function send(invocation: Invocation, table: Executor, command: unknown): Promise<unknown> {
  const isTransaction = command instanceof TransactWriteCommand;
  const isWrite = isTransaction || command instanceof UpdateCommand || command instanceof PutCommand;
  const run = (): unknown => table.execute(command);
  let answered: { readonly value: unknown } | undefined;
  // The SDK repeats a transaction with its token, and DynamoDB answers as it did the first time.
  const once = (): unknown => (answered ??= { value: run() }).value;
  return invocation.effect('dynamodb', () => wordsFor(command), isTransaction ? once : run, {
    isRepeatable: true,
    ...(isWrite ? { conflict: () => conflictOf(isTransaction) } : {}),
  });
}

const conflictOf = (isTransaction: boolean): Error =>
  isTransaction
    ? cancelled([{ Code: 'TransactionConflict' }])
    : new TransactionConflictException({ message: 'conflict', $metadata: {} });

const placeOf = (key: Record<string, unknown> | undefined): string => {
  const [pk, sk] = keyOf(key);
  return pk.endsWith(sk) || pk.startsWith(sk) ? pk : `${pk}/${sk}`;
};

/** What a command does, in a few words. */
function wordsFor(command: unknown): string {
  if (command instanceof GetCommand) return `reads ${placeOf(command.input.Key)}`;
  if (command instanceof QueryCommand)
    return `lists ${String(command.input.ExpressionAttributeValues?.[':pk'])}`;
  if (command instanceof AttributeQueryCommand)
    return `lists ${command.input.ExpressionAttributeValues?.[':pk']?.S}`;
  if (command instanceof BatchGetCommand) return `reads a batch`;
  if (command instanceof PutCommand) return `puts ${placeOf(command.input.Item)}`;
  if (command instanceof UpdateCommand) {
    const { UpdateExpression = '', ExpressionAttributeNames = {}, Key } = command.input;
    const update = UpdateExpression.replaceAll(/#\w+/g, (name) => ExpressionAttributeNames[name] ?? name);
    return `changes ${placeOf(Key)}: ${update}`;
  }
  if (command instanceof BatchWriteCommand) return 'deletes a batch';
  if (command instanceof TransactWriteCommand) {
    const all = (command.input.TransactItems ?? []).map(({ Put, Update, Delete, ConditionCheck }) => {
      if (Put) return `put ${placeOf(Put.Item)}`;
      if (Update) return `change ${placeOf(Update.Key)}`;
      return Delete ? `delete ${placeOf(Delete.Key)}` : `check ${placeOf(ConditionCheck?.Key)}`;
    });
    return `writes at once: ${all.join(', ')}`;
  }
  return 'does something';
}
