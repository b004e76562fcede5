import { X509Certificate } from 'node:crypto';
import { problemOf, refused, type ApiStack } from '../../support/api-stack.ts';
import { newKey } from '../../support/api-keys.ts';

const ONE = 'GET /v1/certificates/{certificateId}';
const PROFILE = 'GET /v1/certificates/{certificateId}/profile';
const REVOKE = 'POST /v1/certificates/{certificateId}/revocation';

/** An employee's own certificates, and nobody else's. */
export function ownCertificatesAreOwn(api: () => ApiStack): void {
  describe('a certificate of one’s own', () => {
    it('can be read, and its profile taken, by its owner', async () => {
      const alice = api().person('alice');
      const key = await newKey();
      const issued = await api().enrol(alice, key, 'work laptop');
      const path = { certificateId: issued.certificateId };
      const one = await api().call(ONE, { as: alice, path });
      expect(one.json).toMatchObject({
        deviceName: 'work laptop',
        state: 'active',
        serialNumber: issued.serialNumber,
      });
      const certificate = new X509Certificate((one.json as { certificate: string }).certificate);
      expect(certificate.checkPrivateKey(key.privateKey)).toBe(true);
      expect(certificate.verify(new X509Certificate(issued.chain).publicKey)).toBe(true);
      // Either case is the same id.
      const lower = { certificateId: issued.certificateId.toLowerCase() };
      const profile = await api().call(PROFILE, { as: alice, path: lower });
      expect(profile.text).toBe(issued.profile);
      const query = { endpointId: 'cvpn-endpoint-00000000000000000' };
      const another = await api().call(PROFILE, { as: alice, path, query });
      expect([another.status, problemOf(another).code]).toEqual([404, 'endpointNotFound']);
      expect(profile.headers.get('content-disposition')).toBe(
        `attachment; filename="vpn-${issued.certificateId}.ovpn"`,
      );
      expect(profile.headers.get('cache-control')).toBe('no-store');
      expect(await api().gate(issued.commonName)).toEqual({ allow: true, words: '' });
    });

    it('and an unknown, a malformed and another person’s id are answered alike to the octet', async () => {
      const [alice, bob] = [api().person('alice'), api().person('bob')];
      const { certificateId: bobs } = await api().enrol(bob, await newKey());
      const ids = [
        bobs,
        '0000000000000000',
        'ILOU',
        "' OR 1=1",
        '../../etc/passwd',
        `${bobs}0`,
        'x'.repeat(3_000),
      ];
      for (const operation of [ONE, PROFILE, REVOKE]) {
        const bodies = new Set<string>();
        for (const certificateId of ids) {
          const body = operation === REVOKE ? { body: { reason: 'keyCompromise' } } : {};
          const request = { as: alice, path: { certificateId }, ...body };
          const { answer, instance } = await refused(api(), operation, request, {
            status: 404,
            code: 'certificateNotFound',
          });
          const headers = [...answer.headers].filter(([name]) => !['apigw-requestid', 'date'].includes(name));
          bodies.add(answer.text.replace(instance, '') + JSON.stringify(headers));
        }
        expect([operation, bodies.size]).toEqual([operation, 1]);
      }
      expect((await api().call(ONE, { as: bob, path: { certificateId: bobs } })).json).toMatchObject({
        state: 'active',
      });
    });

    it.each([
      'affiliationChanged',
      'privilegeWithdrawn',
      'certificateHold',
      'removeFromCRL',
      'cACompromise',
      'lost',
      '',
    ])('is not revoked for the reason "%s"', async (reason) => {
      const alice = api().person('alice');
      const { certificateId } = await api().enrol(alice, await newKey());
      const request = { as: alice, path: { certificateId }, body: { reason } };
      const { detail } = await refused(api(), REVOKE, request, { status: 400, code: 'badRevocationReason' });
      expect(detail).toContain('keyCompromise');
    });

    it.each<[string, unknown]>([
      ['no body', undefined],
      ['another type', { reason: 1 }],
      ['a field too many', { reason: 'keyCompromise', serialNumber: '1' }],
      ['a long reason', { reason: 'k'.repeat(33) }],
    ])('is not revoked with %s', async (_, body) => {
      const alice = api().person('alice');
      const path = { certificateId: '0000000000000000' };
      await refused(api(), REVOKE, { as: alice, path, body }, { status: 400, code: 'malformedRequest' });
    });

    it('is revoked once, refused by the gate at once, and gives no profile any more', async () => {
      const alice = api().person('alice');
      const { certificateId, commonName } = await api().enrol(alice, await newKey());
      const path = { certificateId };
      // Who lost a laptop an hour after signing in is not held up.
      const hour = Math.floor(Date.now() / 1000) - 3_000;
      const as = await api().token(alice, { claims: { auth_time: hour } });
      const revoked = await api().call(REVOKE, { as, path, body: { reason: 'keyCompromise' } });
      expect(revoked.json).toMatchObject({
        state: 'revoked',
        revocation: { reason: 'keyCompromise', by: 'owner' },
      });
      expect(await api().gate(commonName)).toEqual({
        allow: false,
        words: 'This certificate has been revoked. Get a new one in the VPN portal.',
      });
      await refused(
        api(),
        REVOKE,
        { as, path, body: { reason: 'superseded' } },
        { status: 409, code: 'alreadyRevoked' },
      );
      await refused(api(), PROFILE, { as, path }, { status: 409, code: 'certificateNotActive' });
      expect((await api().call(ONE, { as, path })).json).toMatchObject({
        revocation: { reason: 'keyCompromise' },
      });
    });

    it('is revoked by one of two who ask at once', async () => {
      const alice = api().person('alice');
      const { certificateId } = await api().enrol(alice, await newKey());
      const request = { as: alice, path: { certificateId }, body: { reason: 'keyCompromise' } };
      const answers = await Promise.all([api().call(REVOKE, request), api().call(REVOKE, request)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const second = answers.find(({ status }) => status === 409);
      expect(second && problemOf(second).code).toBe('alreadyRevoked');
    });
  });
}
