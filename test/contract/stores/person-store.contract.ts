import { personIdFrom } from '../../../shared/domain/identity.ts';
import {
  denied,
  emailAlias,
  eventOf,
  incidentOf,
  NOW_MILLISECONDS,
  registered,
  registrationOf,
  reserved,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

/** What every PersonStore does. */
export function personStoreContract(newStores: () => Promise<Stores>): void {
  it('keeps a person as registered, with no denial and no enrolment', async () => {
    const { people } = await newStores();
    const registration = registrationOf('alice');
    const { person, refused } = await people.register(registration);
    const { at, ...kept } = registration;
    expect(person).toEqual({ ...kept, denials: [], enrolments: 0, createdAt: at });
    expect(refused).toEqual([]);
    expect(await people.find(person.personId)).toEqual(person);
    expect(await people.findAliasOwner(emailAlias('alice@example.com'))).toEqual({
      personId: person.personId,
    });
  });

  it('knows nobody by an id or an alias that was never registered', async () => {
    const { people } = await newStores();
    expect(await people.find(personIdFrom('https://id.example', 'nobody'))).toBeUndefined();
    expect(await people.findAliasOwner(emailAlias('nobody@example.com'))).toBeUndefined();
  });

  it('finds many people at once, each once, and leaves out who is not there', async () => {
    const stores = await newStores();
    const [alice, bob] = [await registered(stores, 'alice'), await registered(stores, 'bob')];
    const ids = [alice.personId, personIdFrom('https://id.example', 'nobody'), bob.personId];
    const found = await stores.people.findMany(ids);
    expect(found.map(({ login }) => login).sort()).toEqual(['alice', 'bob']);
    expect(found).toContainEqual(await stores.people.find(alice.personId));
    expect(await stores.people.findMany([])).toEqual([]);
  });

  it('brings login and e-mail up to date, and leaves denials and counts as they are', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await reserved(stores, personId);
    await denied(stores, personId);
    const { email: _, ...withoutEmail } = registrationOf('alice', {
      login: 'alice.smith',
      at: NOW_MILLISECONDS + 1,
    });
    const { person } = await stores.people.register(withoutEmail);
    expect(person).toMatchObject({ login: 'alice.smith', enrolments: 1, createdAt: NOW_MILLISECONDS });
    expect(person.email).toBeUndefined();
    expect(person.denials).toHaveLength(1);
    expect(await stores.people.find(personId)).toEqual(person);
  });

  it('keeps an alias that a later registration no longer names', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const married = emailAlias('alice.jones@example.com');
    const { person } = await stores.people.register(registrationOf('alice', { aliases: [married] }));
    expect(person.aliases).toEqual([married, emailAlias('alice@example.com')]);
    expect(await stores.people.findAliasOwner(emailAlias('alice@example.com'))).toEqual({ personId });
  });

  it("refuses an alias that is another's, and keeps the rest", async () => {
    const stores = await newStores();
    const alice = await registered(stores, 'alice');
    const shared = emailAlias('alice@example.com');
    const own = emailAlias('bob@example.com');
    const { person, refused } = await stores.people.register(
      registrationOf('bob', { aliases: [shared, own] }),
    );
    expect(person.aliases).toEqual([own]);
    expect(refused).toEqual([{ alias: shared, owner: { personId: alice.personId } }]);
  });

  it('refuses an alias that an open incident holds, until it is resolved', async () => {
    const stores = await newStores();
    const alias = emailAlias('alice@example.com');
    const incident = incidentOf(alias);
    await stores.offboardings.openIncidentForEvent(incident, eventOf());
    const { person, refused } = await stores.people.register(registrationOf('alice'));
    expect(person.aliases).toEqual([]);
    expect(refused).toEqual([{ alias, owner: { heldByIncidentId: incident.incidentId } }]);
    const resolution = { at: NOW_MILLISECONDS, actor: 'portal', decision: 'dismiss' } as const;
    await stores.offboardings.resolveIncident(incident.incidentId, resolution);
    expect((await stores.people.register(registrationOf('alice'))).person.aliases).toEqual([alias]);
  });

  it('leaves a person the alias she owns, though an incident holds it, and refuses it to others', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const alias = emailAlias('alice@example.com');
    const incident = incidentOf(alias, { kind: 'aliasContested' });
    await stores.offboardings.openIncident(incident, 'key');
    const again = await stores.people.register(registrationOf('alice', { login: 'alice.smith' }));
    expect(again.refused).toEqual([]);
    expect(again.person).toMatchObject({ login: 'alice.smith', aliases: [alias] });
    const { refused } = await stores.people.register(registrationOf('bob', { aliases: [alias] }));
    const owner = { personId, heldByIncidentId: incident.incidentId };
    expect(refused).toEqual([{ alias, owner }]);
    expect(await stores.people.findAliasOwner(alias)).toEqual(owner);
  });

  /** With a Cyrillic letter, and as everybody writes it. */
  const CYRILLIC = emailAlias('\u0430lice@example.com');
  const PLAIN = emailAlias('alice@example.com');

  it.each([
    ['plain', PLAIN, CYRILLIC],
    ['the other', CYRILLIC, PLAIN],
    ['of another alphabet', emailAlias('\u03b1lice@example.com'), CYRILLIC],
  ])('refuses a name that can be taken for the one that somebody has: %s', async (_, taken, lookalike) => {
    const stores = await newStores();
    const { personId } = (await stores.people.register(registrationOf('ann', { aliases: [taken] }))).person;
    const { person, refused } = await stores.people.register(
      registrationOf('bob', { aliases: [lookalike, emailAlias('bob@example.com')] }),
    );
    expect(person.aliases).toEqual([emailAlias('bob@example.com')]);
    expect(refused).toEqual([{ alias: lookalike, owner: { lookalikeOwner: personId } }]);
    expect((await stores.people.findAliasOwner(taken))?.personId).toBe(personId);
  });

  it('gives one person several names that look alike, at once and one after the other', async () => {
    const stores = await newStores();
    const both = registrationOf('ann', { aliases: [CYRILLIC, PLAIN] });
    expect((await stores.people.register(both)).refused).toEqual([]);
    const other = await newStores();
    for (const alias of [CYRILLIC, PLAIN]) {
      expect((await other.people.register({ ...both, aliases: [alias] })).refused).toEqual([]);
    }
    expect((await other.people.find(both.personId))?.aliases).toHaveLength(2);
  });

  it('gives two names that look alike to one of two who claim them at once', async () => {
    const stores = await newStores();
    const results = await Promise.all([
      stores.people.register(registrationOf('ann', { aliases: [PLAIN] })),
      stores.people.register(registrationOf('bob', { aliases: [CYRILLIC] })),
    ]);
    expect(results.filter(({ person }) => person.aliases.length === 1)).toHaveLength(1);
  });

  it('gives an alias that 20 people claim at once to exactly one of them', async () => {
    const stores = await newStores();
    const alias = emailAlias('info@example.com');
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        stores.people.register(registrationOf(`person${index}`, { aliases: [alias] })),
      ),
    );
    const owners = results.filter(({ person }) => person.aliases.length === 1);
    expect(owners).toHaveLength(1);
    const personId = owners[0]?.person.personId;
    expect(await stores.people.findAliasOwner(alias)).toEqual({ personId });
    for (const { refused } of results.filter(({ person }) => person.personId !== personId)) {
      expect(refused).toEqual([{ alias, owner: { personId } }]);
    }
  });

  it('makes one person of 20 registrations at once', async () => {
    const stores = await newStores();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => stores.people.register(registrationOf('alice'))),
    );
    for (const { person, refused } of results) {
      expect(person).toEqual(results[0]?.person);
      expect(refused).toEqual([]);
    }
  });
}
