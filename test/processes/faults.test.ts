import { setTimeout as sleep } from 'node:timers/promises';
import { connectTlsClient } from '../../infra/local/tls-endpoint/client.ts';
import type { FaultKind } from '../../infra/local/cloud/faults.ts';
import { withPrivateKey } from '../../shared/domain/profile.ts';
import { newKey } from '../support/api-keys.ts';
import {
  problemOf,
  refused,
  startApiStack,
  type ApiAnswer,
  type ApiPerson,
  type ApiRequest,
  type ApiStack,
} from '../support/api-stack.ts';
import { hrEvent, hrRequest } from '../integration/api/webhook.suite.ts';

const ISSUE = 'POST /v1/certificates';
const HOOK = 'POST /v1/offboarding/{source}';
/** As often as an SDK client tries. */
const TRIES = 3;
const UNAVAILABLE = { status: 503, code: 'unavailable' };

let api: ApiStack;
beforeAll(async () => {
  api = await startApiStack({ wakes: false });
}, 60_000);
afterEach(() => {
  expect(api.calm()).toEqual([]);
  api.assertNothingSecretLogged();
});
let sweep: Promise<unknown> | undefined;
afterAll(async () => {
  await sweep;
  await api.close();
}, 30_000);

let number = 0;
const request = async (as: ApiPerson): Promise<ApiRequest> => ({
  as,
  headers: { 'idempotency-key': `fault-key-${(number += 1)}` },
  body: { csr: (await newKey()).csr, deviceName: 'laptop' },
});
const certificatesOf = async (as: ApiPerson) => {
  const { json } = await api.call('GET /v1/certificates', { as });
  return (json as { certificates: { certificateId: string; state: string; commonName: string }[] })
    .certificates;
};
const expectUnavailable = (answer: ApiAnswer): void => expect(problemOf(answer)).toMatchObject(UNAVAILABLE);

describe('while KMS is out of reach', () => {
  it.each<FaultKind>(['error', 'before', 'after'])(
    'an issue (%s) answers 503, and the same request later issues one certificate',
    async (kind) => {
      const alice = api.person('alice');
      const issue = await request(alice);
      api.faults.add({ service: 'kms', action: 'Sign', kind, times: TRIES });
      expectUnavailable(await api.call(ISSUE, issue));
      const [reserved] = await certificatesOf(alice);
      expect(reserved?.state).toBe('reserved');
      expect((await api.gate(reserved?.commonName ?? '')).allow).toBe(false);

      const again = await api.call(ISSUE, issue);
      expect([again.status, again.json]).toMatchObject([201, { certificateId: reserved?.certificateId }]);
      expect(await certificatesOf(alice)).toMatchObject([{ state: 'active' }]);
      expect((await api.gate(reserved?.commonName ?? '')).allow).toBe(true);
    },
  );

  it('what was reserved is resumed by its person with its key alone, and by nobody else', async () => {
    const [alice, bob] = [api.person('alice'), api.person('bob')];
    const { body } = await request(alice);
    api.faults.add({ service: 'kms', action: 'Sign', kind: 'error', times: TRIES });
    expectUnavailable(await api.call(ISSUE, { as: alice, body }));
    await api.call('GET /v1/me', { as: bob });
    await refused(api, ISSUE, { as: bob, body }, { status: 409, code: 'publicKeyInUse' });
    expect((await api.call(ISSUE, { as: alice, body })).status).toBe(201);
    expect(await certificatesOf(alice)).toHaveLength(1);
  });

  it('a key that was to be made here is not made twice: it takes a new Idempotency-Key', async () => {
    const alice = api.person('alice');
    const order = {
      ...(await request(alice)),
      body: { keyGeneration: 'server', format: 'pem', deviceName: 'phone' },
    };
    api.faults.add({ service: 'kms', action: 'Sign', kind: 'error', times: TRIES });
    expectUnavailable(await api.call(ISSUE, order));
    expect(problemOf(await api.call(ISSUE, order)).code).toBe('certificateNotActive');
    const { headers } = await request(alice);
    expect((await api.call(ISSUE, { ...order, ...(headers && { headers }) })).status).toBe(201);
  });
});

describe('while DynamoDB is out of reach', () => {
  it.each<[FaultKind, number]>([
    ['error', 0],
    ['before', 1],
    ['after', 1],
    ['after', 2],
  ])(
    'an issue (%s, at transaction %i) answers 503, and the same request later issues once',
    async (kind, skip) => {
      const alice = api.person('alice');
      const issue = await request(alice);
      api.faults.add({ service: 'dynamodb', action: 'TransactWriteItems', kind, skip, times: TRIES });
      expectUnavailable(await api.call(ISSUE, issue));
      expect((await api.call(ISSUE, issue)).status).toBe(201);
      expect(await certificatesOf(alice)).toMatchObject([{ state: 'active' }]);
    },
  );

  it.each<[FaultKind, string, string]>([
    ['before', 'TransactWriteItems', 'denied'],
    ['after', 'TransactWriteItems', 'duplicate'],
    ['error', 'GetItem', 'denied'],
  ])('a webhook (%s at %s) answers 503, and sent again acts once', async (kind, action, outcome) => {
    const alice = api.person('alice');
    const { commonName } = await api.enrol(alice, await newKey());
    const event = hrRequest(api, { body: hrEvent(alice.email), id: `msg_fault_${(number += 1)}` });
    api.faults.add({ service: 'dynamodb', action, kind, times: TRIES });
    expectUnavailable(await api.call(HOOK, event));
    const again = await api.call(HOOK, event);
    expect([again.status, again.json]).toMatchObject([200, { outcome }]);
    expect((await api.gate(commonName)).allow).toBe(false);
    const admin = api.person('adam', { roles: ['vpn-admin'] });
    const path = { personId: alice.personId };
    const { json } = await api.call('GET /v1/admin/people/{personId}', { as: admin, path });
    expect((json as { denials: unknown[] }).denials).toHaveLength(1);
  });

  it('a webhook that meets other transactions is written all the same', async () => {
    const alice = api.person('alice');
    await api.call('GET /v1/me', { as: alice });
    api.faults.add({
      service: 'dynamodb',
      action: 'TransactWriteItems',
      kind: 'transactionConflict',
      times: 2,
    });
    const answer = await api.call(HOOK, hrRequest(api, { body: hrEvent(alice.email) }));
    expect([answer.status, answer.json]).toMatchObject([200, { outcome: 'denied' }]);
  });

  it('the gate lets nobody in', async () => {
    const { commonName } = await api.enrol(api.person('alice'), await newKey());
    api.faults.add({ service: 'dynamodb', action: '*', kind: 'error', times: 2 });
    expect(await api.gate(commonName)).toEqual({
      allow: false,
      words: 'The VPN cannot check your access right now. Try again in a minute.',
    });
    expect((await api.gate(commonName)).allow).toBe(true);
  });
});

