import { ADMINISTRATOR } from '../../../shared/domain/identity.ts';
import type { DynamoTable } from '../../../shared/adapters/dynamo/table.ts';
import { dynamoStores, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import type { EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import {
  CA_ID,
  denied,
  emailAlias,
  eventOf,
  HR,
  incidentOf,
  issued,
  NOW,
  NOW_MILLISECONDS,
  offboardingOf,
  registered,
  registrationOf,
  reserved,
  SCIM,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

/** Where the store reads before it writes, somebody writes in between: the outcome must be that of some order. */

let dynamoDb: EmbeddedDynamoDb;
let table: DynamoTable;
let stores: Stores;

beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.close());
beforeEach(async () => {
  table = await dynamoDb.newTable();
  stores = dynamoStores(table);
});
afterEach(() => dynamoDb.client.middlewareStack.remove('meanwhile'));

/** Does something right before the next transaction is sent, or one of those after it. */
function meanwhile(action: () => Promise<unknown>, transactionsBefore = 0): void {
  let left = transactionsBefore;
  let isDone = false;
  dynamoDb.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName === 'TransactWriteItemsCommand' && !isDone) {
        isDone = left === 0;
        left -= 1;
        if (isDone) await action();
      }
      return next(args);
    },
    { step: 'initialize', name: 'meanwhile' },
  );
}

const AT = NOW_MILLISECONDS + 1_000;
const followsFrom = (offboardingId: string) =>
  ({ revocationDate: NOW, reason: 'cessationOfOperation', by: 'offboarding', offboardingId }) as const;
const lifting = (eventTime = AT, source = HR) => ({ ...eventOf(source), eventTime, at: eventTime });

it('refuses an alias that another claimed meanwhile', async () => {
  const alias = emailAlias('info@example.com');
  meanwhile(() => stores.people.register(registrationOf('bob', { aliases: [alias] })));
  const { person, refused } = await stores.people.register(registrationOf('alice', { aliases: [alias] }));
  const owner = { personId: registrationOf('bob').personId };
  expect(person.aliases).toEqual([]);
  expect(refused).toEqual([{ alias, owner }]);
  expect(await stores.people.findAliasOwner(alias)).toEqual(owner);
});

it('refuses an alias that an incident came to hold meanwhile', async () => {
  const incident = incidentOf(emailAlias('alice@example.com'));
  meanwhile(() => stores.offboardings.openIncidentForEvent(incident, eventOf()));
  const { person } = await stores.people.register(registrationOf('alice'));
  expect(person.aliases).toEqual([]);
});

it('leaves a person as she is who was made, and denied, meanwhile', async () => {
  const { personId } = registrationOf('alice');
  meanwhile(async () => {
    await registered(stores, 'alice');
    await reserved(stores, personId);
    await denied(stores, personId);
  });
  const { person } = await stores.people.register(registrationOf('alice', { login: 'alice.smith' }));
  expect(person).toMatchObject({ login: 'alice.smith', enrolments: 1 });
  expect(person.denials).toHaveLength(1);
});

it('lifts an older denial that came meanwhile', async () => {
  const { personId } = await registered(stores, 'alice');
  await denied(stores, personId);
  const late = offboardingOf(personId);
  meanwhile(() => stores.offboardings.deny(late, eventOf()));
  const result = await stores.offboardings.lift(personId, HR, lifting());
  expect(result.outcome === 'lifted' && result.lifted).toHaveLength(2);
  expect((await stores.people.find(personId))?.denials).toEqual([]);
  expect((await stores.offboardings.find(late.offboardingId))?.liftedAt).toBe(AT);
});

it('lifts nothing when something newer was said meanwhile', async () => {
  const { personId } = await registered(stores, 'alice');
  await denied(stores, personId);
  meanwhile(() => denied(stores, personId, { eventTime: AT + 1 }));
  expect(await stores.offboardings.lift(personId, HR, lifting())).toMatchObject({ outcome: 'lifted' });
  expect((await stores.people.find(personId))?.denials).toMatchObject([{ eventTime: AT + 1 }]);
});

