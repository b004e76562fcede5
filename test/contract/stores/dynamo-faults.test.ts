import { inspect } from 'node:util';
import {
  GetItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  certificateKey,
  incidentKey,
  offboardingKey,
  openIncidentKey,
  openOffboardingKey,
  personKey,
  revocationKey,
} from '../../../shared/adapters/dynamo/keys.ts';
import type { DynamoTable } from '../../../shared/adapters/dynamo/table.ts';
import { NOT_THERE, THERE, transact } from '../../../shared/adapters/dynamo/writes.ts';
import { problemFrom } from '../../../shared/http/problem.ts';
import { dynamoStores, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import type { EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import {
  CA_ID,
  denied,
  emailAlias,
  ENDPOINT_ID,
  freshId,
  incidentOf,
  issued,
  issuedFrom,
  NOW,
  NOW_MILLISECONDS,
  registered,
  reservationOf,
  reserved,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';
import { listOf } from './list-stores.contract.ts';

const STRANGER = emailAlias('stranger@example.com');

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
afterEach(() => dynamoDb.client.middlewareStack.remove('fault'));

/** Throws before the first `times` calls of an operation. @returns how many calls there were */
function failing(operation: string, times: number, error: () => Error): { calls: number } {
  const count = { calls: 0 };
  dynamoDb.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== operation) return next(args);
      count.calls += 1;
      if (count.calls <= times) throw error();
      return next(args);
    },
    { step: 'deserialize', priority: 'high', name: 'fault' },
  );
  return count;
}

/** Lets the first call of an operation through and loses the answer, so that the SDK asks again. */
function losingFirstAnswerOf(operation: string): { calls: number } {
  const count = { calls: 0 };
  dynamoDb.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== operation) return next(args);
      count.calls += 1;
      const isFirst = count.calls === 1;
      const result = await next(args);
      if (isFirst) throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'fault' },
  );
  return count;
}

/** Loses the answer to whatever succeeded, once each. */
function losingAnswersOf(operation: string): { calls: number } {
  const count = { calls: 0 };
  const lost = new Set<unknown>();
  dynamoDb.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== operation) return next(args);
      count.calls += 1;
      const result = await next(args);
      const token = JSON.stringify(args.input);
      if (lost.has(token)) return result;
      lost.add(token);
      throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
    },
    { step: 'deserialize', priority: 'high', name: 'fault' },
  );
  return count;
}

const cancelled = (...codes: string[]): Error =>
  new TransactionCanceledException({
    message: 'Transaction cancelled: secret words',
    $metadata: { httpStatusCode: 400, requestId: 'r' },
    CancellationReasons: codes.map((Code) => ({
      Code,
      Message: 'secret words',
      Item: { email: { S: 'alice@example.com' } },
    })),
  });

