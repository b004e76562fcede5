import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, startDynamoDb } from '../../../infra/local/dynamodb.ts';
import { documentClientFrom, type DynamoTable } from '../../../shared/adapters/dynamo/table.ts';
import { commonNameFor } from '../../../shared/domain/common-name.ts';
import { personIdFrom } from '../../../shared/domain/identity.ts';
import { advanceOffboardings } from '../../../shared/use-cases/advance-offboardings.ts';
import { cutConnections } from '../../../shared/use-cases/cut-connections.ts';
import { eachAtOnce } from '../../../shared/use-cases/each-at-once.ts';
import { receiveEvent } from '../../../shared/use-cases/receive-event.ts';
import { dynamoStores } from '../../support/embedded-dynamodb.ts';
import { CA_ID, silentAudit } from '../../support/world.ts';
import { undisturbedDynamoTable } from '../../support/simulated-dynamodb/client.ts';
import {
  emailAlias,
  freshHex,
  HR,
  issuedFrom,
  registered,
  reservationOf,
} from '../../support/store-fixtures.ts';
import { quantile } from '../rounds.ts';
import { BENCH_AWS, TABLE } from '../table.ts';
import { answerQuestions } from './answering.ts';
import { ENDPOINT_ID, portalOver } from './portal.ts';

/** Leavers over a table: how long until each is denied, and cut; or how many calls of the store each takes. */

const AT_ONCE = 8;

async function portalWith(table: DynamoTable, leavers: number, others: number) {
  const calls = { count: 0 };
  const { client } = table;
  const counted = new Proxy(client, {
    get: (target, name): unknown => {
      const member: unknown = Reflect.get(target, name);
      if (name !== 'send' || typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        calls.count += 1;
        return Reflect.apply(member, target, args);
      };
    },
  });
  const stores = dynamoStores({ ...table, client: counted });
  const deps = { ...(await portalOver(stores)), audit: silentAudit() };
  const connected = new Map<string, string>();
  const cutAt = new Map<string, number>();
  const logins = Array.from({ length: leavers + others }, (_, index) => `person${index + 1}`);
  await eachAtOnce(logins, AT_ONCE, async (login) => {
    const { personId, enrolments } = await registered(stores, login);
    const now = Math.floor(Date.now() / 1000);
    const times = { notBefore: now - 300, notAfter: now + 180 * 86_400, reservedAt: now };
    const draft = reservationOf(personId, { caId: CA_ID, endpointIds: [ENDPOINT_ID], ...times });
    const record = { ...draft, commonName: commonNameFor(draft.certificateId, login) };
    await stores.certificates.reserve(record, { enrolmentsSeen: enrolments });
    await stores.certificates.markIssued(record, issuedFrom(record));
    connected.set(login, record.commonName);
  });
  const by = personIdFrom('https://id.example', 'adam');
  await stores.surges.expect(HR, { people: leavers, until: Date.now() + 3_600_000, by });
  deps.connections.list = async () =>
    [...connected].map(([connectionId, commonName]) => ({ connectionId, commonName, status: 'active' }));
  deps.connections.terminate = async (_endpointId, connectionId) => {
    cutAt.set(connectionId, performance.now());
    return connected.delete(connectionId);
  };
  return { deps, calls, connected, cutAt, leaving: logins.slice(0, leavers), others };
}

type Portal = Awaited<ReturnType<typeof portalWith>>;

const leave = ({ deps }: Portal, login: string) =>
  receiveEvent(deps, {
    source: HR,
    eventId: freshHex(),
    kind: 'left',
    eventTime: Date.now(),
    whom: { alias: emailAlias(`${login}@example.com`) },
    bodySha256Hex: freshHex(),
    receivedAt: Date.now(),
  });

/** @returns milliseconds */
async function times(portal: Portal): Promise<Record<string, number>> {
  const began = new Map<string, number>();
  const denied: number[] = [];
  const all = performance.now();
  const telling = eachAtOnce(portal.leaving, AT_ONCE, async (login) => {
    const from = performance.now();
    began.set(login, from);
    const { outcome } = await leave(portal, login);
    if (outcome !== 'denied') throw new Error(`${login} is ${outcome}`);
    denied.push(performance.now() - from);
  });
  while (portal.connected.size > portal.others) await cutConnections(portal.deps, ENDPOINT_ID);
  await telling;
  const cut = portal.leaving.map((login) => (portal.cutAt.get(login) ?? NaN) - (began.get(login) ?? NaN));
  if (portal.connected.size !== portal.others) throw new Error('others were cut');
  const worked = performance.now();
  for (let runs = 0; runs < 9; runs += 1) {
    await advanceOffboardings(portal.deps);
    const open = await portal.deps.offboardings.listOpen();
    if (open.every(({ revokedAt }) => revokedAt !== undefined)) break;
  }
  return {
    deniedP50: quantile(denied, 0.5),
    deniedP99: quantile(denied, 0.99),
    cutP50: quantile(cut, 0.5),
    cutP99: quantile(cut, 0.99),
    allDenied: Math.max(...began.values()) - all,
    revoked: performance.now() - worked,
  };
}

/** @returns calls of the store for one leaver, from the event to the row of the list */
async function callsOfOne(stored: number): Promise<number> {
  const portal = await portalWith(undisturbedDynamoTable(), 1, stored);
  const before = portal.calls.count;
  for (const login of portal.leaving) await leave(portal, login);
  await advanceOffboardings(portal.deps);
  return portal.calls.count - before;
}

answerQuestions(async ({ kind, leavers, stored }) => {
  if (kind === 'calls') return { calls: await callsOfOne(Number(stored)) };
  const database = await startDynamoDb();
  try {
    const plain = new DynamoDBClient({ ...BENCH_AWS, endpoint: database.endpoint });
    await createTable(plain, TABLE);
    const table = { client: documentClientFrom(plain), tableName: TABLE };
    return await times(await portalWith(table, Number(leavers), 10));
  } finally {
    await database.close();
  }
});