it('lifts once when two deliveries of one event meet', async () => {
  const { personId } = await registered(stores, 'alice');
  await denied(stores, personId);
  const event = lifting(AT, ADMINISTRATOR);
  meanwhile(() => stores.offboardings.lift(personId, 'all', event));
  expect(await stores.offboardings.lift(personId, 'all', event)).toEqual({ outcome: 'duplicate' });
});

describe('a revocation that is about to be undone', () => {
  const revokedAndLifted = async () => {
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const revocation = followsFrom((await denied(stores, personId)).offboardingId);
    await stores.certificates.revoke(record, revocation, AT);
    await stores.offboardings.lift(personId, HR, lifting());
    return { ...record, revocation };
  };

  it('stays when a list takes it up meanwhile', async () => {
    const record = await revokedAndLifted();
    meanwhile(async () => stores.revocations.claim(CA_ID, await stores.revocations.list(CA_ID, 0), 5));
    expect(await stores.certificates.undoRevocation(record, NOW_MILLISECONDS)).toBe('published');
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(record.revocation);
    expect((await stores.revocations.list(CA_ID, 0)).map(({ crlNumber }) => crlNumber)).toEqual([5]);
  });

  it('passes to a denial that comes meanwhile', async () => {
    const record = await revokedAndLifted();
    const later = offboardingOf(record.personId, { source: SCIM });
    meanwhile(async () => {
      await stores.offboardings.deny(later, eventOf(SCIM));
      const outcome = await stores.certificates.revoke(record, followsFrom(later.offboardingId), AT);
      expect(outcome).toBe('alreadyRevoked');
    });
    expect(await stores.certificates.undoRevocation(record, NOW_MILLISECONDS)).toBe('notRevoked');
    const after = await stores.certificates.find(record.certificateId);
    expect(after?.revocation?.offboardingId).toBe(later.offboardingId);
    expect(await stores.revocations.list(CA_ID, 0)).toHaveLength(1);
  });

  it('is undone when the denial that it would pass to is lifted meanwhile', async () => {
    const record = await revokedAndLifted();
    await denied(stores, record.personId, { source: SCIM });
    meanwhile(() => stores.offboardings.lift(record.personId, SCIM, lifting(AT, SCIM)));
    expect(await stores.certificates.undoRevocation(record, NOW_MILLISECONDS)).toBe('undone');
    expect(await stores.revocations.list(CA_ID, 0)).toEqual([]);
  });

  it('is undone once, and not again when its owner revoked meanwhile', async () => {
    const record = await revokedAndLifted();
    const byOwner = { revocationDate: NOW, reason: 'keyCompromise', by: 'owner' } as const;
    meanwhile(async () => {
      await stores.certificates.undoRevocation(record, NOW_MILLISECONDS);
      await stores.certificates.revoke(record, byOwner, AT + 1);
    });
    expect(await stores.certificates.undoRevocation(record, NOW_MILLISECONDS)).toBe('notRevoked');
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(byOwner);
    expect(await stores.revocations.list(CA_ID, 0)).toHaveLength(1);
  });
});