describe('conflicts', () => {
  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'tries a transaction again after %s',
    async (code) => {
      const { personId } = await registered(stores, 'alice');
      const count = failing('TransactWriteItemsCommand', 2, () => cancelled(code, 'None', 'None', 'None'));
      const record = reservationOf(personId);
      expect(await stores.certificates.reserve(record, { enrolmentsSeen: 0 })).toBe('reserved');
      expect(count.calls).toBe(3);
    },
  );

  it('takes no outcome from a cancellation in which a conflict hides other conditions', async () => {
    const { personId } = await registered(stores, 'alice');
    failing('TransactWriteItemsCommand', 1, () =>
      cancelled('TransactionConflict', 'ConditionalCheckFailed', 'None', 'None'),
    );
    const record = reservationOf(personId);
    expect(await stores.certificates.reserve(record, { enrolmentsSeen: 0 })).toBe('reserved');
  });

  it('throws when conflicts do not end', async () => {
    const { personId } = await registered(stores, 'alice');
    const count = failing('TransactWriteItemsCommand', 1_000, () => cancelled('TransactionConflict'));
    const reserve = stores.certificates.reserve(reservationOf(personId), { enrolmentsSeen: 0 });
    await expect(reserve).rejects.toThrow('a transaction was cancelled: TransactionConflict');
    expect(count.calls).toBeGreaterThan(3);
  });

  it.each([
    ['conflicts that do not end', ['TransactionConflict', 'ConditionalCheckFailed']],
    ['a fault of our own', ['ConditionalCheckFailed', 'ValidationError']],
    ['a condition of an action without a name', ['None', 'None', 'None', 'ConditionalCheckFailed']],
    ['no reason at all', []],
  ])('throws %s without the items that stood in the way, as a fault of a service', async (_, codes) => {
    const { personId } = await registered(stores, 'alice');
    failing('TransactWriteItemsCommand', 1_000, () => cancelled(...codes));
    const thrown: unknown = await stores.certificates
      .reserve(reservationOf(personId), { enrolmentsSeen: 0 })
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).toMatchObject({ $metadata: { httpStatusCode: 400, requestId: 'r' } });
    expect(problemFrom(thrown, 'r').code).toBe('unavailable');
    for (const code of new Set(codes.filter((each) => each !== 'None'))) {
      expect(thrown).toHaveProperty('message', expect.stringContaining(code));
    }
    expect(inspect(thrown, { depth: Infinity, showHidden: true })).not.toMatch(/alice|secret words/);
  });

  it('throws without its items a cancellation that DynamoDB itself made', async () => {
    const { personId } = await registered(stores, 'alice');
    const named = { person: { check: personKey(personId), condition: THERE } };
    const standing = { update: personKey(personId), change: { ...NOT_THERE, set: 'REMOVE #email' } };
    const twice = transact(table, named, [
      { ...standing, change: { ...standing.change, names: ['email'] } },
    ]).catch((error: unknown) => error);
    expect(inspect(await twice, { depth: Infinity, showHidden: true })).not.toMatch(/alice/);
    const { person: _, ...none } = named;
    const failed: unknown = await transact(table, none, [
      { ...standing, change: { ...standing.change, names: ['email'] } },
    ]).catch((error: unknown) => error);
    expect(failed).toHaveProperty('message', 'a transaction was cancelled: ConditionalCheckFailed');
    expect(inspect(failed, { depth: Infinity, showHidden: true })).not.toMatch(/alice/);
  });

  it('throws for a cancellation that is our own fault, and asks once', async () => {
    const { personId } = await registered(stores, 'alice');
    const count = failing('TransactWriteItemsCommand', 1_000, () => cancelled('ValidationError'));
    const reserve = stores.certificates.reserve(reservationOf(personId), { enrolmentsSeen: 0 });
    await expect(reserve).rejects.toThrow('a transaction was cancelled: ValidationError');
    expect(count.calls).toBe(1);
  });

  it('tries a single write again that met a transaction', async () => {
    const { personId } = await registered(stores, 'alice');
    const { certificateId } = await issued(stores, personId);
    failing(
      'UpdateItemCommand',
      2,
      () => new TransactionConflictException({ message: 'conflict', $metadata: {} }),
    );
    await stores.certificates.markUsed(certificateId, NOW);
    expect((await stores.certificates.find(certificateId))?.lastUsedAt).toBe(NOW);
  });
});

describe('lost answers', () => {
  it('knows its own lease again', async () => {
    await stores.endpoints.add({
      endpointId: ENDPOINT_ID,
      caId: CA_ID,
      serverCertificateArn: 'a',
      gateArn: 'g',
    });
    const count = losingFirstAnswerOf('UpdateItemCommand');
    const lease = await stores.endpoints.acquireLease(ENDPOINT_ID, 0, 1_000);
    expect(count.calls).toBe(2);
    expect(lease).toEqual({ endpointId: ENDPOINT_ID, fencingToken: 1 });
  });

  it('knows the list again that it made current', async () => {
    const count = losingFirstAnswerOf('UpdateItemCommand');
    expect(await stores.crls.activate(CA_ID, listOf(3))).toBe(true);
    expect(count.calls).toBe(2);
  });

  it('tells of its own server certificate', async () => {
    const count = losingFirstAnswerOf('PutItemCommand');
    expect(await stores.endpoints.keepServerCertificate(CA_ID, 'arn:1')).toBe('arn:1');
    expect(count.calls).toBe(2);
  });

  it('knows again the revocation that it took over', async () => {
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const { offboardingId } = await denied(stores, personId);
    const revocation = { revocationDate: NOW, reason: 'cessationOfOperation' } as const;
    await stores.certificates.revoke(record, { ...revocation, by: 'offboarding', offboardingId }, NOW);
    await stores.revocations.claim(CA_ID, await stores.revocations.list(CA_ID, 0), 5);
    const count = losingAnswersOf('TransactWriteItemsCommand');
    expect(await stores.certificates.revoke(record, { ...revocation, by: 'owner' }, NOW)).toBe('revoked');
    expect(count.calls).toBe(4);
  });

  it('knows its own transaction again', async () => {
    const { personId } = await registered(stores, 'alice');
    const count = losingFirstAnswerOf('TransactWriteItemsCommand');
    const record = await reserved(stores, personId);
    expect(count.calls).toBe(2);
    expect(await stores.certificates.find(record.certificateId)).toEqual(record);
  });
});

