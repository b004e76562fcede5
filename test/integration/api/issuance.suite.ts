import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  problemOf,
  refused,
  issuedBody,
  type ApiAnswer,
  type ApiPerson,
  type ApiStack,
} from '../../support/api-stack.ts';
import { apiKey, newKey } from '../../support/api-keys.ts';
import { itWithOpenssl } from '../../support/openssl.ts';

const ISSUE = 'POST /v1/certificates';
const REVOKE = 'POST /v1/certificates/{certificateId}/revocation';
const DAY_SECONDS = 86_400;
const PASSPHRASE = 'correct horse battery staple';
let keyNumber = 0;
const newIdempotencyKey = (): string => `test-key-${(keyNumber += 1)}`;

/** What is issued, how often, and once only. */
export function issuingIsLimited(api: () => ApiStack): void {
  const idempotent = async (as: ApiPerson, key: string, body: unknown): Promise<ApiAnswer> =>
    api().call(ISSUE, { as, headers: { 'idempotency-key': key }, body });
  const certificatesOf = async (as: ApiPerson): Promise<unknown[]> => {
    const { json } = await api().call('GET /v1/certificates', { as });
    return (json as { certificates: unknown[] }).certificates;
  };

  describe('an Idempotency-Key', () => {
    it('makes two requests one: issued once, answered alike', async () => {
      const alice = api().person('alice');
      const key = newIdempotencyKey();
      const body = { csr: (await newKey()).csr, deviceName: 'laptop' };
      const first = await idempotent(alice, key, body);
      const before = await api().items();
      const second = await idempotent(alice, `"${key}"`, body);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.json).toEqual(first.json);
      expect(await api().items()).toEqual(before);
      expect(second.headers.get('location')).toBe(
        `/v1/certificates/${issuedBody.parse(first.json).certificateId}`,
      );
    });

    it('makes two requests one also when they come at once', async () => {
      const alice = api().person('alice');
      const key = newIdempotencyKey();
      const body = { csr: (await newKey()).csr, deviceName: 'laptop' };
      const answers = await Promise.all([1, 2, 3].map(() => idempotent(alice, key, body)));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(new Set(answers.map(({ json }) => issuedBody.parse(json).certificateId)).size).toBe(1);
      expect(await certificatesOf(alice)).toHaveLength(1);
    });

    it('is refused for another body', async () => {
      const alice = api().person('alice');
      const key = newIdempotencyKey();
      const { csr } = await newKey();
      await idempotent(alice, key, { csr, deviceName: 'laptop' });
      const other = { csr: (await newKey()).csr, deviceName: 'laptop' };
      const request = { as: alice, headers: { 'idempotency-key': key }, body: other };
      await refused(api(), ISSUE, request, { status: 422, code: 'idempotencyKeyReused' });
    });

    it('is its person’s own: the same one of another person is another request', async () => {
      const key = newIdempotencyKey();
      for (const name of ['alice', 'bob']) {
        const body = { csr: (await newKey()).csr, deviceName: 'laptop' };
        expect((await idempotent(api().person(name), key, body)).status).toBe(201);
      }
    });

    it('of a certificate that was revoked since does not bring it back', async () => {
      const alice = api().person('alice');
      const key = newIdempotencyKey();
      const body = { csr: (await newKey()).csr, deviceName: 'laptop' };
      const { certificateId } = issuedBody.parse((await idempotent(alice, key, body)).json);
      await api().call(REVOKE, { as: alice, path: { certificateId }, body: { reason: 'keyCompromise' } });
      expect(problemOf(await idempotent(alice, key, body))).toMatchObject({ code: 'certificateNotActive' });
    });
  });

  describe('two at once without one', () => {
    it('get one certificate for one key', async () => {
      const alice = api().person('alice');
      const body = { csr: (await newKey()).csr, deviceName: 'laptop' };
      const answers = await Promise.all([1, 2].map(() => api().call(ISSUE, { as: alice, body })));
      const ids = answers
        .filter(({ status }) => status === 201)
        .map(({ json }) => issuedBody.parse(json).certificateId);
      expect(new Set(ids).size).toBe(1);
      expect(await certificatesOf(alice)).toHaveLength(1);
    });
  });

  describe('a key made here', () => {
    const order = { keyGeneration: 'server', deviceName: 'phone' } as const;

    it('comes as PEM, in one answer and in the profile, and nowhere else', async () => {
      const alice = api().person('alice');
      const key = newIdempotencyKey();
      const answer = await idempotent(alice, key, { ...order, format: 'pem' });
      const { privateKey = '', certificate, profile, certificateId } = issuedBody.parse(answer.json);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
      expect(profile).toContain(`<key>\n${privateKey.trim()}\n</key>`);
      // The first lines are the public modulus; this one is of the private exponent.
      const line = privateKey.split('\n')[9] ?? '';
      expect(line).toHaveLength(64);
      api().keepSecret(line);
      expect((await api().items()).filter((item) => item.includes(line))).toEqual([]);
      const later = await api().call('GET /v1/certificates/{certificateId}/profile', {
        as: alice,
        path: { certificateId },
      });
      expect(later.text).toContain('PUT-YOUR-PRIVATE-KEY-HERE');

      const again = { as: alice, headers: { 'idempotency-key': key }, body: { ...order, format: 'pem' } };
      await refused(api(), ISSUE, again, { status: 409, code: 'keyAlreadyDelivered' });
      const other = { ...again, body: { ...order, format: 'pem', deviceName: 'other' } };
      await refused(api(), ISSUE, other, { status: 422, code: 'idempotencyKeyReused' });
    });

    it('is delivered once when its order comes twice at once', async () => {
      const key = newIdempotencyKey();
      const alice = api().person('alice');
      const answers = await Promise.all(
        [1, 2].map(() => idempotent(alice, key, { ...order, format: 'pem' })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      const refusedOne = answers.find(({ status }) => status === 409);
      // The first may be finished by then, or not.
      expect((refusedOne?.json as { code: string }).code).toMatch(
        /^(keyAlreadyDelivered|certificateNotActive)$/,
      );
      expect(await certificatesOf(alice)).toHaveLength(1);
    });

    itWithOpenssl('comes as PKCS #12 that openssl opens with the passphrase alone', async () => {
      const body = { ...order, format: 'pkcs12', passphrase: PASSPHRASE };
      const alice = api().person('alice');
      const answer = await api().call(ISSUE, { as: alice, body });
      const { pkcs12 = '', privateKey, certificate } = issuedBody.parse(answer.json);
      expect(privateKey).toBeUndefined();
      const open = (passphrase: string): string =>
        execFileSync('openssl', ['pkcs12', '-nodes', '-passin', `pass:${passphrase}`], {
          input: Buffer.from(pkcs12, 'base64'),
          stdio: ['pipe', 'pipe', 'ignore'],
        }).toString();
      const opened = open(PASSPHRASE);
      const key = /-----BEGIN PRIVATE KEY-----[^]*?-----END PRIVATE KEY-----/.exec(opened)?.[0] ?? '';
      expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))).toBe(true);
      expect(opened.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      expect(() => open('not the passphrase')).toThrow();
      expect(answer.text).not.toContain(PASSPHRASE);
    });

    it('leaves no trace of its passphrase in the table, not even a hash of the body', async () => {
      const alice = api().person('alice');
      const orders = ['the first passphrase', 'another passphrase'].map((passphrase) => ({
        ...order,
        format: 'pkcs12',
        passphrase,
      }));
      const key = newIdempotencyKey();
      expect((await idempotent(alice, key, orders[0])).status).toBe(201);
      // The passphrase is no part of what makes two requests the same, so its hash is not kept.
      expect(problemOf(await idempotent(alice, key, orders[1])).code).toBe('keyAlreadyDelivered');
    });
  });

  describe('limits', () => {
    const issueAndRevoke = async (as: ApiPerson, name: string): Promise<void> => {
      const { certificateId } = await api().enrol(as, await apiKey(name));
      const answer = await api().call(REVOKE, {
        as,
        path: { certificateId },
        body: { reason: 'superseded' },
      });
      expect(answer.status).toBe(200);
    };

    it('end a loop of issue and revoke with 429, and it causes no import', async () => {
      const mallory = api().person('mallory');
      const imports = api().imports();
      const keys = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => apiKey(`loop ${n}`)));
      for (let n = 1; n <= 5; n += 1) await issueAndRevoke(mallory, `loop ${n}`);
      const body = { csr: keys[5]?.csr, deviceName: 'laptop' };
      const { answer } = await refused(
        api(),
        ISSUE,
        { as: mallory, body },
        { status: 429, code: 'rateLimited' },
      );
      const retryAfterSeconds = Number(answer.headers.get('retry-after'));
      expect(retryAfterSeconds).toBeGreaterThan(DAY_SECONDS - 120);
      expect(retryAfterSeconds).toBeLessThanOrEqual(DAY_SECONDS);
      const me = await api().call('GET /v1/me', { as: mallory });
      expect(me.json).toMatchObject({ mayEnrol: false, refusal: { code: 'rateLimited' } });

      await api().stack.fireSchedule('publisher');
      expect(api().imports()).toBe(imports);
      const admin = api().person('adam', { roles: ['vpn-admin'] });
      const { json } = await api().call('GET /v1/admin/endpoints', { as: admin });
      const [endpoint] = (json as { endpoints: { pendingRevocations: number }[] }).endpoints;
      expect(endpoint?.pendingRevocations).toBeGreaterThanOrEqual(5);
    }, 20_000);

    it('are those of devices too: the sixth is refused on another day, until one is revoked', async () => {
      const alice = api().person('alice');
      for (let n = 1; n <= 5; n += 1) await api().enrol(alice, await apiKey(`device ${n}`));
      api().stack.moveTime(DAY_SECONDS + 60);
      try {
        const body = { csr: (await apiKey('device 6')).csr, deviceName: 'laptop' };
        const expected = { status: 409, code: 'certificateLimitReached' };
        await refused(api(), ISSUE, { as: alice, body }, expected);
        const [first] = (await certificatesOf(alice)) as { certificateId: string }[];
        const path = { certificateId: first?.certificateId ?? '' };
        await api().call(REVOKE, { as: alice, path, body: { reason: 'cessationOfOperation' } });
        expect((await api().call(ISSUE, { as: alice, body })).status).toBe(201);
      } finally {
        api().stack.moveTime(-DAY_SECONDS - 60);
      }
    }, 20_000);
  });
}
