import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { DomainError } from '../../../shared/domain/errors.ts';
import { aliasFrom, type SCIM } from '../../../shared/domain/identity.ts';
import type { ScimAttributes } from '../../../shared/domain/scim/attributes.ts';
import { filterMatches, parseFilter } from '../../../shared/domain/scim/filter.ts';
import { applyPatch, operationsFrom } from '../../../shared/domain/scim/patch.ts';
import { attributesFrom } from '../../../shared/domain/scim/resource.ts';
import type { ScimUser } from '../../../shared/domain/scim/user.ts';
import { resolveIncident } from '../../../shared/use-cases/administration/write.ts';
import { registerPerson } from '../../../shared/use-cases/register-person.ts';
import { listScimUsers } from '../../../shared/use-cases/scim/find-users.ts';
import { changeScimUser, createScimUser, deleteScimUser } from '../../../shared/use-cases/scim/write-user.ts';
import { counting, Died, dyingAt, interruptedAt } from '../../support/crashes.ts';
import { aliasOf, newWorld, type World } from '../../support/world.ts';

const ALICE: ScimAttributes = {
  userName: 'alice@corp.example',
  externalId: '00u1',
  displayName: 'Alice',
  name: { givenName: 'Alice' },
  emails: [
    { value: 'alice@example.com', type: 'work', primary: true },
    { value: 'alice@home.example', type: 'home' },
  ],
  active: true,
};

const patched = (Operations: unknown, start = ALICE): ScimAttributes =>
  applyPatch(start, operationsFrom({ Operations })).attributes;

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'nothing was refused';
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
};

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const work = 'emails[type eq "work"].value';