describe('while Secrets Manager is out of reach', () => {
  it('a webhook answers 503, unless the secrets were read a moment ago', async () => {
    const nobody = (): ApiRequest =>
      hrRequest(api, { body: hrEvent(api.person('nobody').email, 'person.returned') });
    api.stack.moveTime(61);
    api.faults.add({ service: 'secrets-manager', action: 'GetSecretValue', kind: 'before', times: 2 });
    expectUnavailable(await api.call(HOOK, nobody()));
    expect((await api.call(HOOK, nobody())).status).toBe(200);
    expect((await api.call(HOOK, nobody())).status).toBe(200);
  });
});

describe('while SQS is out of reach', () => {
  it('a webhook answers 200, and the sweep ends the connections of that person only', async () => {
    const [alice, bob] = [api.person('alice'), api.person('bob')];
    const clients = await Promise.all(
      [alice, bob].map(async (person) => {
        const key = await newKey();
        const { profile } = await api.enrol(person, key);
        const profileText = withPrivateKey(profile, key.privateKeyPem);
        return connectTlsClient({ name: person.login, profileText });
      }),
    );
    try {
      await Promise.all(clients.map(({ connected }) => connected));
      const [hers, his] = clients;
      api.faults.clear();
      api.faults.add({ service: 'sqs', action: 'SendMessage', kind: 'before', times: 2 });
      const answer = await api.call(HOOK, hrRequest(api, { body: hrEvent(alice.email) }));
      expect([answer.status, answer.json]).toMatchObject([200, { outcome: 'denied' }]);
      expect(api.faults.pending()).toEqual([]);
      expect([hers?.isConnected, his?.isConnected]).toEqual([true, true]);
      // It goes on looking for a while; what is of interest here is over before.
      sweep = api.stack.fireSchedule('endpoint-worker');
      await hers?.next('disconnected', { since: 0 });
      expect(his?.isConnected).toBe(true);
    } finally {
      await Promise.all(clients.map((client) => client.stop()));
    }
  }, 20_000);
});

describe('a service that hangs', () => {
  it('is given up: a signature is asked for again, and a wake is left to the sweep', async () => {
    const [alice, bob] = [api.person('alice'), api.person('bob')];
    await api.call('GET /v1/me', { as: bob });
    const issue = await request(alice);
    api.faults.clear();
    api.faults.add({ service: 'kms', action: 'Sign', kind: 'timeout' });
    api.faults.add({ service: 'sqs', action: 'SendMessage', kind: 'timeout', times: 2 });
    const began = performance.now();
    const [issued, told] = await Promise.all([
      api.call(ISSUE, issue),
      api.call(HOOK, hrRequest(api, { body: hrEvent(bob.email) })).then((answer) => ({
        answer,
        milliseconds: performance.now() - began,
      })),
    ]);
    expect(issued.status).toBe(201);
    expect([told.answer.status, told.answer.json]).toMatchObject([200, { outcome: 'denied' }]);
    // Okta gives a hook three seconds.
    expect(told.milliseconds).toBeLessThan(2_900);
  }, 20_000);
});

describe('while EC2 is not itself', () => {
  const IMPORT = 'ImportClientVpnClientCertificateRevocationList';

  it.each<FaultKind>(['after', 'before'])(
    'a list whose import fails (%s) is not sent again at once, whoever asks for it',
    async (kind) => {
      const alice = api.person('alice');
      const { certificateId } = await api.enrol(alice, await newKey());
      const as = api.person('adam', { roles: ['vpn-admin'] });
      const path = { certificateId };
      const body = { reason: 'keyCompromise' };
      await api.call('POST /v1/admin/certificates/{certificateId}/revocation', { as, path, body });
      const imports = api.imports();
      const publish = async (): Promise<void> => {
        await api.call('POST /v1/admin/crl/publication', { as });
        await api.stack.fireSchedule('publisher').catch(() => undefined);
      };
      api.faults.add({ service: 'ec2', action: IMPORT, kind });
      await publish();
      expect(api.imports()).toBe(imports + Number(kind === 'after'));
      // Until what was imported shows.
      await sleep(250);
      for (let run = 0; run < 2; run += 1) await publish();
      // An endpoint may show for a while what it had, and every import resets every user's connection.
      expect(api.imports()).toBe(imports + Number(kind === 'after'));
      const { json } = await api.call('GET /v1/admin/endpoints', { as });
      expect(json).toMatchObject({ endpoints: [{ pendingRevocations: kind === 'after' ? 0 : 1 }] });
    },
    20_000,
  );
});
