import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { newKey } from '../../support/api-keys.ts';
import {
  problemOf,
  refused,
  type ApiAnswer,
  type ApiPerson,
  type ApiRequest,
  type ApiStack,
} from '../../support/api-stack.ts';

const HOOK = 'POST /v1/offboarding/{source}';
const DECIDE = 'POST /v1/admin/incidents/{incidentId}/decision';
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
let eventNumber = 0;

interface Event {
  readonly body: unknown;
  readonly id?: string;
  readonly secret?: string;
  /** How old the signature is. */
  readonly ageSeconds?: number;
}

/** What an HR system sends, signed as the Standard Webhooks scheme has it. */
export function hrRequest(api: ApiStack, { body, id, secret, ageSeconds = 0 }: Event): ApiRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const webhookId = id ?? `msg_${(eventNumber += 1)}`;
  const at = new Date((Math.floor(Date.now() / 1000) - ageSeconds) * 1000);
  return {
    path: { source: 'hr' },
    headers: {
      'webhook-id': webhookId,
      'webhook-timestamp': String(at.getTime() / 1000),
      'webhook-signature': new Webhook(secret ?? api.stack.hrSecret ?? '').sign(webhookId, at, text),
    },
    body: text,
  };
}

export const hrEvent = (email: string, type = 'person.left', at = new Date()): object => ({
  type,
  timestamp: at.toISOString(),
  data: { email },
});