describe('partial answers', () => {
  function cuttingPages(): { pages: number } {
    const count = { pages: 0 };
    dynamoDb.client.middlewareStack.add(
      (next, context) => (args) => {
        if (context.commandName !== 'QueryCommand') return next(args);
        count.pages += 1;
        return next({ ...args, input: { ...args.input, Limit: 2 } });
      },
      { step: 'initialize', name: 'fault' },
    );
    return count;
  }

  it('reads every page of a query', async () => {
    const { personId } = await registered(stores, 'alice');
    for (let n = 0; n < 5; n += 1) await denied(stores, personId);
    const count = cuttingPages();
    expect(await stores.offboardings.listOpen()).toHaveLength(5);
    expect(count.pages).toBe(3);
  });

  it('reads every page of the rows of a list', async () => {
    const rows = Array.from({ length: 5 }, (_, n) => ({
      serialNumber: reservationOf(personIdOf(n)).serialNumber,
      notAfter: NOW + n,
      revocationDate: NOW,
      reason: 'superseded',
      ...(n < 2 ? { crlNumber: 6 } : {}),
    }));
    for (const { notAfter, serialNumber, ...row } of rows) {
      await put({ ...revocationKey(CA_ID, notAfter, serialNumber), ...row });
    }
    const count = cuttingPages();
    expect(await stores.revocations.list(CA_ID, 0)).toEqual(rows);
    expect(count.pages).toBe(3);
  });

  it('asks again for keys that were left over', async () => {
    const { personId } = await registered(stores, 'alice');
    for (let n = 0; n < 5; n += 1) await reserved(stores, personId);
    let calls = 0;
    dynamoDb.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== 'BatchGetItemCommand') return next(args);
        calls += 1;
        const { RequestItems } = args.input as { RequestItems: Record<string, { Keys: unknown[] }> };
        const asked = RequestItems[table.tableName];
        if (asked === undefined) throw new Error('another table');
        const input = { RequestItems: { [table.tableName]: { ...asked, Keys: asked.Keys.slice(0, 2) } } };
        const result = await next({ ...args, input });
        const left = { ...asked, Keys: asked.Keys.slice(2) };
        const UnprocessedKeys = left.Keys.length > 0 ? { [table.tableName]: left } : {};
        return { ...result, output: { ...result.output, UnprocessedKeys } };
      },
      { step: 'initialize', name: 'fault' },
    );
    expect(await stores.certificates.listByPerson(personId)).toHaveLength(5);
    expect(calls).toBe(3);
  });

  it('deletes again what was left over', async () => {
    const pending = Array.from({ length: 30 }, (_, n) => ({
      since: NOW_MILLISECONDS + n,
      serialNumber: reservationOf(personIdOf(n)).serialNumber,
    }));
    for (const { since, serialNumber } of pending) {
      const sk = `${String(since).padStart(15, '0')}#${serialNumber}`;
      await put({ pk: `PENDING#${ENDPOINT_ID}`, sk });
    }
    let calls = 0;
    dynamoDb.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== 'BatchWriteItemCommand') return next(args);
        calls += 1;
        const { RequestItems } = args.input as { RequestItems: Record<string, unknown[]> };
        const asked = RequestItems[table.tableName] ?? [];
        const input = { RequestItems: { [table.tableName]: asked.slice(0, 10) } };
        const result = await next({ ...args, input });
        const UnprocessedItems = asked.length > 10 ? { [table.tableName]: asked.slice(10) } : {};
        return { ...result, output: { ...result.output, UnprocessedItems } };
      },
      { step: 'initialize', name: 'fault' },
    );
    await stores.revocations.clearPending(ENDPOINT_ID, pending);
    expect(calls).toBe(4);
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
  });
});

