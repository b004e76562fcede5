import {
  emailAlias,
  eventOf,
  freshId,
  HR,
  incidentOf,
  NOW_MILLISECONDS,
  registered,
  registrationOf,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const T = NOW_MILLISECONDS;
const ALIAS = emailAlias('stranger@example.com');
const DISMISS = { at: T + 50, actor: 'portal', decision: 'dismiss', comment: 'a test account' } as const;
const BIND = { at: T + 50, actor: 'portal', decision: 'bind' } as const;

/** What every OffboardingStore does with incidents. */
export function incidentContract(newStores: () => Promise<Stores>): void {
  it('opens an incident for an event that names nobody, and holds the alias', async () => {
    const { offboardings, people } = await newStores();
    const incident = incidentOf(ALIAS);
    const event = eventOf();
    expect(await offboardings.openIncidentForEvent(incident, event)).toBe('opened');
    const { incidentId } = incident;
    expect(await offboardings.findIncident(incidentId)).toEqual(incident);
    expect(await offboardings.listOpenIncidents()).toEqual([incident]);
    expect(await people.findAliasOwner(ALIAS)).toEqual({ heldByIncidentId: incidentId });
    expect(await offboardings.findEvent(HR, event.eventId)).toEqual({ ...event, incidentId });
    expect(await offboardings.openIncidentForEvent(incidentOf(ALIAS), event)).toBe('duplicate');
    expect(await offboardings.listOpenIncidents()).toHaveLength(1);
  });

  it('opens none when somebody owns the alias by now', async () => {
    const stores = await newStores();
    await registered(stores, 'alice');
    const event = eventOf();
    const incident = incidentOf(emailAlias('alice@example.com'));
    expect(await stores.offboardings.openIncidentForEvent(incident, event)).toBe('aliasOwned');
    expect(await stores.offboardings.findEvent(HR, event.eventId)).toBeUndefined();
    expect(await stores.offboardings.findIncident(incident.incidentId)).toBeUndefined();
  });

  it('holds the alias until every incident about it is resolved', async () => {
    const { offboardings, people } = await newStores();
    const [first, second] = [incidentOf(ALIAS), incidentOf(ALIAS)];
    await offboardings.openIncidentForEvent(first, eventOf());
    await offboardings.openIncidentForEvent(second, eventOf());
    await offboardings.resolveIncident(second.incidentId, DISMISS);
    expect(await people.findAliasOwner(ALIAS)).toEqual({ heldByIncidentId: first.incidentId });
    await offboardings.resolveIncident(first.incidentId, DISMISS);
    expect(await people.findAliasOwner(ALIAS)).toBeUndefined();
  });

  it('ends a race between an incident and a registration on one side', async () => {
    const stores = await newStores();
    for (let round = 0; round < 10; round += 1) {
      const alias = emailAlias(`racer${round}@example.com`);
      const incident = incidentOf(alias);
      const [outcome, registration] = await Promise.all([
        stores.offboardings.openIncidentForEvent(incident, eventOf()),
        stores.people.register(registrationOf(`racer${round}`)),
      ]);
      expect(registration.person.aliases.length === 0).toBe(outcome === 'opened');
      expect(await stores.people.findAliasOwner(alias)).toEqual(
        outcome === 'opened'
          ? { heldByIncidentId: incident.incidentId }
          : { personId: registration.person.personId },
      );
    }
  });

  it('resolves once, and the first decision stays', async () => {
    const { offboardings } = await newStores();
    const incident = incidentOf(ALIAS);
    await offboardings.openIncidentForEvent(incident, eventOf());
    const { incidentId } = incident;
    expect(await offboardings.resolveIncident(incidentId, DISMISS)).toBe('resolved');
    expect(await offboardings.resolveIncident(incidentId, BIND)).toBe('alreadyResolved');
    expect(await offboardings.findIncident(incidentId)).toEqual({ ...incident, resolution: DISMISS });
    expect(await offboardings.listOpenIncidents()).toEqual([]);
    expect(await offboardings.resolveIncident(freshId(), DISMISS)).toBe('notFound');
    expect(await offboardings.resolveIncident('nonsense', DISMISS)).toBe('notFound');
    expect(await offboardings.findIncident('nonsense')).toBeUndefined();
  });

  it('lets one of 20 decisions at once through', async () => {
    const { offboardings } = await newStores();
    const incident = incidentOf(ALIAS);
    await offboardings.openIncidentForEvent(incident, eventOf());
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => offboardings.resolveIncident(incident.incidentId, DISMISS)),
    );
    expect(outcomes.filter((outcome) => outcome === 'resolved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'alreadyResolved')).toHaveLength(19);
  });

  it('gives the alias to the person it was decided to be', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const incident = incidentOf(ALIAS);
    await stores.offboardings.openIncidentForEvent(incident, eventOf());
    expect(await stores.offboardings.resolveIncident(incident.incidentId, BIND, personId)).toBe('resolved');
    expect(await stores.people.findAliasOwner(ALIAS)).toEqual({ personId });
    expect((await stores.people.find(personId))?.aliases).toContainEqual(ALIAS);
  });

  it('moves a contested alias from its owner to another', async () => {
    const stores = await newStores();
    const alice = await registered(stores, 'alice');
    const bob = await registered(stores, 'bob');
    const alias = emailAlias('alice@example.com');
    const contested = incidentOf(alias, { kind: 'aliasContested', personId: bob.personId });
    await stores.offboardings.openIncident(contested, `alias#${alias.value}`);
    expect(await stores.offboardings.resolveIncident(contested.incidentId, BIND, bob.personId)).toBe(
      'resolved',
    );
    expect(await stores.people.findAliasOwner(alias)).toEqual({ personId: bob.personId });
    expect((await stores.people.find(alice.personId))?.aliases).toEqual([]);
    expect((await stores.people.find(bob.personId))?.aliases).toContainEqual(alias);
    const { refused } = await stores.people.register(registrationOf('alice'));
    expect(refused).toEqual([{ alias, owner: { personId: bob.personId } }]);
  });

  it('binds an alias to its own owner without harm', async () => {
    const stores = await newStores();
    const { personId, aliases } = await registered(stores, 'alice');
    const contested = incidentOf(emailAlias('alice@example.com'), { kind: 'aliasContested' });
    await stores.offboardings.openIncident(contested, 'alias');
    expect(await stores.offboardings.resolveIncident(contested.incidentId, BIND, personId)).toBe('resolved');
    expect((await stores.people.find(personId))?.aliases).toEqual(aliases);
  });

  it('binds nobody who is not there, and leaves the incident open', async () => {
    const { offboardings } = await newStores();
    const incident = incidentOf(ALIAS);
    await offboardings.openIncidentForEvent(incident, eventOf());
    const { personId } = registrationOf('nobody');
    await expect(offboardings.resolveIncident(incident.incidentId, BIND, personId)).rejects.toThrow();
    expect(await offboardings.listOpenIncidents()).toEqual([incident]);
  });

  it('opens one incident of a kind at a time, and another once that one is resolved', async () => {
    const { offboardings } = await newStores();
    const opened = (n: number) => {
      const { alias: _, ...incident } = incidentOf(ALIAS, { kind: 'gateOff', incidentId: freshId(T + n) });
      return incident;
    };
    const [first, second, third] = [opened(1), opened(2), opened(3)];
    const { incidentId } = first;
    expect(await offboardings.openIncident(first, 'gateOff#e')).toEqual({ incidentId, opened: true });
    expect(await offboardings.openIncident(second, 'gateOff#e')).toEqual({ incidentId, opened: false });
    expect(await offboardings.openIncident(third, 'gateOff#f')).toMatchObject({ opened: true });
    expect(await offboardings.listOpenIncidents()).toEqual([first, third]);
    await offboardings.resolveIncident(incidentId, { ...DISMISS, decision: 'mended' });
    expect(await offboardings.openIncident(second, 'gateOff#e')).toMatchObject({ opened: true });
  });

  it('holds the alias of any incident, whoever owns it, until it is resolved', async () => {
    const { offboardings, people } = await newStores();
    const { personId } = (await people.register(registrationOf('alice'))).person;
    const owned = emailAlias('alice@example.com');
    for (const [alias, owner] of [
      [ALIAS, undefined],
      [owned, { personId }],
    ] as const) {
      const incident = incidentOf(alias, { kind: 'aliasContested' });
      const { incidentId } = await offboardings.openIncident(incident, `key#${alias.value}`);
      expect(await people.findAliasOwner(alias)).toEqual({ ...owner, heldByIncidentId: incidentId });
      expect(await offboardings.resolveIncident(incidentId, DISMISS)).toBe('resolved');
      expect(await people.findAliasOwner(alias)).toEqual(owner);
    }
  });

  it('holds nothing for an incident that is open already', async () => {
    const { offboardings, people } = await newStores();
    const [first, second] = [incidentOf(ALIAS), incidentOf(ALIAS)];
    await offboardings.openIncident(first, 'key');
    expect(await offboardings.openIncident(second, 'key')).toMatchObject({ opened: false });
    await offboardings.resolveIncident(first.incidentId, DISMISS);
    expect(await people.findAliasOwner(ALIAS)).toBeUndefined();
  });

  it('opens an incident for an event whose alias is owned, while another incident holds it', async () => {
    const stores = await newStores();
    const { offboardings, people } = stores;
    const { personId } = await registered(stores, 'alice');
    const alias = emailAlias('alice@example.com');
    const contested = incidentOf(alias, { kind: 'aliasContested' });
    await offboardings.openIncident(contested, 'key');
    const [incident, event] = [incidentOf(alias), eventOf()];
    expect(await offboardings.openIncidentForEvent(incident, event)).toBe('opened');
    expect(await offboardings.findEvent(HR, event.eventId)).toMatchObject({
      incidentId: incident.incidentId,
    });
    await offboardings.resolveIncident(contested.incidentId, DISMISS);
    expect(await people.findAliasOwner(alias)).toEqual({ personId, heldByIncidentId: incident.incidentId });
    await offboardings.resolveIncident(incident.incidentId, DISMISS);
    expect(await people.findAliasOwner(alias)).toEqual({ personId });
    expect(await offboardings.openIncidentForEvent(incidentOf(alias), eventOf())).toBe('aliasOwned');
  });

  it('releases with a decision only the hold of its own incident', async () => {
    const stores = await newStores();
    const { offboardings, people } = stores;
    await registered(stores, 'alice');
    const bob = await registered(stores, 'bob');
    const alias = emailAlias('alice@example.com');
    const [first, second] = [incidentOf(alias), incidentOf(alias)];
    await offboardings.openIncident(first, 'first');
    await offboardings.openIncident(second, 'second');
    await offboardings.resolveIncident(first.incidentId, BIND, bob.personId);
    const { personId } = bob;
    expect(await people.findAliasOwner(alias)).toEqual({ personId, heldByIncidentId: second.incidentId });
    await offboardings.resolveIncident(second.incidentId, BIND, bob.personId);
    expect(await people.findAliasOwner(alias)).toEqual({ personId });
  });

  it('opens one of 20 alike at once', async () => {
    const { offboardings } = await newStores();
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        offboardings.openIncident(incidentOf(ALIAS, { kind: 'gateOff' }), 'gateOff'),
      ),
    );
    expect(results.filter(({ opened }) => opened)).toHaveLength(1);
    expect(new Set(results.map(({ incidentId }) => incidentId)).size).toBe(1);
  });

  it('keeps the name that a bound one looks like for her who has it now', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'ann');
    const cyrillic = emailAlias('\u0430lice@example.com');
    const incident = incidentOf(cyrillic);
    await stores.offboardings.openIncidentForEvent(incident, eventOf());
    await stores.offboardings.resolveIncident(incident.incidentId, BIND, personId);
    const { refused } = await stores.people.register(registrationOf('alice'));
    expect(refused).toMatchObject([{ owner: { lookalikeOwner: personId } }]);
  });
}
