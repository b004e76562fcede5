import { X509Certificate } from 'node:crypto';
import {
  problemOf,
  refused,
  issuedBody,
  type ApiAnswer,
  type ApiPerson,
  type ApiStack,
} from '../../support/api-stack.ts';
import { newKey } from '../../support/api-keys.ts';

const RENEW = 'POST /v1/certificates/{certificateId}/renewal';
const ONE = 'GET /v1/certificates/{certificateId}';
const REVOKE = 'POST /v1/certificates/{certificateId}/revocation';
const DAY_SECONDS = 86_400;
/** Within the last third of every life that the jitter may give. */
const IN_THE_WINDOW_SECONDS = 140 * DAY_SECONDS;

/** One certificate takes the place of another. */
export function renewalWorks(api: () => ApiStack): void {
  const renew = (
    as: ApiPerson | string,
    certificateId: string,
    body: unknown,
    key?: string,
  ): Promise<ApiAnswer> =>
    api().call(RENEW, {
      as,
      path: { certificateId },
      body,
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  const inTheWindow = async (act: () => Promise<void>): Promise<void> => {
    api().stack.moveTime(IN_THE_WINDOW_SECONDS);
    try {
      await act();
    } finally {
      api().stack.moveTime(-IN_THE_WINDOW_SECONDS);
    }
  };

  describe('a renewal', () => {
    it('replaces a certificate: each shows the other, and the old one ends once the new one is in use', async () => {
      const alice = api().person('alice');
      const old = await api().enrol(alice, await newKey(), 'work laptop');
      await inTheWindow(async () => {
        const key = await newKey();
        const body = { csr: key.csr };
        const answer = await renew(alice, old.certificateId.toLowerCase(), body, 'renewal-0001');
        expect(answer.status).toBe(201);
        const fresh = issuedBody.parse(answer.json);
        expect(new X509Certificate(fresh.certificate).checkPrivateKey(key.privateKey)).toBe(true);
        expect(fresh).toMatchObject({ deviceName: 'work laptop', predecessorId: old.certificateId });
        const again = await renew(alice, old.certificateId, body, 'renewal-0001');
        expect(again.json).toEqual(answer.json);
        const shown = await api().call(ONE, { as: alice, path: { certificateId: old.certificateId } });
        expect(shown.json).toMatchObject({ state: 'active', successorId: fresh.certificateId });
        for (const { commonName } of [old, fresh]) {
          expect(await api().gate(commonName)).toMatchObject({ allow: true });
        }
        const second = {
          as: alice,
          path: { certificateId: old.certificateId },
          body: { csr: (await newKey()).csr },
        };
        const { detail } = await refused(api(), RENEW, second, { status: 409, code: 'alreadyRenewed' });
        expect(detail).toContain(fresh.certificateId);
        await refused(
          api(),
          'POST /v1/certificates',
          { as: alice, headers: { 'idempotency-key': 'renewal-0001' }, body: { ...body, deviceName: 'a' } },
          { status: 422, code: 'idempotencyKeyReused' },
        );
        await api().stack.fireSchedule('notices');
        const told = api()
          .stack.cloud.sns.messages()
          .filter(({ attributes }) => attributes['email'] === alice.email);
        expect(told.map(({ subject }) => subject).sort()).toEqual([
          'A VPN certificate was issued to you',
          'Your VPN certificate was renewed',
        ]);
      });
    });

    it('can have its key made here, once', async () => {
      const alice = api().person('alice');
      const { certificateId } = await api().enrol(alice, await newKey(), 'phone');
      await inTheWindow(async () => {
        const body = { keyGeneration: 'server', format: 'pem' };
        const { privateKey } = issuedBody.parse(
          (await renew(alice, certificateId, body, 'renewal-0002')).json,
        );
        expect(privateKey).toContain('PRIVATE KEY');
        api().keepSecret(privateKey?.split('\n')[9] ?? '');
        expect(problemOf(await renew(alice, certificateId, body, 'renewal-0002')).code).toBe(
          'keyAlreadyDelivered',
        );
      });
    });

    it('is for one’s own certificate only: others’ and none are answered alike', async () => {
      const [alice, bob] = [api().person('alice'), api().person('bob')];
      const { certificateId } = await api().enrol(bob, await newKey());
      const { csr } = await newKey();
      for (const id of [certificateId, '0000000000000000', 'ILOU', '../../etc/passwd']) {
        const request = { as: alice, path: { certificateId: id }, body: { csr } };
        await refused(api(), RENEW, request, { status: 404, code: 'certificateNotFound' });
      }
    });

    it('needs a fresh sign-in, membership, and a certificate whose time has come and not gone', async () => {
      const alice = api().person('alice');
      const { certificateId } = await api().enrol(alice, await newKey());
      const body = { csr: (await newKey()).csr };
      const path = { certificateId };
      const hour = Math.floor(Date.now() / 1000) - 3_000;
      const stale = await api().token(alice, { claims: { auth_time: hour } });
      await refused(api(), RENEW, { as: stale, path, body }, { status: 401, code: 'signInTooOld' });
      const visitor = await api().token(alice, { claims: { groups: ['visitors'] } });
      await refused(api(), RENEW, { as: visitor, path, body }, { status: 403, code: 'notEntitled' });
      const early = await refused(
        api(),
        RENEW,
        { as: alice, path, body },
        { status: 409, code: 'renewalTooEarly' },
      );
      const { json } = await api().call(ONE, { as: alice, path });
      expect(early.detail).toContain((json as { renewableFrom: string }).renewableFrom);
      await api().call(REVOKE, { as: alice, path, body: { reason: 'keyCompromise' } });
      await refused(api(), RENEW, { as: alice, path, body }, { status: 409, code: 'certificateNotActive' });
      expect((await api().call(ONE, { as: alice, path })).json).not.toHaveProperty('renewableFrom');
    });

    it.each<[string, unknown, string[]]>([
      ['without its fields', {}, ['/csr']],
      ['with another device name', { csr: 'x', deviceName: 'other' }, ['/deviceName']],
      ['that wants its own lifetime', { csr: 'x', days: 3650 }, ['/days']],
      ['with a format that there is not', { keyGeneration: 'server', format: 'jks' }, ['/format']],
      ['that is not JSON', '{"csr":', []],
    ])('whose body is one %s is refused', async (_, body, pointers) => {
      const request = { as: api().person('alice'), path: { certificateId: '0000000000000000' }, body };
      const problem = await refused(api(), RENEW, request, { status: 400, code: 'malformedRequest' });
      expect((problem.errors ?? []).map(({ pointer }) => pointer)).toEqual(pointers);
    });

    it('of a request that is none is refused as in an issue', async () => {
      const alice = api().person('alice');
      const { certificateId } = await api().enrol(alice, await newKey());
      const request = { as: alice, path: { certificateId }, body: { csr: 'no request' } };
      await refused(api(), RENEW, request, { status: 400, code: 'badCsr' });
    });
  });
}
