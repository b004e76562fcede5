import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { documentClientFrom, type DynamoTable } from '../../../shared/adapters/dynamo/table.ts';
import { SimulatedTable } from './table.ts';

/** What stands between a store and its table: for example a network. */
export type Send = (command: unknown) => Promise<unknown>;

/** Never used to send anything; it lends its type. */
const client = documentClientFrom(new DynamoDBClient({ region: 'eu-west-1' }));

/** A table for the real stores, of which every command goes through `send`. */
export function simulatedDynamoTable(
  send: Send,
  pause: NonNullable<DynamoTable['pause']>,
  onBroken?: DynamoTable['onBroken'],
): DynamoTable {
  return {
    client: new Proxy(client, {
      get: (target, name): unknown => (name === 'send' ? send : Reflect.get(target, name)),
    }),
    tableName: 'simulated',
    pause,
    ...(onBroken === undefined ? {} : { onBroken }),
  };
}

/** A table over empty memory, with nothing in between. */
export function undisturbedDynamoTable(): DynamoTable {
  const table = new SimulatedTable();
  return simulatedDynamoTable(
    async (command) => table.execute(command),
    async () => undefined,
  );
}