it('claims more rows than one transaction takes, though some are gone and some taken', async () => {
  const rows = Array.from({ length: 230 }, (_, n) => ({
    serialNumber: reservationOf(personIdOf(n)).serialNumber,
    notAfter: NOW + n,
    revocationDate: NOW,
    reason: 'superseded' as const,
  }));
  const kept = rows.filter((_, n) => n % 50 !== 7);
  await Promise.all(
    kept.map(({ notAfter, serialNumber, ...row }) =>
      put({ ...revocationKey(CA_ID, notAfter, serialNumber), ...row }),
    ),
  );
  const taken = rows.filter((_, n) => n % 50 === 8);
  await stores.revocations.claim(CA_ID, taken, 5);
  const claimed = await stores.revocations.claim(CA_ID, rows, 6);
  expect(claimed).toEqual(await stores.revocations.list(CA_ID, 0));
  expect(claimed).toHaveLength(225);
  expect(claimed.filter(({ crlNumber }) => crlNumber === 5)).toHaveLength(5);
  expect(claimed.filter(({ crlNumber }) => crlNumber === 6)).toHaveLength(220);
});

const personIdOf = (n: number) => `${String(n).padStart(26, '0')}` as Parameters<typeof personKey>[0];

const put = (item: Record<string, unknown>) =>
  table.client.send(new PutCommand({ TableName: table.tableName, Item: item }));

describe('broken items', () => {
  const reported = () => {
    const errors: Error[] = [];
    return { errors, ...dynamoStores({ ...table, onBroken: (error) => errors.push(error) }) };
  };

  it('leaves a broken offboarding out of the open ones, and reports it', async () => {
    const { personId } = await registered(stores, 'alice');
    const [first, broken, last] = [
      await denied(stores, personId, { comment: 'secret words' }),
      await denied(stores, personId, { comment: 'secret words' }),
      await denied(stores, personId),
    ];
    const { cutAt: _cutAt, ...plain } = broken;
    await put({ ...offboardingKey(broken.offboardingId), ...plain });
    const { errors, offboardings } = reported();
    expect(await offboardings.listOpen()).toEqual([first, last]);
    expect(errors.map(({ message }) => message)).toEqual([
      `stored item is broken: attribute cutAt of OFFBOARDING#2026-03 / ${broken.offboardingId}`,
    ]);
    expect(await stores.offboardings.listOpen()).toHaveLength(2);
    await expect(offboardings.find(broken.offboardingId)).rejects.toThrow('stored item is broken');
  });

  it('names what an export cannot read, and gives everything else', async () => {
    const { personId } = await registered(stores, 'alice');
    const good = await issued(stores, personId);
    const [broken, gone] = [await issued(stores, personId), await issued(stores, personId)];
    const { commonName: _commonName, ...plain } = broken;
    await put({ ...certificateKey(broken.certificateId), ...plain });
    const { pk, sk } = certificateKey(gone.certificateId);
    await table.client.send(new DeleteCommand({ TableName: table.tableName, Key: { pk, sk } }));
    const first = await denied(stores, personId);
    const { cutAt: _cutAt, ...cutless } = await denied(stores, personId);
    await put({ ...offboardingKey(cutless.offboardingId), ...cutless });

    const { errors, exports } = reported();
    const range = { from: NOW, until: NOW + 400 * 86_400 };
    const page = await exports.certificates(CA_ID, range, 50);
    expect(page.records).toEqual([good]);
    expect([...page.unreadable].sort()).toEqual([broken.certificateId, gone.certificateId].sort());
    expect(await exports.offboardings('2026-03', undefined, 50)).toEqual({
      records: [first],
      unreadable: [cutless.offboardingId],
    });
    expect(errors).toHaveLength(3);
  });

  it('leaves a broken incident out of the open ones, and reports it', async () => {
    const [first, broken] = [incidentOf(STRANGER), incidentOf(STRANGER)];
    await stores.offboardings.openIncident(first, 'first');
    await stores.offboardings.openIncident(broken, 'broken');
    await put({ ...incidentKey(broken.incidentId), ...broken, kind: 'no kind' });
    const { errors, offboardings } = reported();
    expect(await offboardings.listOpenIncidents()).toEqual([first]);
    expect(errors.map(({ message }) => message)).toEqual([
      `stored item is broken: attribute kind of INCIDENT#2026-03 / ${broken.incidentId}`,
    ]);
    await expect(offboardings.findIncident(broken.incidentId)).rejects.toThrow('stored item is broken');
  });

  it.each([
    ['a record that is not there', freshId()],
    ['what is no id', 'nonsense'],
  ])('reports an open note of %s', async (_, id) => {
    const { personId } = await registered(stores, 'alice');
    const record = await denied(stores, personId);
    await put({ ...openOffboardingKey(id) });
    await put({ ...openIncidentKey(id) });
    const { errors, offboardings } = reported();
    expect(await offboardings.listOpen()).toEqual([record]);
    expect(errors).toHaveLength(1);
    expect(await offboardings.listOpenIncidents()).toEqual([]);
    expect(errors).toHaveLength(2);
  });

  it.each([
    ['a time that is no number', { notAfter: 'tomorrow' }],
    ['a fraction of a second', { notAfter: NOW + 0.5 }],
    ['octets that are text', { tbsCertificateDer: 'MII' }],
    ['a person id that is none', { personId: 'alice@example.com' }],
    [
      'a reason that is none',
      { revocation: { revocationDate: NOW, reason: 'bored', by: 'owner', pendingSince: 1 } },
    ],
    ['endpoints that are no list', { endpointIds: ENDPOINT_ID }],
  ])('says loudly that a certificate holds %s, and not what it holds', async (_, broken) => {
    const { personId } = await registered(stores, 'alice');
    const record = await reserved(stores, personId);
    const { issued: _issued, revocation: _revocation, ...plain } = record;
    await put({ ...certificateKey(record.certificateId), ...plain, ...broken });
    const attribute = Object.keys(broken)[0] === 'revocation' ? 'reason' : Object.keys(broken)[0];
    const found = stores.certificates.find(record.certificateId);
    await expect(found).rejects.toThrow(`stored item is broken: attribute ${attribute}`);
    await expect(found).rejects.not.toThrow('alice@example.com');
  });

  it('takes a certificate that its person points to and that is gone for a fault', async () => {
    const { personId } = await registered(stores, 'alice');
    await put({ ...personKey(personId), sk: 'CERT#0000000000000000', certificateId: '0000000000000000' });
    await expect(stores.certificates.listByPerson(personId)).rejects.toThrow();
  });

  it('takes a row for the list that it cannot read for a fault', async () => {
    const { serialNumber } = reservationOf(personIdOf(1));
    await put({ ...revocationKey(CA_ID, NOW, serialNumber), revocationDate: NOW });
    await expect(stores.revocations.list(CA_ID, 0)).rejects.toThrow('stored item is broken');
  });

  it('gives out no list whose parts are not what was kept', async () => {
    await stores.crls.activate(CA_ID, listOf(3));
    await put({
      pk: `CA#${CA_ID}#CRL#3`,
      sk: 'PART#000',
      sha256Hex: listOf(3).sha256Hex,
      der: new Uint8Array(9),
    });
    await expect(stores.crls.current(CA_ID)).rejects.toThrow();
  });
});

