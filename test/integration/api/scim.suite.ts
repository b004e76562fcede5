import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { newKey } from '../../support/api-keys.ts';
import type { ApiAnswer, ApiRequest, ApiStack } from '../../support/api-stack.ts';

const USERS = '/scim/v2/Users';
const USER = '/scim/v2/Users/{id}';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

const golden = z.object({
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
});
const list = z.object({ totalResults: z.number(), Resources: z.array(z.looseObject({ id: z.string() })) });

/** The directory's users, over HTTP, as Okta and Entra ask. */
export function directoriesProvision(api: () => ApiStack): void {
  const tokensSecret = 'vpn-portal/local/scim';
  const ask = (operation: string, request: ApiRequest = {}): Promise<ApiAnswer> =>
    api().call(operation, {
      as: api().stack.scimToken ?? '',
      ...request,
      headers: { 'content-type': 'application/scim+json', ...request.headers },
    });
  /** A request as the vendor sends it, to that user and with those texts in the place of its own. */
  const vendor = (
    name: string,
    id = '',
    texts: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> => {
    const file = fileURLToPath(new URL(`../../vectors/scim/${name}.json`, import.meta.url));
    let text = readFileSync(file, 'utf8');
    for (const [from, to] of Object.entries(texts)) text = text.replaceAll(from, to);
    const { method, path, query, body } = golden.parse(JSON.parse(text));
    const request = { path: { id }, ...(query && { query }), ...(body === undefined ? {} : { body }) };
    return ask(`${method} ${path}`, request);
  };
  const idOf = (answer: ApiAnswer): string => z.object({ id: z.string() }).parse(answer.json).id;
  const refused = async (
    answer: Promise<ApiAnswer>,
    status: number,
    scimType?: string,
  ): Promise<ApiAnswer> => {
    const { json, headers, ...rest } = await answer;
    expect(json).toEqual({
      schemas: [ERROR],
      status: String(status),
      detail: expect.any(String) as string,
      ...(scimType === undefined ? {} : { scimType }),
    });
    expect([rest.status, headers.get('content-type')]).toEqual([status, 'application/scim+json']);
    return { json, headers, ...rest };
  };

  describe('SCIM', () => {
    it('says what it is', async () => {
      const config = await ask('GET /scim/v2/ServiceProviderConfig');
      expect(config.json).toMatchObject({ patch: { supported: true }, filter: { supported: true } });
      expect(config.headers.get('content-type')).toBe('application/scim+json');
      expect((await ask('GET /scim/v2/ResourceTypes')).json).toMatchObject({ totalResults: 1 });
      const { Resources } = list.parse((await ask('GET /scim/v2/Schemas')).json);
      for (const { id } of Resources) {
        expect((await ask('GET /scim/v2/Schemas/{id}', { path: { id } })).json).toMatchObject({ id });
      }
      expect(list.parse((await ask('GET /scim/v2/Groups')).json).totalResults).toBe(0);
      await refused(ask('GET /scim/v2/ResourceTypes/{id}', { path: { id: 'Group' } }), 404);
      await refused(ask('POST /scim/v2/Groups', { body: {} }), 404);
    });

    it.each([undefined, '', 'x'.repeat(43), 'Bearer', 'x'.repeat(600)])(
      'turns away who has no token of it: %#',
      async (as) => {
        const answer = await refused(api().call(`GET ${USERS}`, as === undefined ? {} : { as }), 401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      },
    );

    it('takes each of two tokens while they are rotated, and is not there without one', async () => {
      const { cloud, moveTime, scimToken = '' } = api().stack;
      const put = (tokens: readonly string[]): void => {
        cloud.secrets.put(tokensSecret, JSON.stringify({ tokens }));
        moveTime(61);
      };
      const other = 'n'.repeat(43);
      put([other, scimToken]);
      for (const as of [other, scimToken]) expect((await ask(`GET ${USERS}`, { as })).status).toBe(200);
      put([other]);
      await refused(ask(`GET ${USERS}`), 401);
      put([]);
      await refused(ask(`GET ${USERS}`), 503);
      put([scimToken]);
      expect((await ask(`GET ${USERS}`)).status).toBe(200);
    });

    it('serves what Okta asks, from a user that is not there to one that has gone', async () => {
      const person = api().person('okta');
      const texts = { 'test.user@okta.local': person.email };
      const { commonName } = await api().enrol(person, await newKey());
      expect(list.parse((await vendor('okta/lookup', '', texts)).json)).toEqual({
        totalResults: 0,
        Resources: [],
      });
      const created = await vendor('okta/create', '', texts);
      const id = idOf(created);
      expect([created.status, created.headers.get('location')]).toEqual([201, `${USERS}/${id}`]);
      expect(created.text).not.toContain('1mz050nq');
      expect(list.parse((await vendor('okta/lookup', '', texts)).json).Resources).toEqual([created.json]);
      expect(list.parse((await vendor('okta/list')).json).totalResults).toBeGreaterThan(0);
      await refused(vendor('okta/create', '', texts), 409, 'uniqueness');
      const updated = await vendor('okta/update-put', id, texts);
      expect([updated.status, updated.json]).toMatchObject([200, { name: { middleName: 'Excited' } }]);
      expect((await api().gate(commonName)).allow).toBe(true);
      for (const [off, on] of [
        ['okta/deactivate-put', 'okta/reactivate-put'],
        ['okta/deactivate-patch', 'okta/activate-patch'],
      ] as const) {
        expect((await vendor(off, id, texts)).json).toMatchObject({ id, active: false });
        expect((await api().gate(commonName)).words).toContain('Your VPN access has ended');
        expect((await vendor(on, id, texts)).json).toMatchObject({ id, active: true });
        expect((await api().gate(commonName)).allow).toBe(true);
      }
    });

    it('serves what Entra asks, in both of its dialects', async () => {
      const person = api().person('entra');
      const texts = { 'Test_User_11bb11bb-cc22-dd33-ee44-55ff55ff55ff@testuser.com': person.email };
      const { commonName } = await api().enrol(person, await newKey());
      expect(list.parse((await vendor('entra/lookup', '', texts)).json).totalResults).toBe(0);
      const id = idOf(await vendor('entra/create', '', texts));
      expect(list.parse((await vendor('entra/lookup-email', '', texts)).json).Resources).toMatchObject([
        { id },
      ]);
      expect((await vendor('entra/update-patch', id)).json).toMatchObject({
        emails: [{ value: 'updatedEmail@microsoft.com', type: 'work', primary: true }],
        name: { familyName: 'updatedFamilyName' },
      });
      expect((await vendor('entra/update-many-patch', id)).json).toMatchObject({ externalId: 'Eqpj' });
      expect((await vendor('entra/update-many-patch-with-flag', id)).json).toMatchObject({
        displayName: 'Bjfe',
        name: { givenName: 'Kkom', familyName: 'Unua' },
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: 'Aklq' },
      });
      expect((await vendor('entra/add-unkept-patch', id)).status).toBe(200);
      for (const name of ['disable-patch', 'disable-patch-with-flag', 'disable-patch-tutorial']) {
        expect((await vendor(`entra/${name}`, id)).json).toMatchObject({ active: false });
        expect((await api().gate(commonName)).allow).toBe(false);
        await vendor('okta/activate-patch', id);
      }
      // A disabled user is still returned.
      await vendor('entra/disable-patch', id);
      expect((await ask(`GET ${USER}`, { path: { id } })).json).toMatchObject({ active: false });
      const gone = await vendor('entra/delete', id);
      expect([gone.status, gone.text]).toEqual([204, '']);
      await refused(ask(`GET ${USER}`, { path: { id } }), 404);
      expect((await api().gate(commonName)).allow).toBe(false);
    });

    it('knows versions', async () => {
      const { email } = api().person('version');
      const body = { userName: email };
      const path = { id: idOf(await ask(`POST ${USERS}`, { body })) };
      const headers = { 'if-none-match': 'W/"1"' };
      expect((await ask(`GET ${USER}`, { path, headers })).status).toBe(304);
      await refused(ask(`DELETE ${USER}`, { path, headers: { 'if-match': 'W/"2"' } }), 412);
      await refused(ask(`DELETE ${USER}`, { path, headers: { 'if-match': 'x' } }), 412);
      expect((await ask(`DELETE ${USER}`, { path, headers: { 'if-match': 'W/"1"' } })).status).toBe(204);
    });

    it.each<readonly [string, string, ApiRequest, number, string | undefined]>([
      ['no JSON', `POST ${USERS}`, { body: '{' }, 400, 'invalidSyntax'],
      ['a list', `POST ${USERS}`, { body: [] }, 400, 'invalidSyntax'],
      ['nothing', `POST ${USERS}`, {}, 400, 'invalidSyntax'],
      ['no userName', `POST ${USERS}`, { body: {} }, 400, 'invalidValue'],
      ['a number for a name', `POST ${USERS}`, { body: { userName: {} } }, 400, 'invalidValue'],
      ['nobody that we could know', `POST ${USERS}`, { body: { userName: 'x' } }, 400, 'invalidValue'],
      [
        '30,000 lists in each other',
        `POST ${USERS}`,
        { body: `{"userName":"deep@example.com","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}` },
        400,
        'invalidSyntax',
      ],
      ['more than 256 KiB', `POST ${USERS}`, { body: { userName: 'x'.repeat(262_144) } }, 413, undefined],
      [
        'what comes as text',
        `POST ${USERS}`,
        { body: '{"userName":"text@example.com"}', headers: { 'content-type': 'text/plain' } },
        415,
        undefined,
      ],
      ['an unknown filter', `GET ${USERS}`, { query: { filter: 'userName sw "a"' } }, 400, 'invalidFilter'],
      ['a page that is none', `GET ${USERS}`, { query: { startIndex: 'x' } }, 400, 'invalidValue'],
      [
        'nobody',
        `PATCH ${USER}`,
        { path: { id: 'nobody' }, body: { Operations: [{ op: 'add', path: 'active', value: false }] } },
        404,
        undefined,
      ],
    ])('refuses %s', async (_, operation, request, status, scimType) => {
      const before = await api().items();
      await refused(ask(operation, request), status, scimType);
      expect(await api().items()).toEqual(before);
    });

    it('pages through users in one order', async () => {
      const { totalResults } = list.parse((await ask(`GET ${USERS}`, { query: { count: '0' } })).json);
      const ids: string[] = [];
      for (let startIndex = 1; startIndex <= totalResults; startIndex += 1) {
        const query = { startIndex: String(startIndex), count: '1' };
        ids.push(...list.parse((await ask(`GET ${USERS}`, { query })).json).Resources.map(({ id }) => id));
      }
      const { Resources } = list.parse((await ask(`GET ${USERS}`)).json);
      expect(ids).toEqual(Resources.map(({ id }) => id));
      expect(list.parse((await ask(`GET ${USERS}`, { query: { startIndex: '99' } })).json).Resources).toEqual(
        [],
      );
    });
  });
}