describe('a PATCH', () => {
  it.each<[string, unknown, Partial<ScimAttributes>]>([
    ['Okta: no path', [{ op: 'replace', value: { active: false } }], { active: false }],
    ['Entra: capitals and a text', [{ op: 'Replace', path: 'active', value: 'False' }], { active: false }],
    ['a text inside an object', [{ op: 'replace', value: { Active: 'False' } }], { active: false }],
    ['a path in capitals', [{ op: 'Replace', path: 'Active', value: false }], { active: false }],
    ['a text in a list', [{ op: 'Add', path: 'externalId', value: [{ value: 'x' }] }], { externalId: 'x' }],
    [
      'dotted keys',
      [{ op: 'replace', value: { 'name.familyName': 'Smith', [`${ENTERPRISE}:employeeNumber`]: '7' } }],
      { name: { givenName: 'Alice', familyName: 'Smith' }, employeeNumber: '7' },
    ],
    [
      'the extension as a whole',
      [{ op: 'add', path: ENTERPRISE, value: { employeeNumber: 7, manager: { value: 'x' } } }],
      { employeeNumber: '7' },
    ],
    [
      'the work address',
      [{ op: 'Replace', path: work, value: 'a.smith@example.com' }],
      { emails: [{ value: 'a.smith@example.com', type: 'work', primary: true }, ...ALICE.emails.slice(1)] },
    ],
    [
      'an address that becomes the first',
      [{ op: 'add', path: 'emails', value: [{ value: 'b@example.com', primary: true }] }],
      {
        emails: [
          { value: 'alice@example.com', type: 'work' },
          { value: 'alice@home.example', type: 'home' },
          { value: 'b@example.com', primary: true },
        ],
      },
    ],
    [
      'a removed address',
      [{ op: 'remove', path: 'emails[type eq "home"]' }],
      { emails: ALICE.emails.slice(0, 1) },
    ],
    [
      'what is not kept',
      [
        { op: 'Add', path: 'nickName', value: 'Al' },
        { op: 'replace', path: 'addresses[type eq "work"].country', value: 'DE' },
        { op: 'add', path: `${ENTERPRISE}:manager`, value: 'x' },
      ],
      {},
    ],
    ['what is sent back beside it', [{ op: 'replace', value: { id: 'x', schemas: [], meta: {} } }], {}],
    ['a removed number that there is not', [{ op: 'remove', path: `${ENTERPRISE}:employeeNumber` }], {}],
  ])('takes %s', (_, operations, change) => {
    expect(patched(operations)).toEqual({ ...ALICE, ...change });
  });

  it('makes the work address that Entra sets where there is none', () => {
    const bare = { ...ALICE, emails: [] };
    const emails = [{ value: 'a@example.com', type: 'work' }];
    expect(patched([{ op: 'Add', path: work, value: 'a@example.com' }], bare).emails).toEqual(emails);
  });

  it('makes the first address that is set where none is the first, and it is found again', () => {
    const bare = { ...ALICE, emails: [{ value: 'old@example.com', type: 'work' }] };
    const operation = { op: 'Replace', path: 'emails[primary eq true].value', value: 'new@example.com' };
    const emails = [...bare.emails, { value: 'new@example.com', primary: true }];
    expect(patched([operation], bare).emails).toEqual(emails);
    expect(patched([operation, operation], bare).emails).toEqual(emails);
  });

  it.each<[string, unknown, string]>([
    ['no operations', undefined, 'scimInvalidSyntax'],
    ['an empty list', [], 'scimInvalidSyntax'],
    ['101 operations', Array(101).fill({ op: 'add', path: 'active', value: true }), 'scimInvalidSyntax'],
    ['an operation that is a text', ['replace'], 'scimInvalidSyntax'],
    ['an unknown op', [{ op: 'move', path: 'active' }], 'scimInvalidSyntax'],
    ['a path that is a number', [{ op: 'replace', path: 7, value: 1 }], 'scimInvalidPath'],
    ['a path that is none', [{ op: 'replace', path: 'a b', value: 1 }], 'scimInvalidPath'],
    [
      'a path without an end',
      [{ op: 'replace', path: 'emails[type eq "work"', value: 1 }],
      'scimInvalidPath',
    ],
    ['a path of 513 letters', [{ op: 'replace', path: 'a'.repeat(513), value: 1 }], 'scimInvalidPath'],
    [
      'a filter in a path that is none',
      [{ op: 'replace', path: 'emails[type]', value: 1 }],
      'scimInvalidFilter',
    ],
    ['two filters in a path', [{ op: 'replace', path: 'emails[a] and b]', value: 1 }], 'scimInvalidFilter'],
    ['a removal of nothing', [{ op: 'remove' }], 'scimNoTarget'],
    ['no value', [{ op: 'replace', path: 'active' }], 'scimInvalidValue'],
    ['active that is neither', [{ op: 'replace', path: 'active', value: 'no' }], 'scimInvalidValue'],
    ['active that is a number', [{ op: 'replace', path: 'active', value: 0 }], 'scimInvalidValue'],
    ['active that goes', [{ op: 'remove', path: 'active' }], 'scimMutability'],
    ['a userName that goes', [{ op: 'remove', path: 'userName' }], 'scimMutability'],
    ['an empty userName', [{ op: 'replace', path: 'userName', value: '' }], 'scimMutability'],
    [
      'a userName of control characters',
      [{ op: 'replace', path: 'userName', value: 'a\u0000b' }],
      'scimInvalidValue',
    ],
    ['an id', [{ op: 'replace', path: 'id', value: 'x' }], 'scimMutability'],
    ['a name that is a text', [{ op: 'replace', path: 'name', value: 'x' }], 'scimInvalidSyntax'],
    [
      'the same attribute twice',
      [{ op: 'replace', value: { active: true, Active: false } }],
      'scimInvalidSyntax',
    ],
    ['no object without a path', [{ op: 'replace', value: false }], 'scimInvalidSyntax'],
    [
      'two first addresses',
      [
        {
          op: 'replace',
          value: {
            emails: [
              { value: 'a', primary: true },
              { value: 'b', primary: true },
            ],
          },
        },
      ],
      'scimInvalidValue',
    ],
  ])('refuses %s', (_, operations, code) => {
    expect(codeOf(() => patched(operations))).toBe(code);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('cannot reach a prototype by %s', (word) => {
    const body = (text: string): unknown => JSON.parse(text.replaceAll('WORD', word));
    const operations = [
      '[{"op":"add","path":"name.givenName","value":"B"},{"op":"add","value":{"WORD":{"polluted":"yes"}}}]',
      '[{"op":"add","path":"name.givenName","value":"B"},{"op":"add","value":{"WORD.polluted":"yes"}}]',
      '[{"op":"add","path":"name","value":{"givenName":"B","WORD":{"polluted":"yes"}}}]',
      '[{"op":"replace","value":{"name.givenName":"B","name.WORD":"yes"}}]',
    ];
    for (const text of operations) {
      expect(patched(body(text))).toEqual({ ...ALICE, name: { givenName: 'B' } });
    }
    for (const path of [`${word}.polluted`, `name.${word}.polluted`, word, `${word}[type eq "x"].polluted`]) {
      const outcome = codeOf(() => patched([{ op: 'add', path, value: 'yes' }]));
      expect(['nothing was refused', 'scimInvalidPath']).toContain(outcome);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('of any names and values is a user that the schema knows, or is refused in words', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('False', 'x@example.com', true));
    const path = fc.oneof(
      fc.constantFrom(
        'active',
        'userName',
        'emails',
        work,
        'emails.primary',
        'name',
        'Name.givenName',
        ENTERPRISE,
      ),
      fc.string({ maxLength: 12 }),
    );
    const operation = fc.record(
      { op: fc.constantFrom('add', 'Replace', 'remove'), path, value },
      { requiredKeys: ['op'] },
    );
    const known = ['active', 'displayName', 'emails', 'employeeNumber', 'externalId', 'name', 'userName'];
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 4 }), (operations) => {
        let result: ScimAttributes;
        try {
          result = patched(operations);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
          return;
        }
        expect(known).toEqual(expect.arrayContaining(Object.keys(result)));
        expect([typeof result.active, typeof result.userName]).toEqual(['boolean', 'string']);
        // What was read once is read again as it is.
        const { employeeNumber, ...core } = result;
        const body = {
          ...core,
          ...(employeeNumber === undefined ? {} : { [ENTERPRISE]: { employeeNumber } }),
        };
        expect(attributesFrom(JSON.parse(JSON.stringify(body))).attributes).toEqual(result);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a filter', () => {
  const found = (text: string): boolean => filterMatches(parseFilter(text), 'id1', ALICE);

  it.each<[string, boolean]>([
    ['userName eq "ALICE@corp.example"', true],
    ['username Eq "alice@corp.example" AND active eq true', true],
    ['(userName eq "alice@corp.example") and (active eq false)', false],
    ['externalId eq "00u1"', true],
    ['externalId eq "00U1"', false],
    ['id eq "id1"', true],
    ['emails eq "alice@example.com"', true],
    ['emails.value eq "alice@home.example"', true],
    ['emails[type eq "work"].value eq "alice@example.com"', true],
    ['emails[type eq "work"].value eq "alice@home.example"', false],
    ['emails[type eq "work" and value eq "alice@example.com"]', true],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "alice@corp.example"', true],
    [`${ENTERPRISE}:employeeNumber eq "7"`, false],
    ['active eq "True"', true],
    ['userName eq "a\\"b"', false],
  ])('%s finds her: %s', (text, expected) => {
    expect(found(text)).toBe(expected);
  });

  it.each([
    '',
    'userName',
    'userName eq',
    'userName eq alice',
    'userName sw "a"',
    'userName eq "a" or active eq true',
    'not (userName eq "a")',
    'userName eq "a" userName eq "b"',
    'userName eq "a',
    '(userName eq "a"',
    'nickName eq "a"',
    '__proto__ eq "a"',
    'userName eq true',
    'active eq "yes"',
    'name[givenName eq "a"]',
    '('.repeat(1_000),
    `userName eq "${'a'.repeat(1_024)}"`,
  ])('%s is refused', (text) => {
    expect(codeOf(() => parseFilter(text))).toBe('scimInvalidFilter');
  });
});

describe('the golden requests', () => {
  const folder = fileURLToPath(new URL('../../vectors/scim', import.meta.url));
  const requests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden] as const);

  it.each(requests)('%s is understood', (name, { method, body, query }) => {
    if (query?.['filter'] !== undefined) parseFilter(query['filter']);
    const outcome =
      method === 'PATCH'
        ? applyPatch(ALICE, operationsFrom(body))
        : body === undefined
          ? undefined
          : attributesFrom(body);
    if (/(?:de|dis)a(?:ctivate|ble)/.test(name)) {
      expect(outcome).toMatchObject({ saysActive: true, attributes: { active: false } });
    } else if (outcome !== undefined) expect(outcome.attributes.active).toBe(true);
  });
});

interface Golden {
  readonly method: string;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
}

const create = (world: World, login: string, changes: Partial<ScimAttributes> = {}): Promise<ScimUser> =>
  createScimUser(world.deps, {
    attributes: {
      userName: `${login}@corp.example`,
      externalId: login,
      name: {},
      emails: [{ value: `${login}@example.com`, type: 'work' }],
      active: true,
      ...changes,
    },
    saysActive: true,
  });
const change = (
  world: World,
  { scimUserId }: ScimUser,
  changes: Partial<ScimAttributes>,
): Promise<ScimUser> =>
  changeScimUser(world.deps, scimUserId, undefined, (before) => ({
    attributes: { ...before, ...changes },
    saysActive: changes.active !== undefined,
  }));
const signIn = (world: World, login: string) => registerPerson(world.deps, world.caller(login));
const kindsOf = async (world: World, login: string): Promise<string[]> =>
  ((await world.stores.people.find(world.caller(login).personId))?.denials ?? []).map(({ kind }) => kind);
const incidents = async (world: World) => world.stores.offboardings.listOpenIncidents();
const dismiss = async (world: World, decision: 'bind' | 'dismiss', login: string): Promise<void> => {
  await signIn(world, 'adam');
  const [incident] = await incidents(world);
  await resolveIncident(world.deps, {
    caller: world.caller('adam'),
    incidentId: incident?.incidentId ?? '',
    decision:
      decision === 'bind' ? { kind: 'bind', personId: world.caller(login).personId } : { kind: 'dismiss' },
  });
};

describe('a directory', () => {
  it('that deactivates somebody denies her, and lifts only its own when she is back', async () => {
    const world = await newWorld();
    const certificate = await world.enrol('alice');
    const user = await create(world, 'alice');
    expect(user.personId).toBe(world.caller('alice').personId);
    await world.tell(world.event('alice', 'suspended'));
    const gone = await change(world, user, { active: false });
    expect(gone).toMatchObject({ version: 2, attributes: { active: false } });
    expect((await kindsOf(world, 'alice')).sort()).toEqual(['left', 'suspended']);
    expect(await world.vpn.connect(certificate)).toBe('gate');
    await change(world, user, { active: true });
    expect(await kindsOf(world, 'alice')).toEqual(['suspended']);
  });

  it('that says the same again acts once, and does not undo what an administrator did', async () => {
    const world = await newWorld();
    await signIn(world, 'alice');
    const user = await create(world, 'alice');
    const first = await change(world, user, { active: false });
    expect(await change(world, user, { active: false })).toEqual(first);
    expect(await kindsOf(world, 'alice')).toEqual(['left']);
    const { personId } = world.caller('alice');
    const at = world.clock.now();
    const event = {
      source: 'administrator' as typeof SCIM,
      eventId: '1',
      bodySha256Hex: '',
      eventTime: at,
      at,
    };
    await world.stores.offboardings.lift(personId, 'all', event);
    await change(world, user, { active: false, displayName: 'Alice' });
    expect(await kindsOf(world, 'alice')).toEqual([]);
  });

  it('that deletes somebody says that she left; and who comes back under the same id is back', async () => {
    const world = await newWorld();
    await signIn(world, 'alice');
    const user = await create(world, 'alice');
    await deleteScimUser(world.deps, user.scimUserId, undefined);
    expect(await kindsOf(world, 'alice')).toEqual(['left']);
    expect(await world.stores.scimUsers.find(user.scimUserId)).toBeUndefined();
    await create(world, 'alice');
    expect(await kindsOf(world, 'alice')).toEqual([]);
  });

  it('whose new user has the name of a former one leaves it to somebody to say who she is', async () => {
    const world = await newWorld();
    await signIn(world, 'alice');
    await deleteScimUser(world.deps, (await create(world, 'alice')).scimUserId, undefined);
    await create(world, 'alice', { externalId: 'another' });
    expect(await kindsOf(world, 'alice')).toEqual(['left']);
    expect(await incidents(world)).toMatchObject([{ kind: 'aliasContested', source: 'scim' }]);
  });

  it('suspends where the company says so, and a deletion is still a leave', async () => {
    const world = await newWorld();
    await signIn(world, 'alice');
    const deps = { ...world.deps, scimDeactivation: 'suspended' as const };
    const user = await create({ ...world, deps }, 'alice');
    await change({ ...world, deps }, user, { active: false });
    expect(await kindsOf(world, 'alice')).toEqual(['suspended']);
    await deleteScimUser(deps, user.scimUserId, undefined);
    expect((await kindsOf(world, 'alice')).sort()).toEqual(['left', 'suspended']);
  });

  it('that drops everybody holds all but a few of them', async () => {
    const world = await newWorld();
    const logins = Array.from({ length: 12 }, (_, index) => `person${index}`);
    for (const login of logins) {
      await signIn(world, login);
      await change(world, await create(world, login), { active: false });
    }
    const kinds = await Promise.all(logins.map((login) => kindsOf(world, login)));
    expect(kinds.flat().filter((kind) => kind === 'surge')).toHaveLength(2);
    expect(await incidents(world)).toMatchObject([{ kind: 'surge', source: 'scim' }]);
  });

  it('adds names to a person, and never takes one from another', async () => {
    const world = await newWorld();
    const [alice, bob] = [world.caller('alice').personId, (await signIn(world, 'bob')).person.personId];
    await signIn(world, 'alice');
    const user = await create(world, 'alice');
    const married = { emails: [{ value: 'alice.jones@example.com', type: 'work' }] };
    await change(world, user, married);
    expect(await world.stores.people.findAliasOwner(aliasOf('alice.jones'))).toEqual({ personId: alice });
    await change(world, user, { emails: [{ value: 'bob@example.com' }] });
    const owner = await world.stores.people.findAliasOwner(aliasOf('bob'));
    expect(owner).toMatchObject({ personId: bob, heldByIncidentId: expect.any(String) as string });
    // Which of the two has left is for somebody to say.
    await change(world, user, { active: false });
    expect([await kindsOf(world, 'alice'), await kindsOf(world, 'bob')]).toEqual([[], []]);
    expect((await incidents(world)).map(({ kind }) => kind).sort()).toContain('unknownPerson');
    world.moveTime(3_601);
    await world.sweep();
    expect([await kindsOf(world, 'alice'), await kindsOf(world, 'bob')]).toEqual([['review'], ['review']]);
  });

  it('that gives somebody another’s other names has that decided, and still denies who has the name that counts', async () => {
    const world = await newWorld();
    world.deps.requiredAliasKinds = ['email', 'login'];
    for (const login of ['alice', 'bob']) {
      const aliases = [aliasOf(login), aliasFrom('login', login)].filter((alias) => alias !== undefined);
      await registerPerson(world.deps, world.caller(login, { aliases }));
    }
    const user = await create(world, 'alice', { userName: 'alice' });
    expect(await incidents(world)).toEqual([]);
    await change(world, user, {
      userName: 'bob',
      emails: [...user.attributes.emails, { value: 'bob@example.com', type: 'other' }],
    });
    const alice = world.caller('alice').personId;
    const about = (await incidents(world)).map(({ kind, personId, alias }) => [kind, personId, alias?.value]);
    expect(about.sort()).toEqual([
      ['aliasContested', alice, 'bob'],
      ['aliasContested', alice, 'bob@example.com'],
    ]);
    // She is denied at once all the same, and he is not.
    await change(world, user, { active: false });
    expect([await kindsOf(world, 'alice'), await kindsOf(world, 'bob')]).toEqual([['left'], []]);
  });

  it('does not take a new colleague for who had her address before, and denies neither', async () => {
    const world = await newWorld();
    await signIn(world, 'alice');
    const user = await create(world, 'alice');
    await change(world, user, {
      userName: 'alice.jones@corp.example',
      emails: [{ value: 'alice.jones@example.com' }],
    });
    const colleague = await create(world, 'alice', { externalId: 'another' });
    expect(await incidents(world)).toMatchObject([{ kind: 'aliasContested', alias: aliasOf('alice') }]);
    await change(world, colleague, { active: false });
    expect(await kindsOf(world, 'alice')).toEqual([]);
    await change(world, user, { active: false });
    expect(await kindsOf(world, 'alice')).toEqual(['left']);
  });

  it('may make a second user of somebody whom it knows by the same id of its own', async () => {
    const world = await newWorld();
    await signIn(world, 'alice');
    await change(world, await create(world, 'alice'), { emails: [{ value: 'alice.jones@example.com' }] });
    const second = await create(world, 'alice', { userName: 'alice.second', externalId: 'alice' });
    expect([await incidents(world), second.personId]).toEqual([[], world.caller('alice').personId]);
  });

  it('keeps names unique', async () => {
    const world = await newWorld();
    await create(world, 'alice');
    await expect(create(world, 'alice')).rejects.toMatchObject({ code: 'scimUniqueness' });
    const sameMail = create(world, 'bob', { emails: [{ value: 'ALICE@example.com' }] });
    await expect(sameMail).rejects.toMatchObject({ code: 'scimUniqueness' });
    const nameless = create(world, 'carol', { userName: 'carol', emails: [] });
    await expect(nameless).rejects.toMatchObject({ code: 'scimInvalidValue' });
    expect(await listScimUsers(world.deps, undefined, { startIndex: 1, count: 0 })).toMatchObject({
      totalResults: 1,
      users: [],
    });
  });

  it('changes only the version that was seen', async () => {
    const world = await newWorld();
    const { scimUserId } = await create(world, 'alice');
    await expect(deleteScimUser(world.deps, scimUserId, 2)).rejects.toMatchObject({
      code: 'scimVersionDiffers',
    });
    await deleteScimUser(world.deps, scimUserId, 1);
    await expect(deleteScimUser(world.deps, scimUserId, 1)).rejects.toMatchObject({ code: 'notFound' });
  });
});

describe('a user who was deactivated before anybody signed in by her name', () => {
  const gone = async (): Promise<{ world: World; user: ScimUser }> => {
    const world = await newWorld();
    const user = await change(world, await create(world, 'alice'), { active: false });
    expect(await incidents(world)).toEqual([]);
    return { world, user };
  };

  it('cannot enrol, and somebody is asked once', async () => {
    const { world } = await gone();
    await expect(world.enrol('alice')).rejects.toMatchObject({ code: 'aliasUnderReview' });
    await expect(world.enrol('alice')).rejects.toMatchObject({ code: 'aliasUnderReview' });
    expect(await incidents(world)).toMatchObject([{ kind: 'unknownPerson', source: 'scim' }]);
  });

  it('is denied when somebody says that it is she', async () => {
    const { world } = await gone();
    await signIn(world, 'alice');
    await dismiss(world, 'bind', 'alice');
    expect(await kindsOf(world, 'alice')).toEqual(['left']);
    await expect(world.enrol('alice')).rejects.toMatchObject({ code: 'personDenied' });
  });

  it('is somebody else when somebody says so', async () => {
    const { world } = await gone();
    await signIn(world, 'alice');
    await dismiss(world, 'dismiss', 'alice');
    await world.enrol('alice');
  });

  it('enrols when the directory has her back first, also after it has deleted her', async () => {
    const { world, user } = await gone();
    await deleteScimUser(world.deps, user.scimUserId, undefined);
    await expect(world.enrol('alice')).rejects.toMatchObject({ code: 'aliasUnderReview' });
    await dismiss(world, 'dismiss', 'alice');
    const other = await gone();
    await change(other.world, other.user, { active: true });
    await other.world.enrol('alice');
    const again = await gone();
    await deleteScimUser(again.world.deps, again.user.scimUserId, undefined);
    await create(again.world, 'alice');
    await again.world.enrol('alice');
  });
});

describe('a deactivation', () => {
  const prepared = async (isKnown: boolean): Promise<{ world: World; user: ScimUser }> => {
    const world = await newWorld();
    if (isKnown) await signIn(world, 'alice');
    return { world, user: await create(world, 'alice') };
  };
  const effectsOf = async (isKnown: boolean): Promise<number> => {
    const { world, user } = await prepared(isKnown);
    const { interference, names } = counting();
    world.interfere(interference);
    await change(world, user, { active: false });
    return names.length;
  };
  const isKeptOut = async (world: World): Promise<boolean> =>
    world.enrol('alice').then(
      () => false,
      () => true,
    );

  it.each([true, false])(
    'is whole whoever dies in it, when it is sent again (person known: %s)',
    async (isKnown) => {
      for (let n = 1; n <= (await effectsOf(isKnown)); n += 1) {
        for (const when of ['before', 'after'] as const) {
          const { world, user } = await prepared(isKnown);
          world.interfere(dyingAt(n, when));
          await change(world, user, { active: false }).catch((error: unknown) => {
            if (!(error instanceof Died)) throw error;
          });
          world.calm();
          // What the directory reads as inactive is denied, and what it reads as active it sends again.
          const { attributes } = (await world.stores.scimUsers.find(user.scimUserId)) ?? user;
          if (attributes.active) await change(world, user, { active: false });
          expect([n, when, await isKeptOut(world)]).toEqual([n, when, true]);
          if (isKnown) expect(await kindsOf(world, 'alice')).toEqual(['left']);
        }
      }
    },
  );

  it('holds, wherever a first sign-in or another write comes in between', async () => {
    const others = [
      ['sign-in', false, (world: World) => signIn(world, 'alice')],
      ['update', true, (world: World, user: ScimUser) => change(world, user, { displayName: 'Alice' })],
    ] as const;
    for (const [what, isKnown, other] of others) {
      for (let n = 1; n <= (await effectsOf(isKnown)); n += 1) {
        const { world, user } = await prepared(isKnown);
        world.interfere(interruptedAt(n, () => other(world, user)));
        await change(world, user, { active: false });
        world.calm();
        expect([what, n, await isKeptOut(world)]).toEqual([what, n, true]);
      }
    }
  });

  it('that came between a denial and its writing does not outlast what the directory says then', async () => {
    const { world, user } = await prepared(true);
    world.interfere(dyingAt(await effectsOf(true), 'before'));
    await expect(change(world, user, { active: false })).rejects.toBeInstanceOf(Died);
    world.calm();
    expect(await kindsOf(world, 'alice')).toEqual(['left']);
    await change(world, user, { active: true });
    expect(await kindsOf(world, 'alice')).toEqual([]);
  });

  it.each(['deactivates', 'deletes'])(
    'that brings somebody back, wherever it dies, does not let her in when the next one %s her',
    async (what) => {
      const inactive = async () => {
        const { world, user } = await prepared(true);
        return { world, user: await change(world, user, { active: false }) };
      };
      const counted = await inactive();
      const { interference, names } = counting();
      counted.world.interfere(interference);
      await change(counted.world, counted.user, { active: true });
      for (let n = 1; n <= names.length; n += 1) {
        const { world, user } = await inactive();
        world.interfere(dyingAt(n, 'after'));
        await change(world, user, { active: true }).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        world.calm();
        if (what === 'deletes') await deleteScimUser(world.deps, user.scimUserId, undefined);
        else await change(world, user, { active: false });
        expect([n, await kindsOf(world, 'alice')]).toEqual([n, ['left']]);
      }
    },
  );
});