it("keeps a certificate's item under the 4 KB that one strongly consistent read unit covers", async () => {
  const { personId } = await registered(stores, 'alice');
  const record = await reserved(stores, personId, {
    commonName: 'x'.repeat(64),
    deviceName: 'd'.repeat(64),
    endpointIds: Array.from({ length: 5 }, (_, n) => `cvpn-endpoint-${String(n).padStart(17, '0')}`),
  });
  await stores.certificates.markIssued(record, {
    ...issuedFrom(record),
    certificateDer: new Uint8Array(1_500).fill(9),
  });
  const { pk, sk } = certificateKey(record.certificateId);
  const { Item } = await dynamoDb.client.send(
    new GetItemCommand({ TableName: table.tableName, Key: { pk: { S: pk }, sk: { S: sk } } }),
  );
  const sizeOctets = sizeOf({ M: Item });
  expect(sizeOctets).toBeGreaterThan(2_000);
  expect(sizeOctets).toBeLessThan(4_096);
});

/** About what DynamoDB counts: names and values, numbers at their longest, a few octets for each map and list. */
function sizeOf(value: Record<string, unknown>): number {
  const [kind, content] = Object.entries(value)[0] ?? ['NULL', undefined];
  if (content instanceof Uint8Array) return content.length;
  if (kind === 'N') return 12;
  if (typeof content === 'string') return Buffer.byteLength(content);
  if (typeof content !== 'object' || content === null) return 1;
  return Object.entries(content).reduce(
    (sum, [name, inner]) =>
      sum + (kind === 'M' ? name.length : 0) + 1 + sizeOf(inner as Record<string, unknown>),
    3,
  );
}
