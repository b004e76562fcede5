import { auditPageView, entryFrom } from '../../../shared/http/api/audit.ts';
import { chainFaults } from '../../../shared/domain/audit-entry.ts';
import type { PersonId } from '../../../shared/domain/identity.ts';
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { newKey } from '../../support/api-keys.ts';
import { refused, type ApiPerson, type ApiRequest, type ApiStack } from '../../support/api-stack.ts';

const FIND = 'GET /v1/admin/certificates/{certificate}';
const ONE_PERSON = 'GET /v1/admin/people/{personId}';
const OFFBOARD = 'POST /v1/admin/people/{personId}/offboarding';
const HOLD = 'POST /v1/admin/people/{personId}/hold';
const REINSTATE = 'POST /v1/admin/people/{personId}/reinstatement';
const REVOKE_ANY = 'POST /v1/admin/certificates/{certificateId}/revocation';

const offboardings = z.object({ offboardings: z.array(z.looseObject({ offboardingId: z.string() })) });
const endpoints = z.object({
  endpoints: z.array(z.looseObject({ crl: z.looseObject({ crlNumber: z.number(), entries: z.number() }) })),
});

/** What administrators find, and what they order. */
export function administrationWorks(api: () => ApiStack): void {
  const adam = (): ApiPerson => api().person('adam', { roles: ['vpn-admin'] });
  const employed = async (name: string) => {
    const person = api().person(name);
    return { person, ...(await api().enrol(person, await newKey())) };
  };
  const order = async (
    operation: string,
    personId: string,
    body?: unknown,
    as = adam(),
  ): Promise<unknown> => {
    const answer = await api().call(operation, {
      as,
      path: { personId },
      ...(body === undefined ? {} : { body }),
    });
    expect([operation, answer.status]).toEqual([operation, 200]);
    return answer.json;
  };
  const endpointState = async () => {
    const { json } = await api().call('GET /v1/admin/endpoints', { as: adam() });
    return endpoints.parse(json).endpoints[0];
  };

  describe('bad input to an administrator’s call', () => {
    it.each<[string, string, ApiRequest, string, number]>([
      ['a person by a malformed id', ONE_PERSON, { path: { personId: 'alice' } }, 'personNotFound', 404],
      [
        'a person by an unknown id',
        ONE_PERSON,
        { path: { personId: 'a'.repeat(26) } },
        'personNotFound',
        404,
      ],
      [
        'holders of a CA that is not there',
        'GET /v1/admin/ca/{caId}/holders',
        { path: { caId: 'ca9' } },
        'notFound',
        404,
      ],
      [
        'holders behind a cursor of her own',
        'GET /v1/admin/ca/{caId}/holders',
        { path: { caId: 'ca1' }, query: { cursor: '1' } },
        'malformedRequest',
        400,
      ],
      ['a person by no name', 'GET /v1/admin/people', {}, 'malformedRequest', 400],
      [
        'a person by two names',
        'GET /v1/admin/people',
        { query: { email: 'a', login: 'b' } },
        'malformedRequest',
        400,
      ],
      [
        'a person by a wrong kind',
        'GET /v1/admin/people',
        { query: { phone: '1' } },
        'malformedRequest',
        400,
      ],
      [
        'a person by a long name',
        'GET /v1/admin/people',
        { query: { email: 'a'.repeat(255) } },
        'malformedRequest',
        400,
      ],
      [
        'a person by an unknown name',
        'GET /v1/admin/people',
        { query: { email: 'nobody@example.com' } },
        'personNotFound',
        404,
      ],
      [
        'a certificate by nonsense',
        FIND,
        { path: { certificate: "x' OR 1=1 --" } },
        'certificateNotFound',
        404,
      ],
      [
        'a certificate by a long text',
        FIND,
        { path: { certificate: 'f'.repeat(3_000) } },
        'certificateNotFound',
        404,
      ],
      [
        'a certificate by a serial of 80 bits',
        FIND,
        { path: { certificate: 'f'.repeat(20) } },
        'certificateNotFound',
        404,
      ],
      ['why, of nothing', 'GET /v1/admin/explanation', {}, 'malformedRequest', 400],
      [
        'an offboarding by nonsense',
        'GET /v1/admin/offboardings/{offboardingId}',
        { path: { offboardingId: 'x'.repeat(3_000) } },
        'offboardingNotFound',
        404,
      ],
      [
        'an offboarding of the year 10889',
        'GET /v1/admin/offboardings/{offboardingId}',
        { path: { offboardingId: '7'.padEnd(26, 'z') } },
        'offboardingNotFound',
        404,
      ],
      [
        'an incident by nonsense',
        'GET /v1/admin/incidents/{incidentId}',
        { path: { incidentId: 'x' } },
        'incidentNotFound',
        404,
      ],
      [
        'the offboardings of a 13th month',
        'GET /v1/admin/offboardings',
        { query: { month: '2026-13' } },
        'malformedRequest',
        400,
      ],
      [
        'the offboardings behind another month’s cursor',
        'GET /v1/admin/offboardings',
        { query: { month: '2026-01', cursor: '06bq3v1f5k8m2n4p6r8t0w2y4a' } },
        'malformedRequest',
        400,
      ],
      [
        'certificates behind nonsense',
        'GET /v1/admin/certificates',
        { query: { cursor: 'ca1.1772355600.nonsense' } },
        'malformedRequest',
        400,
      ],
      [
        'certificates from no day',
        'GET /v1/admin/certificates',
        { query: { endsFrom: 'yesterday' } },
        'malformedRequest',
        400,
      ],
      [
        'the offboardings of another state',
        'GET /v1/admin/offboardings',
        { query: { state: 'done' } },
        'malformedRequest',
        400,
      ],
      ['to offboard nobody', OFFBOARD, { path: { personId: 'a'.repeat(26) } }, 'personNotFound', 404],
      [
        'to hold with a field too many',
        HOLD,
        { path: { personId: 'x' }, body: { days: 3 } },
        'malformedRequest',
        400,
      ],
      [
        'to hold with a long comment',
        HOLD,
        { path: { personId: 'x' }, body: { comment: 'x'.repeat(501) } },
        'malformedRequest',
        400,
      ],
      ['to hold without JSON', HOLD, { path: { personId: 'x' }, body: 'because' }, 'malformedRequest', 400],
      [
        'to hold with a bad Idempotency-Key',
        HOLD,
        { path: { personId: 'x' }, headers: { 'idempotency-key': 'x' } },
        'malformedRequest',
        400,
      ],
      [
        'to offboard an empty name',
        'POST /v1/admin/offboardings',
        { body: { alias: { kind: 'email', value: ' ' } } },
        'malformedRequest',
        400,
      ],
      [
        'to offboard a wrong kind',
        'POST /v1/admin/offboardings',
        { body: { alias: { kind: 'phone', value: '1' } } },
        'malformedRequest',
        400,
      ],
      [
        'to revoke nothing',
        REVOKE_ANY,
        { path: { certificateId: 'x' }, body: { reason: 'superseded' } },
        'certificateNotFound',
        404,
      ],
      [
        'to publish elsewhere',
        'POST /v1/admin/crl/publication',
        { body: { endpointId: 'cvpn-endpoint-0' } },
        'endpointNotFound',
        404,
      ],
      [
        'to plan elsewhere',
        'GET /v1/admin/crl/publication',
        { query: { endpointId: 'cvpn-endpoint-0' } },
        'endpointNotFound',
        404,
      ],
      [
        'to plan for nothing',
        'GET /v1/admin/crl/publication',
        { query: { endpoint: 'x' } },
        'malformedRequest',
        400,
      ],
      [
        'to decide nothing',
        'POST /v1/admin/incidents/{incidentId}/decision',
        { path: { incidentId: 'x' }, body: { decision: 'dismiss' } },
        'incidentNotFound',
        404,
      ],
    ])('%s is refused', async (_, operation, request, code, status) => {
      await refused(api(), operation, { as: adam(), ...request }, { status, code });
    });
  });

  describe('a certificate', () => {
    it('is found by whatever is at hand', async () => {
      const { person, certificateId, serialNumber, commonName, fingerprintSha256 } = await employed('alice');
      const colons = (hex: string): string => hex.replaceAll(/..(?=.)/g, '$&:').toUpperCase();
      const texts = [
        certificateId,
        certificateId.toLowerCase(),
        serialNumber,
        `0x${serialNumber.replace(/^0+/, '')}`,
        colons(serialNumber),
        BigInt(`0x${serialNumber}`).toString(),
        commonName,
        fingerprintSha256,
        colons(fingerprintSha256),
      ];
      const as = adam();
      for (const certificate of texts) {
        const { status, json } = await api().call(FIND, { as, path: { certificate } });
        expect([certificate, status, json]).toMatchObject([
          certificate,
          200,
          { certificate: { certificateId }, person: { personId: person.personId } },
        ]);
      }
    });

    it('is revoked for reasons of an administrator, once', async () => {
      const { certificateId, commonName } = await employed('alice');
      const request = { as: adam(), path: { certificateId }, body: { reason: 'privilegeWithdrawn' } };
      const bad = { ...request, body: { reason: 'certificateHold' } };
      await refused(api(), REVOKE_ANY, bad, { status: 400, code: 'badRevocationReason' });
      const revoked = await api().call(REVOKE_ANY, request);
      expect(revoked.json).toMatchObject({
        revocation: { reason: 'privilegeWithdrawn', by: 'administrator' },
      });
      expect((await api().gate(commonName)).allow).toBe(false);
      await refused(api(), REVOKE_ANY, request, { status: 409, code: 'alreadyRevoked' });
    });
  });

  describe('why a name is refused or let in', () => {
    it('is told by the rule that the gate follows', async () => {
      const { person, commonName, certificateId } = await employed('alice');
      const why = async (query: Record<string, string>): Promise<unknown> =>
        (await api().call('GET /v1/admin/explanation', { as: adam(), query })).json;
      expect(await why({ commonName })).toMatchObject({ allowed: true, endpointId: api().stack.endpointId });
      expect(await why({ commonName, endpointId: 'other' })).toMatchObject({
        allowed: false,
        cause: 'wrongEndpoint',
      });
      expect(await why({ commonName: `${commonName}x` })).toMatchObject({ cause: 'commonNameDiffers' });
      expect(await why({ commonName: 'root' })).toMatchObject({ cause: 'commonNameUnknown' });
      await order(HOLD, person.personId);
      const refusal = await why({ commonName });
      expect(refusal).toMatchObject({
        allowed: false,
        cause: 'personSuspended',
        certificate: { certificateId },
      });
      expect((await api().gate(commonName)).words).toBe((refusal as { words: string }).words);
    });
  });

  describe('a hold', () => {
    it('refuses without revoking, and lifted it is as before', async () => {
      const { person, commonName, certificateId } = await employed('alice');
      const admin = adam();
      const held = await order(HOLD, person.personId, { comment: 'lost badge' }, admin);
      expect(held).toMatchObject({ outcome: 'denied' });
      expect(await api().gate(commonName)).toMatchObject({ allow: false });
      await api().stack.fireSchedule('offboarding-sweep');
      const found = await api().call(FIND, { as: admin, path: { certificate: certificateId } });
      expect(found.json).toMatchObject({
        certificate: { state: 'active' },
        person: { refusal: 'personSuspended' },
      });
      const issue = { as: person, body: { csr: (await newKey()).csr, deviceName: 'other' } };
      await refused(api(), 'POST /v1/certificates', issue, { status: 403, code: 'personDenied' });
      const { offboardingId } = held as { offboardingId: string };
      const path = { offboardingId };
      const record = await api().call('GET /v1/admin/offboardings/{offboardingId}', { as: admin, path });
      expect(record.json).toMatchObject({ kind: 'suspended', actor: admin.personId, comment: 'lost badge' });
      expect(await order(REINSTATE, person.personId)).toEqual({ outcome: 'reinstated', lifted: 1 });
      expect(await api().gate(commonName)).toEqual({ allow: true, words: '' });
      expect(await order(REINSTATE, person.personId)).toEqual({ outcome: 'nothingToLift' });
    });
  });

  describe('an order', () => {
    it('with one Idempotency-Key is one order, and with other words refused', async () => {
      const { person } = await employed('alice');
      const admin = adam();
      const request = {
        as: admin,
        path: { personId: person.personId },
        headers: { 'idempotency-key': randomUUID() },
      };
      const first = await api().call(HOLD, request);
      const again = await api().call(HOLD, request);
      expect(again.json).toEqual({ ...(first.json as object), outcome: 'duplicate' });
      const other = { ...request, body: { comment: 'other words' } };
      await refused(api(), HOLD, other, { status: 409, code: 'webhookIdReused' });
    });

    it('by name reaches the known, and keeps the unknown as an incident', async () => {
      const { person, commonName } = await employed('alice');
      const alias = { kind: 'email', value: person.email.toUpperCase() };
      const known = await api().call('POST /v1/admin/offboardings', { as: adam(), body: { alias } });
      expect(known.json).toMatchObject({ outcome: 'denied' });
      expect((await api().gate(commonName)).allow).toBe(false);
      const stranger = api().person('stranger');
      const login = { kind: 'login', value: stranger.login };
      const unknown = await api().call('POST /v1/admin/holds', { as: adam(), body: { alias: login } });
      expect(unknown.json).toMatchObject({ outcome: 'unknownPerson' });
    });
  });

  describe('an offboarding', () => {
    it('is undone by a reinstatement before it is published, and final after', async () => {
      const { person, commonName, certificateId } = await employed('alice');
      const certificate = { certificate: certificateId };
      const stateOf = async (): Promise<unknown> =>
        z
          .object({ certificate: z.object({ state: z.string() }) })
          .parse((await api().call(FIND, { as: adam(), path: certificate })).json).certificate.state;
      await order(OFFBOARD, person.personId);
      await api().stack.fireSchedule('offboarding-sweep');
      expect(await stateOf()).toBe('revoked');
      expect(await order(REINSTATE, person.personId)).toEqual({ outcome: 'reinstated', lifted: 1 });
      await api().stack.fireSchedule('offboarding-sweep');
      expect(await stateOf()).toBe('active');
      expect(await api().gate(commonName)).toEqual({ allow: true, words: '' });

      await order(OFFBOARD, person.personId);
      await api().stack.fireSchedule('offboarding-sweep');
      const imports = api().imports();
      const before = await endpointState();
      const planned = await api().call('GET /v1/admin/crl/publication', { as: adam() });
      expect(planned.json).toMatchObject({
        failed: [],
        plans: [
          {
            publish: false,
            next: { reason: 'due' },
            isGateOn: true,
            list: { crlNumber: (before?.crl.crlNumber ?? 0) + 1, holds: 0, leftOff: 0 },
            quota: { quota: 20_000 },
          },
        ],
      });
      const asked = await api().call('POST /v1/admin/crl/publication', { as: adam() });
      expect([asked.status, asked.json]).toEqual([202, { endpointIds: [api().stack.endpointId] }]);
      expect(await endpointState()).toHaveProperty('publicationRequestedAt');
      await api().stack.fireSchedule('publisher');
      expect(api().imports()).toBe(imports + 1);
      const after = await endpointState();
      expect(after?.crl.crlNumber).toBeGreaterThan(before?.crl.crlNumber ?? Infinity);
      expect(after).toMatchObject({ pendingRevocations: 0 });
      expect(after).not.toHaveProperty('publicationRequestedAt');
      // Asked for again, nothing is imported: nothing changed.
      const { endpointId } = api().stack;
      await api().call('POST /v1/admin/crl/publication', { as: adam(), body: { endpointId } });
      await api().stack.fireSchedule('publisher');
      expect(api().imports()).toBe(imports + 1);
      expect(await endpointState()).not.toHaveProperty('publicationRequestedAt');

      await order(REINSTATE, person.personId);
      await api().stack.fireSchedule('offboarding-sweep');
      expect(await stateOf()).toBe('revoked');
      expect(await api().gate(commonName)).toMatchObject({ allow: false });
    }, 20_000);

    it('has a timeline that says when each step was done', async () => {
      const { person } = await employed('alice');
      const admin = adam();
      const { offboardingId } = (await order(OFFBOARD, person.personId, {}, admin)) as {
        offboardingId: string;
      };
      await api().stack.fireSchedule('offboarding-sweep');
      const { json: open } = await api().call('GET /v1/admin/offboardings', {
        as: admin,
        query: { state: 'open' },
      });
      expect(offboardings.parse(open).offboardings.map((one) => one.offboardingId)).toContain(offboardingId);
      const { json: month } = await api().call('GET /v1/admin/offboardings', { as: admin });
      expect(offboardings.parse(month).offboardings).toContainEqual(
        expect.objectContaining({
          offboardingId,
          personId: person.personId,
          state: 'open',
          revokedCertificates: 1,
        }),
      );
      const path = { offboardingId };
      const { json } = await api().call('GET /v1/admin/offboardings/{offboardingId}', { as: admin, path });
      const { timeline } = z
        .object({
          timeline: z.array(
            z.object({ step: z.string(), at: z.string(), afterMilliseconds: z.int().optional() }),
          ),
        })
        .parse(json);
      expect(timeline.map(({ step }) => step)).toEqual(['event', 'received', 'denied', 'revoked']);
      expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort());
      const [event, received, , revoked] = timeline;
      expect([event?.afterMilliseconds, received?.afterMilliseconds]).toEqual([undefined, 0]);
      const lasted = Date.parse(revoked?.at ?? '') - Date.parse(received?.at ?? '');
      expect(revoked?.afterMilliseconds).toBe(lasted);
    });

    it('is in the chain of the person, which anybody can compute anew', async () => {
      const { person } = await employed('alice');
      await order(OFFBOARD, person.personId, {});
      await api().stack.fireSchedule('offboarding-sweep');
      const path = { personId: person.personId };
      const { json } = await api().call('GET /v1/admin/people/{personId}/audit', { as: adam(), path });
      const page = auditPageView.parse(json);
      const entries = page.entries.flatMap((view) => entryFrom(view) ?? []);
      expect(entries.map(({ action }) => action)).toEqual([
        'certificateIssued',
        'denied',
        'certificateRevoked',
      ]);
      const { personId = '' as PersonId } = entries[0] ?? {};
      expect(chainFaults(personId, entries, page.head)).toEqual([]);
    });
  });
}