describe('a revocation that is about to be taken over', () => {
  const BY_OWNER = { revocationDate: NOW + 5, reason: 'keyCompromise', by: 'owner' } as const;

  const offboarded = async () => {
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const revocation = followsFrom((await denied(stores, personId)).offboardingId);
    await stores.certificates.revoke(record, revocation, AT);
    return { ...record, revocation };
  };
  const revocationOf = async ({ certificateId }: Awaited<ReturnType<typeof offboarded>>) =>
    (await stores.certificates.find(certificateId))?.revocation;

  it('keeps the row that a list takes up meanwhile', async () => {
    const record = await offboarded();
    const claim = async () => stores.revocations.claim(CA_ID, await stores.revocations.list(CA_ID, 0), 5);
    meanwhile(claim, 1);
    expect(await stores.certificates.revoke(record, BY_OWNER, AT + 1)).toBe('revoked');
    expect(await revocationOf(record)).toEqual(BY_OWNER);
    expect(await stores.revocations.list(CA_ID, 0)).toMatchObject([
      { reason: 'cessationOfOperation', crlNumber: 5 },
    ]);
  });

  it('is made anew when it is undone meanwhile', async () => {
    const record = await offboarded();
    await stores.offboardings.lift(record.personId, HR, lifting());
    meanwhile(() => stores.certificates.undoRevocation(record, NOW_MILLISECONDS), 1);
    expect(await stores.certificates.revoke(record, BY_OWNER, AT + 1)).toBe('revoked');
    expect(await revocationOf(record)).toEqual(BY_OWNER);
    expect(await stores.revocations.list(CA_ID, 0)).toMatchObject([{ reason: 'keyCompromise' }]);
  });

  it.each([
    ['before its row is looked at', 1, undefined],
    ['after a list took its row up', 2, 5],
  ])('stays with who took it over meanwhile, %s', async (_, transactionsBefore, crlNumber) => {
    const record = await offboarded();
    if (crlNumber !== undefined) {
      await stores.revocations.claim(CA_ID, await stores.revocations.list(CA_ID, 0), crlNumber);
    }
    const first = { ...BY_OWNER, by: 'administrator' } as const;
    meanwhile(() => stores.certificates.revoke(record, first, AT + 1), transactionsBefore);
    expect(await stores.certificates.revoke(record, BY_OWNER, AT + 1)).toBe('alreadyRevoked');
    expect(await revocationOf(record)).toEqual(first);
  });

  it('is not undone by a reinstatement that looked before', async () => {
    const record = await offboarded();
    await stores.offboardings.lift(record.personId, HR, lifting());
    meanwhile(() => stores.certificates.revoke(record, BY_OWNER, AT + 1));
    expect(await stores.certificates.undoRevocation(record, NOW_MILLISECONDS)).toBe('notRevoked');
    expect(await revocationOf(record)).toEqual(BY_OWNER);
    expect(await stores.revocations.list(CA_ID, 0)).toHaveLength(1);
  });
});

describe('an incident that is about to be resolved', () => {
  const DISMISS = { at: AT, actor: 'portal', decision: 'dismiss' } as const;
  const BIND = { at: AT, actor: 'portal', decision: 'bind' } as const;

  it('keeps the decision that came meanwhile', async () => {
    const incident = incidentOf(emailAlias('stranger@example.com'));
    await stores.offboardings.openIncidentForEvent(incident, eventOf());
    const { incidentId } = incident;
    meanwhile(() => stores.offboardings.resolveIncident(incidentId, DISMISS));
    const { personId } = registrationOf('alice');
    expect(await stores.offboardings.resolveIncident(incidentId, { ...DISMISS, at: AT + 1 })).toBe(
      'alreadyResolved',
    );
    expect(await stores.offboardings.resolveIncident(incidentId, BIND, personId)).toBe('alreadyResolved');
    expect((await stores.offboardings.findIncident(incidentId))?.resolution).toEqual(DISMISS);
  });

  it('takes the alias from whoever came to own it meanwhile', async () => {
    const [alice, bob, carol] = [
      await registered(stores, 'alice'),
      await registered(stores, 'bob'),
      await registered(stores, 'carol'),
    ];
    const alias = emailAlias('alice@example.com');
    const contested = () => incidentOf(alias, { kind: 'aliasContested' });
    const [first, second] = [contested(), contested()];
    await stores.offboardings.openIncident(first, 'first');
    await stores.offboardings.openIncident(second, 'second');
    meanwhile(() => stores.offboardings.resolveIncident(first.incidentId, BIND, bob.personId));
    await stores.offboardings.resolveIncident(second.incidentId, BIND, carol.personId);
    expect(await stores.people.findAliasOwner(alias)).toEqual({ personId: carol.personId });
    for (const { personId } of [alice, bob]) {
      expect((await stores.people.find(personId))?.aliases).not.toContainEqual(alias);
    }
  });
});