/** What a source says of people. */
export function webhooksAreChecked(api: () => ApiStack): void {
  const changed = (headers: Record<string, string | undefined>): ApiRequest => {
    const request = hrRequest(api(), { body: hrEvent('alice@example.com') });
    const all = { ...request.headers, ...headers };
    const kept = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return { ...request, headers: Object.fromEntries(kept) };
  };
  const employed = async (name: string): Promise<ApiPerson> => {
    const person = api().person(name);
    await api().call('GET /v1/me', { as: person });
    return person;
  };

  describe('a webhook', () => {
    it.each<[string, () => ApiRequest, string]>([
      ['without a signature', () => changed({ 'webhook-signature': undefined }), 'badWebhookSignature'],
      ['without an id', () => changed({ 'webhook-id': undefined }), 'badWebhookSignature'],
      ['without a time', () => changed({ 'webhook-timestamp': undefined }), 'badWebhookSignature'],
      ['with an empty signature', () => changed({ 'webhook-signature': 'v1,' }), 'badWebhookSignature'],
      ['with another scheme', () => changed({ 'webhook-signature': 'v1a,AAAA' }), 'badWebhookSignature'],
      [
        'with another id than was signed',
        () => changed({ 'webhook-id': 'msg_other' }),
        'badWebhookSignature',
      ],
      [
        'with another time than was signed',
        () => changed({ 'webhook-timestamp': '1' }),
        'badWebhookSignature',
      ],
      [
        'signed with another secret',
        () => hrRequest(api(), { body: hrEvent('alice@example.com'), secret: newSecret() }),
        'badWebhookSignature',
      ],
      [
        'altered after it was signed',
        () => ({ ...changed({}), body: JSON.stringify(hrEvent('bob@example.com')) }),
        'badWebhookSignature',
      ],
    ])('%s is refused', async (_, request, code) => {
      await refused(api(), HOOK, request(), { status: 401, code });
    });

    it.each([
      ['is more than five minutes old', 310],
      ['is from more than five minutes ahead', -310],
    ])('that %s is refused', async (_, ageSeconds) => {
      const request = hrRequest(api(), { body: hrEvent('alice@example.com'), ageSeconds });
      await refused(api(), HOOK, request, { status: 400, code: 'staleWebhook' });
    });

    it.each<[string, unknown, string[]]>([
      ['no JSON', 'type=person.left', []],
      ['nothing', '', []],
      ['a list', [], ['/type', '/timestamp', '/data/email']],
      ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, []],
      ['no fields', {}, ['/type', '/timestamp', '/data/email']],
      ['no time', { type: 'person.left', data: { email: 'a@example.com' } }, ['/timestamp']],
      [
        'a time without zone',
        { ...hrEvent('a@example.com'), timestamp: '2026-03-01T09:00:00' },
        ['/timestamp'],
      ],
      [
        'a time ten minutes ahead of our clock',
        hrEvent('a@example.com', 'person.left', new Date(Date.now() + 600_000)),
        ['/timestamp'],
      ],
      ['nobody', { ...hrEvent('a@example.com'), data: {} }, ['/data/email']],
      ['an empty address', hrEvent(''), ['/data/email']],
      ['an address of control characters', hrEvent('a\u0000b@example.com'), ['/data/email']],
      ['a number for an address', { ...hrEvent('a'), data: { email: 7 } }, ['/data/email']],
      [
        'another kind of name than its own',
        { ...hrEvent('a'), data: { employeeNumber: '7' } },
        ['/data/email'],
      ],
    ])('that is signed and holds %s is refused', async (_, body, pointers) => {
      const problem = await refused(api(), HOOK, hrRequest(api(), { body }), {
        status: 400,
        code: 'malformedRequest',
      });
      expect((problem.errors ?? []).map(({ pointer }) => pointer)).toEqual(pointers);
    });

    it('of more than 256 KiB is refused', async () => {
      const body = { ...hrEvent('alice@example.com'), more: 'A'.repeat(262_144) };
      await refused(api(), HOOK, hrRequest(api(), { body }), { status: 413, code: 'bodyTooLarge' });
    });

    it.each(['payroll', 'HR', '__proto__', 'administrator', 'portal', `${'a'.repeat(33)}`])(
      'of the source %s, which there is not, is refused',
      async (source) => {
        const request = { ...hrRequest(api(), { body: hrEvent('alice@example.com') }), path: { source } };
        await refused(api(), HOOK, request, { status: 404, code: 'sourceNotFound' });
      },
    );

    it('of a kind that we do not know is taken, ignored and counted', async () => {
      const body = { ...hrEvent('alice@example.com'), type: 'person.born' };
      const before = await api().items();
      const answer = await api().call(HOOK, hrRequest(api(), { body }));
      expect([answer.status, answer.json]).toEqual([200, { outcome: 'ignored' }]);
      expect(await api().items()).toEqual(before);
      expect(api().log()).toContain('EventsIgnored');
    });

    it('of another media type is refused', async () => {
      const request = changed({ 'content-type': 'text/plain' });
      await refused(api(), HOOK, request, { status: 415, code: 'unsupportedMediaType' });
    });

    it('may be a structured CloudEvent under the same signature', async () => {
      const { email } = await employed('alice');
      const body = { specversion: '1.0', id: 'ce-1', source: '/hr', type: 'person.left', data: { email } };
      const request = hrRequest(api(), { body });
      const headers = { ...request.headers, 'content-type': 'application/cloudevents+json' };
      const answer = await api().call(HOOK, { ...request, headers });
      expect([answer.status, answer.json]).toEqual([200, expect.objectContaining({ outcome: 'denied' })]);
    });

    it('is not asked for by GET where its sender does not verify so', async () => {
      const request = { path: { source: 'hr' } };
      const expected = { status: 404, code: 'notFound' };
      await refused(api(), 'GET /v1/offboarding/{source}', request, expected);
    });

    it('is announced by a sender of CloudEvents, who is told that it may', async () => {
      const ask = 'OPTIONS /v1/offboarding/{source}';
      const headers = { 'webhook-request-origin': 'events.example.com', 'webhook-request-rate': '120' };
      const { status, headers: answered } = await api().call(ask, { path: { source: 'events' }, headers });
      expect([status, answered.get('webhook-allowed-origin'), answered.get('webhook-allowed-rate')]).toEqual([
        200,
        'events.example.com',
        '120',
      ]);
      await refused(api(), ask, { path: { source: 'events' } }, { status: 400, code: 'malformedRequest' });
      await refused(api(), ask, { path: { source: 'hr' }, headers }, { status: 404, code: 'notFound' });
    });

    it('may hold more than we know', async () => {
      const alice = await employed('alice');
      const body = { ...hrEvent(alice.email), tenant: 't1', data: { email: alice.email, badge: 7 } };
      const answer = await api().call(HOOK, hrRequest(api(), { body }));
      expect([answer.status, answer.json]).toEqual([200, expect.objectContaining({ outcome: 'denied' })]);
    });
  });

  describe('a webhook that comes again', () => {
    it('is answered with what became of it, and acts once', async () => {
      const alice = await employed('alice');
      const { commonName } = await api().enrol(alice, await newKey());
      const event = { body: hrEvent(alice.email), id: 'msg_again' };
      const first = await api().call(HOOK, hrRequest(api(), event));
      const answers: ApiAnswer[] = [];
      // A sender that tries again signs again.
      for (const ageSeconds of [0, 30])
        answers.push(await api().call(HOOK, hrRequest(api(), { ...event, ageSeconds })));
      const { offboardingId } = first.json as { offboardingId: string };
      expect(answers.map(({ status, json }) => [status, json])).toEqual([
        [200, { outcome: 'duplicate', offboardingId }],
        [200, { outcome: 'duplicate', offboardingId }],
      ]);
      expect((await api().gate(commonName)).words).toContain('Your VPN access has ended');
      const admin = api().person('adam', { roles: ['vpn-admin'] });
      const path = { personId: alice.personId };
      const { json } = await api().call('GET /v1/admin/people/{personId}', { as: admin, path });
      expect((json as { denials: unknown[] }).denials).toHaveLength(1);
      const items = await api().items();
      expect(items.filter((item) => item.includes('"EVENT#hr#msg_again"'))).toHaveLength(1);
    });

    it('is written once also when it comes thrice at once', async () => {
      const alice = await employed('alice');
      const event = hrRequest(api(), { body: hrEvent(alice.email) });
      const answers = await Promise.all([1, 2, 3].map(() => api().call(HOOK, event)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      const ids = answers.map(({ json }) => (json as { offboardingId: string }).offboardingId);
      expect(new Set(ids).size).toBe(1);
    });

    it('with another body is refused', async () => {
      const [alice, bob] = [await employed('alice'), await employed('bob')];
      await api().call(HOOK, hrRequest(api(), { body: hrEvent(alice.email), id: 'msg_reused' }));
      const request = hrRequest(api(), { body: hrEvent(bob.email), id: 'msg_reused' });
      await refused(api(), HOOK, request, { status: 409, code: 'webhookIdReused' });
    });

    it('late, after newer news of the same person, is recorded and changes nothing', async () => {
      const alice = await employed('alice');
      const { commonName } = await api().enrol(alice, await newKey());
      await api().call(HOOK, hrRequest(api(), { body: hrEvent(alice.email, 'person.suspended') }));
      await api().call(HOOK, hrRequest(api(), { body: hrEvent(alice.email, 'person.returned') }));
      expect((await api().gate(commonName)).allow).toBe(true);
      const old = hrEvent(alice.email, 'person.left', new Date(Date.now() - 60_000));
      const answer = await api().call(HOOK, hrRequest(api(), { body: old }));
      expect([answer.status, answer.json]).toEqual([200, expect.objectContaining({ outcome: 'stale' })]);
      expect((await api().gate(commonName)).allow).toBe(true);
    });
  });

  describe('a webhook about somebody unknown', () => {
    const about = async (person: ApiPerson): Promise<string> => {
      const answer = await api().call(HOOK, hrRequest(api(), { body: hrEvent(person.email.toUpperCase()) }));
      expect([answer.status, answer.json]).toMatchObject([200, { outcome: 'unknownPerson' }]);
      return (answer.json as { incidentId: string }).incidentId;
    };
    const enrolment = async (as: ApiPerson): Promise<ApiAnswer> =>
      api().call('POST /v1/certificates', { as, body: { csr: (await newKey()).csr, deviceName: 'laptop' } });

    it('stays an open incident that pages, and its name cannot enrol', async () => {
      const stranger = api().person('stranger');
      await api().stack.fireSchedule('notices');
      const incidentId = await about(stranger);
      await api().stack.fireSchedule('notices');
      const told = api()
        .stack.cloud.sns.messages()
        .filter(({ text }) => text.includes(incidentId));
      expect(told.map(({ attributes }) => attributes['kind'])).toEqual(['incident']);
      expect(told[0]?.text).not.toContain('@');
      const admin = api().person('adam', { roles: ['vpn-admin'] });
      const { json } = await api().call('GET /v1/admin/incidents', { as: admin });
      expect((json as { incidents: unknown[] }).incidents).toContainEqual(
        expect.objectContaining({ incidentId, kind: 'unknownPerson', state: 'unresolved' }),
      );
      const line = api()
        .log()
        .split('\n')
        .find((text) => text.includes(incidentId) && text.includes('incident opened'));
      expect(line).toContain('"level":"ERROR"');
      expect(problemOf(await enrolment(stranger))).toMatchObject({ status: 403, code: 'aliasUnderReview' });
    });

    it('acts on whom an administrator says it means, who then keeps the name', async () => {
      const alice = await employed('alice');
      const { commonName } = await api().enrol(alice, await newKey());
      const married = { ...api().person('alice-born-otherwise') };
      const incidentId = await about(married);
      const admin = api().person('adam', { roles: ['vpn-admin'] });
      const path = { incidentId };
      const body = { decision: 'bind', personId: alice.personId, comment: 'she married' };
      const nobody = { ...body, personId: api().person('nobody').personId };
      await refused(
        api(),
        DECIDE,
        { as: admin, path, body: nobody },
        { status: 404, code: 'personNotFound' },
      );
      const decided = await api().call(DECIDE, { as: admin, path, body });
      expect([decided.status, decided.json]).toMatchObject([
        200,
        { incidentId, decision: 'bind', event: { outcome: 'denied' } },
      ]);
      expect(await api().gate(commonName)).toMatchObject({ allow: false });
      const found = await api().call('GET /v1/admin/people', { as: admin, query: { email: married.email } });
      expect(found.json).toMatchObject({ personId: alice.personId, isDenied: true, refusal: 'personLeft' });
      expect(problemOf(await enrolment(alice)).code).toBe('personDenied');
      const again = { as: admin, path, body };
      await refused(api(), DECIDE, again, { status: 409, code: 'incidentAlreadyResolved' });
      const one = await api().call('GET /v1/admin/incidents/{incidentId}', { as: admin, path });
      expect(one.json).toMatchObject({
        state: 'resolved',
        resolution: { decision: 'bind', comment: 'she married' },
      });
    });

    it('is forgotten when an administrator dismisses it: the name can enrol', async () => {
      const stranger = api().person('stranger');
      const incidentId = await about(stranger);
      const admin = api().person('adam', { roles: ['vpn-admin'] });
      // The source's second thoughts are there for who decides.
      const back = await api().call(
        HOOK,
        hrRequest(api(), { body: hrEvent(stranger.email, 'person.returned') }),
      );
      expect(back.json).toEqual({ outcome: 'unknownPerson', incidentId });
      const path = { incidentId };
      const shown = await api().call('GET /v1/admin/incidents/{incidentId}', { as: admin, path });
      expect(shown.json).toMatchObject({ state: 'unresolved', returns: [{ source: 'hr' }] });
      const decided = await api().call(DECIDE, {
        as: admin,
        path: { incidentId },
        body: { decision: 'dismiss' },
      });
      expect(decided.status).toBe(200);
      expect((await enrolment(stranger)).status).toBe(201);
    });

    it.each<[string, unknown, string[]]>([
      ['nothing', {}, ['/decision']],
      ['a word of its own', { decision: 'ignore' }, ['/decision']],
      ['bind without a person', { decision: 'bind' }, ['/personId']],
      ['dismiss with a person', { decision: 'dismiss', personId: 'x' }, ['/personId']],
    ])('is not decided by %s', async (_, body, pointers) => {
      const as = api().person('adam', { roles: ['vpn-admin'] });
      const request = { as, path: { incidentId: 'x' }, body };
      const { errors = [] } = await refused(api(), DECIDE, request, {
        status: 400,
        code: 'malformedRequest',
      });
      expect(errors.map(({ pointer }) => pointer)).toEqual(pointers);
    });

    it('who returns is no incident', async () => {
      const body = hrEvent(api().person('stranger').email, 'person.returned');
      const answer = await api().call(HOOK, hrRequest(api(), { body }));
      expect([answer.status, answer.json]).toEqual([200, { outcome: 'nothingToLift' }]);
    });
  });

  describe('the secrets of a source', () => {
    const name = 'vpn-portal/local/hr';
    const [old, next] = [newSecret(), newSecret()];
    /** Longer than an answer of Secrets Manager is used again. */
    const put = (text: string): void => {
      api().stack.cloud.secrets.put(name, text);
      api().stack.moveTime(61);
    };
    const knock = (secret: string): ApiRequest =>
      hrRequest(api(), { body: hrEvent(api().person('nobody').email, 'person.returned'), secret });
    let before: string | undefined;
    beforeAll(() => {
      for (const secret of [old, next]) api().keepSecret(secret);
      before = api().stack.cloud.secrets.get(name);
    });
    afterAll(() => put(before ?? ''));

    it('are both good while they are changed, and the old one no more when it is taken away', async () => {
      put(JSON.stringify({ secrets: [next, old] }));
      for (const secret of [old, next]) expect((await api().call(HOOK, knock(secret))).status).toBe(200);
      put(JSON.stringify({ secrets: [next] }));
      expect((await api().call(HOOK, knock(next))).status).toBe(200);
      await refused(api(), HOOK, knock(old), { status: 401, code: 'badWebhookSignature' });
    });

    it('may be missing: that is our fault, and the sender tries again', async () => {
      put(JSON.stringify({ secrets: [] }));
      await refused(api(), HOOK, knock(next), { status: 503, code: 'sourceNotConfigured' });
      put(JSON.stringify({ secrets: [next] }));
      expect((await api().call(HOOK, knock(next))).status).toBe(200);
    });

    it('may be unreadable: that is our fault too, and is not quoted', async () => {
      put(`${next} (from the vault)`);
      const { answer } = await refused(api(), HOOK, knock(next), { status: 500, code: 'internalError' });
      expect(answer.text).not.toContain('vault');
    });
  });
}
