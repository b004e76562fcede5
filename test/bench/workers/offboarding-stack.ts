import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { startDynamoDb } from '../../../infra/local/dynamodb.ts';
import { startStack } from '../../../infra/local/stack.ts';
import { documentClientFrom, type DynamoTable } from '../../../shared/adapters/dynamo/table.ts';
import { personIdFrom } from '../../../shared/domain/identity.ts';
import { eachAtOnce } from '../../../shared/use-cases/each-at-once.ts';
import { dynamoStores } from '../../support/embedded-dynamodb.ts';
import { simulatedDynamoTable } from '../../support/simulated-dynamodb/client.ts';
import { SimulatedTable } from '../../support/simulated-dynamodb/table.ts';
import { HR, SCIM } from '../../support/store-fixtures.ts';
import { BENCH_AWS } from '../table.ts';
import { answerQuestions } from './answering.ts';
import { bareVpn } from './bare-vpn.ts';
import { storePeople } from './stored-people.ts';

/** The whole local stack, for whoever says over HTTP that people leave. Argument: the file that tells where. */

const AT_ONCE = 16;
/** BatchWriteItem's. */
const MOST_WRITES = 25;
/** Minutes on a busy machine. */
const CUT_WITHIN_MILLISECONDS = 600_000;
const MOST_SWEEPS = 20;
const MOST_TRIES = 3;
/** How many of those who were cut are tried again. */
const TRIED_AGAIN = 100;

const [infoFile = ''] = process.argv.slice(2);
const vpn = bareVpn();
// In memory: on a laptop each transaction waits for its disk, which no DynamoDB of AWS has.
const database = await startDynamoDb();
process.env['AWS_ENDPOINT_URL_DYNAMODB'] = database.endpoint;
const stack = await startStack({ vpn: vpn.backend, schedules: 'manual' });
await stack.settled();
const tableName = stack.service.functions[0]?.environment['TABLE_NAME'] ?? '';
const client = documentClientFrom(new DynamoDBClient({ ...BENCH_AWS, endpoint: stack.dynamoDbEndpoint }));
const stores = dynamoStores({ client, tableName });
const [endpoint] = await stores.endpoints.list();
if (endpoint === undefined) throw new Error('the stack has no endpoint');
const { endpointId, caId } = endpoint;
const commonNames = new Map<string, string>();

/** Through the stores into memory, then whole into the table: what is measured comes afterwards. */
async function addPeople(logins: readonly string[]): Promise<void> {
  const memory = new SimulatedTable();
  const execute = async (command: unknown): Promise<unknown> => memory.execute(command);
  const table: DynamoTable = simulatedDynamoTable(execute, async () => undefined);
  const added = await storePeople(dynamoStores(table), logins, { caId, endpointId });
  const items = [...memory.scan('')];
  const batches = Array.from({ length: Math.ceil(items.length / MOST_WRITES) }, (_, index) =>
    items.slice(index * MOST_WRITES, (index + 1) * MOST_WRITES),
  );
  await eachAtOnce(batches, AT_ONCE, async (batch) => {
    const RequestItems = { [tableName]: batch.map((Item) => ({ PutRequest: { Item } })) };
    const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems }));
    if (Object.keys(UnprocessedItems).length > 0) throw new Error('the table did not take every item');
  });
  const by = personIdFrom('https://id.example', 'adam');
  const until = Date.now() + 3_600_000;
  // Whoever left before within the hour counts too.
  const people = commonNames.size + logins.length;
  for (const source of [HR, SCIM]) await stores.surges.expect(source, { people, until, by });
  await eachAtOnce([...added], AT_ONCE, async ([login, commonName]) => {
    let tries = 0;
    // The gate refuses where the table does not answer within two seconds, as on a machine that is busy; clients try again.
    while (!(await vpn.connect(commonName))) {
      if ((tries += 1) === MOST_TRIES) throw new Error(`${login} was not let in`);
    }
    commonNames.set(login, commonName);
  });
}

const commonNameOf = (login: string): string => {
  const found = commonNames.get(login);
  if (found === undefined) throw new Error(`${login} was never connected`);
  return found;
};

/** @returns when each was cut; all of them were, they are not let in again, and nobody else was */
async function cut(prefix: string, staying: string): Promise<Record<string, number>> {
  const all = [...commonNames.keys()];
  const leavers = all.filter((login) => login.startsWith(prefix));
  const until = performance.now() + CUT_WITHIN_MILLISECONDS;
  while (!leavers.every((login) => vpn.endedAt.has(commonNameOf(login)))) {
    if (performance.now() > until) throw new Error('not everybody was cut');
    await sleep(20);
  }
  for (const login of all.filter((one) => one.startsWith(staying))) {
    if (!vpn.isConnected(commonNameOf(login))) throw new Error(`${login} was cut too`);
  }
  for (const login of leavers.slice(0, TRIED_AGAIN)) {
    if (await vpn.connect(commonNameOf(login))) throw new Error(`${login} came back`);
  }
  return Object.fromEntries(leavers.map((login) => [login, vpn.endedAt.get(commonNameOf(login)) ?? NaN]));
}

/** @returns how long the sweep takes, by as many runs as it needs, until every certificate has its row */
async function revoke(): Promise<{ milliseconds: number; runs: number }> {
  const began = performance.now();
  for (let runs = 1; runs <= MOST_SWEEPS; runs += 1) {
    await stack.fireSchedule('offboarding-sweep');
    const open = await stores.offboardings.listOpen();
    if (open.every(({ revokedAt }) => revokedAt !== undefined)) {
      return { milliseconds: performance.now() - began, runs };
    }
  }
  throw new Error(`not everybody was revoked in ${MOST_SWEEPS} runs of the sweep`);
}

const where = { apiUrl: stack.apiUrl, hrSecret: stack.hrSecret, scimToken: stack.scimToken };
writeFileSync(infoFile, JSON.stringify(where));

answerQuestions(async ({ kind, prefix, staying, people }) => {
  switch (kind) {
    case 'add': {
      const began = performance.now();
      await addPeople(Array.from({ length: Number(people) }, (_, index) => `${prefix}${index + 1}`));
      return { milliseconds: performance.now() - began };
    }
    case 'settle':
      await stack.settled(CUT_WITHIN_MILLISECONDS);
      return {};
    case 'cut':
      return cut(String(prefix), String(staying));
    case 'revoke':
      return revoke();
    case 'close':
      await stack.close();
      await database.close();
      return {};
    default:
      return {};
  }
});
