import type { DynamoTable } from '../../../shared/adapters/dynamo/table.ts';
import { advanceOffboardings } from '../../../shared/use-cases/advance-offboardings.ts';
import { receiveEvent } from '../../../shared/use-cases/receive-event.ts';
import { dynamoStores } from '../../support/embedded-dynamodb.ts';
import { undisturbedDynamoTable } from '../../support/simulated-dynamodb/client.ts';
import { emailAlias, freshHex, HR } from '../../support/store-fixtures.ts';
import { CA_ID, silentAudit } from '../../support/world.ts';
import { answerQuestions } from './answering.ts';
import { ENDPOINT_ID, portalOver } from './portal.ts';
import { storePeople } from './stored-people.ts';

/** How many calls of the store one leaver takes, among so many people. */

function counting(table: DynamoTable): { readonly table: DynamoTable; readonly calls: () => number } {
  let calls = 0;
  const client = new Proxy(table.client, {
    get: (target, name): unknown => {
      const member: unknown = Reflect.get(target, name);
      if (name !== 'send' || typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        calls += 1;
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { table: { ...table, client }, calls: () => calls };
}

/** @returns calls of the store, from the event to the row of the list */
async function callsOfOne(stored: number): Promise<number> {
  const { table, calls } = counting(undisturbedDynamoTable());
  const stores = dynamoStores(table);
  const deps = { ...(await portalOver(stores)), audit: silentAudit() };
  const logins = Array.from({ length: stored }, (_, index) => `person${index + 1}`);
  await storePeople(stores, logins, { caId: CA_ID, endpointId: ENDPOINT_ID });
  const before = calls();
  const { outcome } = await receiveEvent(deps, {
    source: HR,
    eventId: freshHex(),
    kind: 'left',
    eventTime: Date.now(),
    whom: { alias: emailAlias('person1@example.com') },
    bodySha256Hex: freshHex(),
    receivedAt: Date.now(),
  });
  if (outcome !== 'denied') throw new Error(`the leaver is ${outcome}`);
  await advanceOffboardings(deps);
  return calls() - before;
}

answerQuestions(async ({ stored }) => ({ calls: await callsOfOne(Number(stored)) }));
