import { newKey } from '../../support/api-keys.ts';
import { refused, type ApiPerson, type ApiStack } from '../../support/api-stack.ts';
import { hrEvent, hrRequest } from './webhook.suite.ts';

const LIST = 'GET /v1/admin/sources';
const SETTLE = 'POST /v1/admin/sources/{source}/settlement';
const EXPECT = 'POST /v1/admin/sources/{source}/expectation';
const HOOK = 'POST /v1/offboarding/{source}';

/** What a source may say in an hour. Comes last: it uses up what HR may. */
export function surgesAreHeld(api: () => ApiStack): void {
  const adam = (): ApiPerson => api().person('adam', { roles: ['vpn-admin'] });
  const path = { source: 'hr' };
  const since = new Date().toISOString();

  describe('bad input about a source', () => {
    it.each([
      ['an unknown decision', SETTLE, { decision: 'forget', since }],
      ['no time', SETTLE, { decision: 'release' }],
      ['words for a time', SETTLE, { decision: 'release', since: 'yesterday' }],
      ['a time of the future', SETTLE, { decision: 'release', since: '2999-01-01T00:00:00Z' }],
      ['a time of last year', SETTLE, { decision: 'release', since: '2020-01-01T00:00:00Z' }],
      ['an unknown field', SETTLE, { decision: 'release', since, force: true }],
      ['nobody', EXPECT, { people: 0, forHours: 2 }],
      ['half a person', EXPECT, { people: 1.5, forHours: 2 }],
      ['for a month', EXPECT, { people: 5, forHours: 720 }],
      ['no length', EXPECT, { people: 5 }],
    ])('changes nothing: %s', async (_, operation, body) => {
      const request = { as: adam(), path, body };
      await refused(api(), operation, request, { status: 400, code: 'malformedRequest' });
    });

    it.each([
      [SETTLE, { decision: 'release', since }],
      [EXPECT, { people: 5, forHours: 2 }],
    ])('changes nothing where there is no such source: %s', async (operation, body) => {
      for (const source of ['nobody', 'administrator', 'HR', 'i-1']) {
        const request = { as: adam(), path: { source }, body };
        await refused(api(), operation, request, { status: 404, code: 'sourceNotFound' });
      }
    });
  });

  describe('a source that says too much at once', () => {
    it('holds the next person, and an administrator undoes it', async () => {
      const began = new Date().toISOString();
      const outcomes: unknown[] = [];
      let last = api().person('leaver');
      // Other tests have used up a part of the ten.
      while (outcomes.at(-1) !== 'held' && outcomes.length < 11) {
        last = api().person('leaver');
        await api().call('GET /v1/me', { as: last });
        const answer = await api().call(HOOK, hrRequest(api(), { body: hrEvent(last.email) }));
        outcomes.push((answer.json as { outcome: string }).outcome);
      }
      expect(outcomes.at(-1)).toBe('held');
      const { json } = await api().call(LIST, { as: adam() });
      expect(json).toMatchObject({
        sources: [
          { source: 'hr', aliasKind: 'email', limit: 10, held: 1 },
          { source: 'scim', aliasKind: 'email', limit: 10, held: 0 },
          { source: 'leavers', aliasKind: 'email', held: 0 },
          { source: 'bus', aliasKind: 'email', held: 0 },
          { source: 'okta', aliasKind: 'email', held: 0 },
          { source: 'deel', aliasKind: 'email', held: 0 },
          { source: 'events', aliasKind: 'email', held: 0 },
          { source: 'reconciliation', held: 0 },
        ],
        breakGlass: [],
      });
      const body = { decision: 'release', since: began };
      const { status } = await api().call(SETTLE, { as: adam(), path, body });
      expect(status).toBe(202);
      await api().stack.fireSchedule('offboarding-sweep');
      const { json: after } = await api().call(LIST, { as: adam() });
      const { sources } = after as { sources: { held: number }[] };
      expect(sources.map(({ held }) => held)).toEqual(sources.map(() => 0));
      const { json: me } = await api().call('GET /v1/me', { as: last });
      expect(me).toMatchObject({ mayEnrol: true });
    });

    it('may say more where it was announced', async () => {
      const answer = await api().call(EXPECT, { as: adam(), path, body: { people: 100, forHours: 1 } });
      expect([answer.status, answer.json]).toMatchObject([200, { source: 'hr', people: 100 }]);
      const person = api().person('leaver');
      await api().call('GET /v1/me', { as: person });
      const { json } = await api().call(HOOK, hrRequest(api(), { body: hrEvent(person.email) }));
      expect(json).toMatchObject({ outcome: 'denied' });
    });
  });
}

