import { aliasFrom, SCIM } from '../../../shared/domain/identity.ts';
import type { ScimUser } from '../../../shared/domain/scim/user.ts';
import { emailAlias, NOW_MILLISECONDS, registered, registrationOf } from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const at = NOW_MILLISECONDS;
const userOf = (
  name: string,
  attributes: Partial<ScimUser['attributes']> = {},
  changes: Partial<ScimUser> = {},
): ScimUser => ({
  scimUserId: `id-${name}`,
  attributes: {
    userName: `${name}@corp.example`,
    externalId: `x-${name}`,
    name: { givenName: name },
    emails: [
      { value: `${name}@example.com`, type: 'work', primary: true },
      { value: `${name}@home.example` },
    ],
    employeeNumber: `n-${name}`,
    active: true,
    ...attributes,
  },
  alias: emailAlias(`${name}@example.com`),
  version: 1,
  createdAt: at,
  lastModifiedAt: at,
  toldAt: 0,
  ...changes,
});
const next = (user: ScimUser, attributes: Partial<ScimUser['attributes']>): ScimUser => ({
  ...user,
  version: user.version + 1,
  attributes: { ...user.attributes, ...attributes },
});

/** What every ScimUserStore does. */
export function scimUserStoreContract(newStores: () => Promise<Stores>): void {
  it('keeps a user as written, and finds her by each of her names without regard to case', async () => {
    const { scimUsers } = await newStores();
    const { personId } = registrationOf('alice');
    const alice = userOf('alice', {}, { personId, toldAt: 7 });
    expect(await scimUsers.write({ at, after: alice }, false)).toBe('written');
    expect(await scimUsers.write({ at, after: userOf('bob') }, false)).toBe('written');
    expect(await scimUsers.find('id-alice')).toEqual(alice);
    expect(await scimUsers.findByUserName('ALICE@corp.example')).toEqual(alice);
    expect(await scimUsers.findBy('externalId', 'X-alice')).toEqual([alice]);
    expect(await scimUsers.findBy('email', 'Alice@HOME.example')).toEqual([alice]);
    expect(await scimUsers.findBy('employeeNumber', 'n-alice')).toEqual([alice]);
    expect(await scimUsers.findAliasUse(alice.alias)).toEqual({
      scimUserId: 'id-alice',
      externalId: 'x-alice',
    });
    expect(await scimUsers.list(0, 1)).toEqual([alice]);
    expect(await scimUsers.list(1, 5)).toEqual([userOf('bob')]);
    expect(await scimUsers.count()).toBe(2);
    for (const nobody of [await scimUsers.find('id-carol'), await scimUsers.findByUserName('carol')]) {
      expect(nobody).toBeUndefined();
    }
  });

  it('forgets the names that a user had, and a user who went, but for what tells her from a namesake', async () => {
    const { scimUsers } = await newStores();
    const [alice, alias] = [userOf('alice'), emailAlias('a.smith@example.com')];
    await scimUsers.write({ at, after: alice }, false);
    const { externalId: _, employeeNumber: __, ...attributes } = alice.attributes;
    const renamed: ScimUser = {
      ...next(alice, {}),
      alias,
      attributes: { ...attributes, userName: 'a.smith', emails: [{ value: alias.value }] },
    };
    expect(await scimUsers.write({ at, before: alice, after: renamed }, false)).toBe('written');
    expect(await scimUsers.findByUserName(alice.attributes.userName)).toBeUndefined();
    expect(await scimUsers.findBy('email', 'alice@home.example')).toEqual([]);
    expect(await scimUsers.findBy('externalId', 'x-alice')).toEqual([]);
    expect(await scimUsers.findAliasUse(alice.alias)).toBeUndefined();
    expect(await scimUsers.findByUserName('a.smith')).toEqual(renamed);
    expect(await scimUsers.write({ at, before: renamed }, false)).toBe('written');
    expect(await scimUsers.find('id-alice')).toBeUndefined();
    expect(await scimUsers.findByUserName('a.smith')).toBeUndefined();
    expect([await scimUsers.count(), await scimUsers.list(0, 5)]).toEqual([0, []]);
    expect(await scimUsers.findAliasUse(alias)).toEqual({ scimUserId: 'id-alice', deletedAt: at });
    // Who comes after her may have her names.
    expect(await scimUsers.write({ at, after: { ...userOf('bob'), alias } }, false)).toBe('written');
  });

  it('gives a userName and an alias to one user', async () => {
    const { scimUsers } = await newStores();
    await scimUsers.write({ at, after: userOf('alice') }, false);
    const sameName = userOf('bob', { userName: 'Alice@corp.example' });
    expect(await scimUsers.write({ at, after: sameName }, false)).toBe('userNameTaken');
    const sameAlias = userOf('bob', {}, { alias: emailAlias('alice@example.com') });
    expect(await scimUsers.write({ at, after: sameAlias }, false)).toBe('aliasTaken');
    expect(await scimUsers.count()).toBe(1);
    const bob = userOf('bob');
    await scimUsers.write({ at, after: bob }, false);
    const renamed = next(bob, { userName: 'alice@corp.example' });
    expect(await scimUsers.write({ at, before: bob, after: renamed }, false)).toBe('userNameTaken');
  });

  it('writes one of 10 changes that saw the same version', async () => {
    const { scimUsers } = await newStores();
    const alice = userOf('alice');
    await scimUsers.write({ at, after: alice }, false);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        scimUsers.write(
          { at, before: alice, after: next(alice, { displayName: String(index), active: index % 2 === 0 }) },
          false,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(9);
    expect(await scimUsers.write({ at, before: alice }, false)).toBe('changed');
  });

  it('keeps a waiting denial on the alias, where nobody can claim it, until it is taken back', async () => {
    const stores = await newStores();
    const { people, scimUsers } = stores;
    const alice = userOf('alice');
    await scimUsers.write({ at, after: alice }, false);
    const gone = next(alice, { active: false });
    expect(await scimUsers.write({ at, before: alice, after: gone }, true)).toBe('written');
    expect(await people.findAliasOwner(alice.alias)).toEqual({ deniedBy: SCIM });
    const { person, refused } = await people.register(registrationOf('alice'));
    expect([person.aliases, refused]).toEqual([[], [{ alias: alice.alias, owner: { deniedBy: SCIM } }]]);
    const back = next(gone, { active: true });
    expect(await scimUsers.write({ at, before: gone, after: back }, false)).toBe('written');
    expect(await people.findAliasOwner(alice.alias)).toBeUndefined();
    expect((await people.register(registrationOf('alice'))).person.aliases).toEqual([alice.alias]);
    // From now on it is somebody's: the source has to say it of her.
    expect(await scimUsers.write({ at, before: back, after: next(back, { active: false }) }, true)).toBe(
      'aliasOwned',
    );
    expect(await scimUsers.find('id-alice')).toEqual(back);
  });

  it('moves a waiting denial with the alias, and leaves it behind when the user goes', async () => {
    const { people, scimUsers } = await newStores();
    const alice = userOf('alice', { active: false });
    await scimUsers.write({ at, after: alice }, true);
    const alias = emailAlias('a.smith@example.com');
    const renamed = { ...next(alice, {}), alias };
    await scimUsers.write({ at, before: alice, after: renamed }, true);
    expect(await people.findAliasOwner(alice.alias)).toBeUndefined();
    expect(await people.findAliasOwner(alias)).toEqual({ deniedBy: SCIM });
    await scimUsers.write({ at, before: renamed }, true);
    expect(await people.findAliasOwner(alias)).toEqual({ deniedBy: SCIM });
  });

  it('leaves an alias either denied or owned, whoever is first', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { people, scimUsers } = await newStores();
      const alice = userOf('alice');
      await scimUsers.write({ at, after: alice }, false);
      const [outcome, { person }] = await Promise.all([
        scimUsers.write({ at, before: alice, after: next(alice, { active: false }) }, true),
        people.register(registrationOf('alice')),
      ]);
      expect([outcome, person.aliases.length]).toEqual(
        outcome === 'written' ? ['written', 0] : ['aliasOwned', 1],
      );
    }
  });

  it("ends a source's denial of an alias with the source's incident, and with no other", async () => {
    const stores = await newStores();
    const { people, scimUsers, offboardings } = stores;
    const alice = userOf('alice', { active: false });
    await scimUsers.write({ at, after: alice }, true);
    const { personId } = await registered(stores, 'bob');
    const open = (id: string, source?: typeof SCIM) =>
      offboardings.openIncident(
        {
          incidentId: id,
          kind: 'aliasContested',
          openedAt: at,
          alias: alice.alias,
          personId,
          words: 'whose?',
          ...(source === undefined ? {} : { source }),
        },
        id,
      );
    const resolution = { at, actor: 'portal', decision: 'dismiss' } as const;
    const [first, second] = ['01jzzzzzzzzzzzzzzzzzzzzzza', '01jzzzzzzzzzzzzzzzzzzzzzzb'] as const;
    await open(first);
    await offboardings.resolveIncident(first, resolution);
    expect(await people.findAliasOwner(alice.alias)).toEqual({ deniedBy: SCIM });
    await open(second, SCIM);
    await offboardings.resolveIncident(second, resolution, personId);
    expect(await people.findAliasOwner(alice.alias)).toEqual({ personId });
  });

  it('knows nobody by a name that is none', async () => {
    const { scimUsers } = await newStores();
    expect(aliasFrom('login', '\u0000')).toBeUndefined();
    expect([await scimUsers.findByUserName('\u0000'), await scimUsers.findBy('email', '')]).toEqual([
      undefined,
      [],
    ]);
  });
}
