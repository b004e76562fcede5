import {
  problemOf,
  refused,
  refusedByGateway,
  type ApiRequest,
  type ApiStack,
  type TokenChanges,
} from '../../support/api-stack.ts';
import { newKey } from '../../support/api-keys.ts';

const UNAUTHORIZED = { status: 401, message: 'Unauthorized' };
const FORBIDDEN = { status: 403, message: 'Forbidden' };
const now = (): number => Math.floor(Date.now() / 1000);

/** Who asks: what API Gateway's authorizer turns away, and what is left to us. */
export function whoAsksIsChecked(api: () => ApiStack): void {
  describe('a token', () => {
    it.each<[string, () => TokenChanges]>([
      ['that has expired', () => ({ claims: { iat: now() - 7200, exp: now() - 1 } })],
      ['that is not valid yet', () => ({ claims: { nbf: now() + 600 } })],
      ['signed by somebody else', () => ({ signature: 'forged' })],
      ['with alg none', () => ({ signature: 'none' })],
      ['for another audience', () => ({ claims: { aud: 'https://other.example' } })],
      ['of another issuer', () => ({ claims: { iss: 'https://other.example' } })],
      ['without an end', () => ({ claims: { exp: undefined } })],
    ])('%s is turned away by the authorizer', async (_, changes) => {
      const alice = api().person('alice');
      const as = await api().token(alice, changes());
      for (const operation of ['GET /v1/me', 'POST /v1/certificates']) {
        const answer = await refusedByGateway(api(), operation, { as }, UNAUTHORIZED);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    });

    it.each<[string, ApiRequest]>([
      ['none', {}],
      ['one that is no token', { as: 'abc' }],
      ['one behind another scheme', { headers: { authorization: 'Basic YWxpY2U6c2VjcmV0' } }],
      ['two', { headers: { authorization: 'Bearer a.b.c Bearer d.e.f' } }],
    ])('is needed: %s is turned away by the authorizer', async (_, request) => {
      await refusedByGateway(api(), 'POST /v1/certificates', request, UNAUTHORIZED);
    });

    it.each([
      ['GET /v1/me', ['openid']],
      ['POST /v1/certificates', ['vpn.admin']],
      ['GET /v1/admin/incidents', ['vpn']],
      ['POST /v1/admin/holds', ['vpn']],
    ])('without the scope of %s is turned away by the authorizer', async (operation, scopes) => {
      const as = api().person('alice', { scopes, roles: ['vpn-admin'] });
      const answer = await refusedByGateway(api(), operation, { as }, FORBIDDEN);
      expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
    });

    it('without Bearer before it passes the authorizer, and not us', async () => {
      const authorization = await api().token(api().person('alice'));
      api().keepSecret(authorization);
      await refused(
        api(),
        'GET /v1/me',
        { headers: { authorization } },
        { status: 401, code: 'unauthenticated' },
      );
    });

    it.each<[string, TokenChanges]>([
      ['a program', { claims: { sub: 'vpn-cli' } }],
      ['a program without a login', { claims: { sub: 'vpn-cli', preferred_username: undefined } }],
      ['nobody', { claims: { sub: '' } }],
      ['somebody without a login', { claims: { preferred_username: undefined } }],
      ['something whose name is a list', { claims: { preferred_username: ['alice', 'bob'] } }],
    ])('of %s is no sign-in', async (_, changes) => {
      const as = await api().token(api().person('alice'), changes);
      const { csr } = await newKey();
      const expected = { status: 401, code: 'unauthenticated' };
      await refused(api(), 'GET /v1/me', { as }, expected);
      await refused(api(), 'POST /v1/certificates', { as, body: { csr, deviceName: 'laptop' } }, expected);
    });
  });

  describe('to enrol', () => {
    const issue = async (): Promise<ApiRequest> => ({
      body: { csr: (await newKey()).csr, deviceName: 'laptop' },
    });

    it('one must be in the group', async () => {
      const as = api().person('dora', { groups: ['visitors'] });
      const { detail } = await refused(
        api(),
        'POST /v1/certificates',
        { as, ...(await issue()) },
        { status: 403, code: 'notEntitled' },
      );
      expect(detail).toContain('vpn-users');
      const me = await api().call('GET /v1/me', { as });
      expect(me.json).toMatchObject({ mayEnrol: false, refusal: { code: 'notEntitled' } });
    });

    it.each([
      ['by auth_time', () => ({ auth_time: now() - 601 })],
      ['by iat where auth_time is absent', () => ({ auth_time: undefined, iat: now() - 601 })],
    ])('one must have signed in within ten minutes, %s', async (_, claims) => {
      const as = await api().token(api().person('alice'), { claims: claims() });
      const { answer } = await refused(
        api(),
        'POST /v1/certificates',
        { as, ...(await issue()) },
        { status: 401, code: 'signInTooOld' },
      );
      // RFC 9470 section 3.
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_user_authentication"');
      expect((await api().call('GET /v1/certificates', { as })).status).toBe(200);
    });

    it('one must have a verified name by which every source can say that one left', async () => {
      const as = await api().token(api().person('alice'), { claims: { email_verified: false } });
      const answer = await api().call('POST /v1/certificates', { as, ...(await issue()) });
      expect(problemOf(answer)).toMatchObject({ status: 403, code: 'aliasMissing' });
      expect((await api().call('GET /v1/certificates', { as })).json).toEqual({ certificates: [] });
    });

    it('one must not come with the address of another', async () => {
      const owner = api().person('owner');
      await api().call('GET /v1/me', { as: owner });
      const as = await api().token(api().person('thief'), { claims: { email: owner.email } });
      const answer = await api().call('POST /v1/certificates', { as, ...(await issue()) });
      expect(problemOf(answer)).toMatchObject({ status: 403, code: 'aliasUnderReview' });
      expect(answer.text).not.toContain(owner.personId);
    });
  });

  describe('an administrator', () => {
    it('needs a role beside the scope', async () => {
      const as = api().person('alice', { scopes: ['vpn', 'vpn.admin'] });
      const path = { personId: as.personId };
      const expected = { status: 403, code: 'notAllowed' };
      await refused(api(), 'GET /v1/admin/incidents', { as }, expected);
      await refused(api(), 'POST /v1/admin/people/{personId}/hold', { as, path }, expected);
    });

    it.each([
      ['POST /v1/admin/people/{personId}/offboarding', {}],
      ['POST /v1/admin/people/{personId}/hold', {}],
      ['POST /v1/admin/people/{personId}/reinstatement', {}],
      ['POST /v1/admin/offboardings', { alias: { kind: 'login', value: 'alice' } }],
      ['POST /v1/admin/holds', { alias: { kind: 'login', value: 'alice' } }],
      ['POST /v1/admin/certificates/{certificateId}/revocation', { reason: 'keyCompromise' }],
      ['POST /v1/admin/crl/publication', {}],
      ['POST /v1/admin/incidents/{incidentId}/decision', { decision: 'dismiss' }],
    ])('may not %s as an auditor, nor after ten minutes', async (operation, body) => {
      const alice = api().person('alice');
      await api().call('GET /v1/me', { as: alice });
      const path = { personId: alice.personId, certificateId: '0000000000000000', incidentId: 'x' };
      const auditor = api().person('erin', { roles: ['vpn-auditor'] });
      await refused(api(), operation, { as: auditor, path, body }, { status: 403, code: 'notAllowed' });
      const admin = api().person('adam', { roles: ['vpn-admin'] });
      const old = await api().token(admin, { claims: { auth_time: now() - 601 } });
      await refused(api(), operation, { as: old, path, body }, { status: 401, code: 'signInTooOld' });
    });

    it.each([['vpn-auditor'], ['vpn-admin']])('may look as %s, also later', async (role) => {
      const reader = api().person('erin', { roles: [role] });
      const as = await api().token(reader, { claims: { auth_time: now() - 3000 } });
      for (const name of ['incidents', 'offboardings', 'endpoints']) {
        expect((await api().call(`GET /v1/admin/${name}`, { as })).status).toBe(200);
      }
    });

    it('cannot reinstate themselves', async () => {
      const as = api().person('adam', { roles: ['vpn-admin'] });
      await api().call('GET /v1/me', { as });
      await refused(
        api(),
        'POST /v1/admin/people/{personId}/reinstatement',
        { as, path: { personId: as.personId } },
        { status: 403, code: 'notAllowed' },
      );
    });
  });
}