const COMPARE = 'POST /v1/admin/reconciliation';
const COMPARED = 'GET /v1/admin/reconciliation';

/** Those who hold certificates beside the identity provider's directory, which has none of the people of these tests. */
export function directoryIsCompared(api: () => ApiStack): void {
  const adam = (): ApiPerson => api().person('adam', { roles: ['vpn-admin'] });
  const report = async (query: Record<string, string> = {}): Promise<Record<string, unknown>> =>
    (await api().call(COMPARED, { as: adam(), query })).json as Record<string, unknown>;

  describe('a comparison with the directory', () => {
    it.each([
      ['an unknown mode', { mode: 'fire' }, ['/mode']],
      ['words for yes', { dryRun: 'yes' }, ['/dryRun']],
      ['a field that there is not', { force: true }, ['/force']],
      ['a list', [], ['']],
    ])('is not asked for by %s', async (_, body, pointers) => {
      const { errors = [] } = await refused(
        api(),
        COMPARE,
        { as: adam(), body },
        { status: 400, code: 'malformedRequest' },
      );
      expect(errors.map(({ pointer }) => pointer)).toEqual(pointers);
      expect(await report()).not.toHaveProperty('wished');
    });

    it('is an administrator’s to ask for, and an auditor’s to read', async () => {
      const employee = api().person('alice', { scopes: ['vpn', 'vpn.admin'] });
      const auditor = api().person('olga', { roles: ['vpn-auditor'] });
      const no = { status: 403, code: 'notAllowed' };
      await refused(api(), COMPARE, { as: employee, body: {} }, no);
      await refused(api(), COMPARE, { as: auditor, body: {} }, no);
      await refused(api(), COMPARED, { as: employee }, no);
      expect((await api().call(COMPARED, { as: auditor })).status).toBe(200);
      const query = { cursor: 'page two' };
      await refused(api(), COMPARED, { as: adam(), query }, { status: 400, code: 'malformedRequest' });
    });

    it('denies nobody where the directory lacks everybody: that is not believed, and somebody is told', async () => {
      const alice = api().person('alice');
      const { commonName } = await api().enrol(alice, await newKey());
      // One who is missing is believed, two of few are not.
      await api().enrol(api().person('bob'), await newKey());
      const asked = await api().call(COMPARE, { as: adam(), body: { mode: 'offboard' } });
      expect([asked.status, asked.json]).toMatchObject([202, { mode: 'offboard', dryRun: false }]);
      expect(await report()).toMatchObject({ hasDirectory: true, wished: { mode: 'offboard' } });
      await api().stack.fireSchedule('reconciliation');
      const failed = await report();
      expect(failed).toMatchObject({ last: { state: 'failed', mode: 'offboard', outcomes: { denied: 0 } } });
      expect(JSON.stringify(failed)).toContain('the directory lacks');
      expect(failed).not.toHaveProperty('wished');
      expect((await api().gate(commonName)).allow).toBe(true);
      const { json } = await api().call('GET /v1/admin/incidents', { as: adam() });
      expect(JSON.stringify(json)).toContain('directoryDisbelieved');
      await api().call(COMPARE, { as: adam(), body: { mode: 'offboard', dryRun: true, evenIfMany: true } });
      await api().stack.fireSchedule('reconciliation');
      expect(await report()).toMatchObject({
        last: { state: 'done', dryRun: true, outcomes: { denied: 0 } },
        findings: expect.arrayContaining([
          { personId: alice.personId, kind: 'missing', certificates: 1 },
        ]) as unknown,
      });
      expect((await api().gate(commonName)).allow).toBe(true);
    });
  });
}
