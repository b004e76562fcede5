import { personIdFrom, type PersonId, type SourceId } from '../../../shared/domain/identity.ts';
import { expectLeavers, listSources, settleSurge } from '../../../shared/use-cases/administration/sources.ts';
import { registerPerson } from '../../../shared/use-cases/register-person.ts';
import { orderForPerson, resolveIncident } from '../../../shared/use-cases/administration/write.ts';
import { counting, dyingAt, isDeath } from '../../support/crashes.ts';
import { aliasOf, newWorld, type World } from '../../support/world.ts';

const HR = 'hr' as SourceId;
const LEAST = 10;
const LOGINS = Array.from({ length: 14 }, (_, index) => `person${index + 1}`);
const FEW = LOGINS.slice(0, 3);
const idOf = (login: string): PersonId => personIdFrom('https://id.example', login);

/** Everybody is known; nobody needs a certificate to be denied. */
async function companyOf(logins: readonly string[]): Promise<World> {
  const world = await newWorld();
  for (const login of [...logins, 'adam']) {
    const { personId, issuer, subject, aliases } = world.caller(login);
    await world.stores.people.register({ personId, issuer, subject, login, aliases, at: world.clock.now() });
  }
  return world;
}

async function tellAll(world: World, logins: readonly string[], kind: 'left' | 'suspended' = 'left') {
  const outcomes: string[] = [];
  for (const login of logins) outcomes.push((await world.tell(world.event(login, kind))).outcome);
  return outcomes;
}

const kindsOf = async (world: World, login: string): Promise<string[]> =>
  ((await world.stores.people.find(idOf(login)))?.denials ?? []).map(({ kind }) => kind);

const settle = (world: World, decision: 'confirm' | 'release', since = world.clock.now() - 60_000) =>
  settleSurge(world.deps, { caller: world.caller('adam'), source: 'hr', decision, since });

const incidentKinds = async (world: World): Promise<string[]> =>
  (await world.stores.offboardings.listOpenIncidents()).map(({ kind }) => kind);

describe('a source that denies more people in an hour than it may', () => {
  it('holds the others: refused, not revoked, with one incident', async () => {
    const world = await companyOf(LOGINS.slice(0, 13));
    const last = await world.enrol('person14');
    expect(await tellAll(world, LOGINS)).toEqual([
      ...Array.from({ length: LEAST }, () => 'denied'),
      ...Array.from({ length: 4 }, () => 'held'),
    ]);
    expect(await kindsOf(world, 'person10')).toEqual(['left']);
    expect(await kindsOf(world, 'person14')).toEqual(['surge']);
    expect(await world.vpn.connect(last)).toBe('gate');
    await world.sweep();
    await world.cut();
    await world.sweep();
    expect(await world.deps.certificates.find(last.certificateId)).not.toHaveProperty('revocation');
    expect(await incidentKinds(world)).toEqual(['surge']);
    const open = await world.stores.offboardings.listOpen();
    expect(open.filter(({ kind }) => kind === 'surge')).toHaveLength(4);
  });

  it('is usual again an hour later', async () => {
    const world = await companyOf(LOGINS);
    await tellAll(world, LOGINS.slice(0, 12));
    world.moveTime(3_600 + 300);
    expect(await tellAll(world, LOGINS.slice(12))).toEqual(['denied', 'denied']);
  });

  it('may deny its share of a large company, and what was announced beside it, until then', async () => {
    const world = await companyOf(LOGINS);
    await world.stores.surges.keepHolders(367, world.clock.now());
    expect(await tellAll(world, LOGINS.slice(0, 11))).not.toContain('held');
    world.moveTime(7_200);
    await world.stores.surges.keepHolders(0, world.clock.now());
    // Eleven of them are denied by HR already and not counted again.
    expect(await tellAll(world, LOGINS, 'suspended')).not.toContain('held');
    const more = await companyOf(LOGINS);
    await expectLeavers(more.deps, { caller: more.caller('adam'), source: 'hr', people: 3, forSeconds: 60 });
    expect(await tellAll(more, LOGINS)).toEqual([...Array.from({ length: 13 }, () => 'denied'), 'held']);
    more.moveTime(61);
    expect(await listSources(more.deps, more.caller('adam'))).toMatchObject({
      sources: [{ source: 'hr', denied: 14, limit: LEAST, held: 1 }],
    });
  });

  it('counts nobody twice, and an administrator’s words not at all', async () => {
    const world = await companyOf(LOGINS);
    for (let day = 0; day < 12; day += 1) {
      await world.tell(world.event('person1', 'left', { eventId: `again ${day}` }));
    }
    const caller = world.caller('adam');
    for (const login of LOGINS.slice(1)) {
      const order = { caller, whom: { personId: idOf(login) }, kind: 'left' as const };
      expect(await orderForPerson(world.deps, order)).toMatchObject({ outcome: 'denied' });
    }
    expect(await listSources(world.deps, caller)).toMatchObject({ sources: [{ denied: 1, held: 0 }] });
  });

  it('stays held when the source says it again', async () => {
    const world = await companyOf(LOGINS);
    await tellAll(world, LOGINS);
    const again = world.event('person14', 'left', { eventId: 'again' });
    expect(await world.tell(again)).toMatchObject({ outcome: 'held' });
  });
});

describe('a surge that an administrator', () => {
  it('confirms offboards who was held, as the source meant, and lets the source go on', async () => {
    const world = await companyOf(LOGINS.slice(0, 11));
    const last = await world.enrol('person12');
    await tellAll(world, LOGINS.slice(0, 12));
    await settle(world, 'confirm');
    await world.sweep();
    expect(await kindsOf(world, 'person12')).toEqual(['left']);
    expect(await incidentKinds(world)).toEqual([]);
    expect(await world.deps.certificates.find(last.certificateId)).toMatchObject({
      revocation: { reason: 'cessationOfOperation' },
    });
    await world.stores.people.register({
      ...world.caller('person13'),
      at: world.clock.now(),
    });
    expect(await tellAll(world, ['person13'])).toEqual(['denied']);
  });

  it('releases is undone, also what was below the limit, and nothing else', async () => {
    const world = await companyOf(LOGINS.slice(1));
    const first = await world.enrol('person1');
    await tellAll(world, ['person2']);
    world.moveTime(3_600 * 2);
    const attackBegan = world.clock.now();
    world.moveTime(1);
    await tellAll(
      world,
      LOGINS.filter((login) => login !== 'person2'),
    );
    await world.sweep();
    expect(await world.deps.certificates.find(first.certificateId)).toHaveProperty('revocation');
    await settle(world, 'release', attackBegan);
    await world.sweep();
    for (const login of LOGINS) {
      expect([login, await kindsOf(world, login)]).toEqual([login, login === 'person2' ? ['left'] : []]);
    }
    expect(await world.vpn.connect(first)).toMatchObject({ commonName: first.commonName });
    expect(await incidentKinds(world)).toEqual([]);
  });

  it('releases says no more of names that nobody has: they are free, and who was held for them is let go', async () => {
    const world = await companyOf(['person1', 'person2']);
    const certificate = await world.enrol('person1');
    await tellAll(world, ['earlier']);
    world.moveTime(3_600);
    const attackBegan = world.clock.now();
    const known = world.caller('person2', { aliases: [aliasOf('person1')] });
    await registerPerson(world.deps, known);
    await tellAll(world, ['person1', ...Array.from({ length: 30 }, (_, index) => `made-up-${index}`)]);
    world.moveTime(3_601);
    await world.sweep();
    expect(await world.vpn.connect(certificate)).toBe('gate');
    await settle(world, 'release', attackBegan);
    await world.sweep();
    expect(await world.vpn.connect(certificate)).toMatchObject({ status: 'active' });
    const open = await world.stores.offboardings.listOpenIncidents();
    expect(open.map(({ kind, alias }) => [kind, alias?.value]).sort()).toEqual([
      ['aliasContested', 'person1@example.com'],
      ['unknownPerson', 'earlier@example.com'],
    ]);
    expect(await world.enrol('made-up-7')).toMatchObject({ deviceName: 'laptop' });
  });

  it('releases may say no more than usual from then on, also where it was announced or confirmed before', async () => {
    const world = await companyOf(LOGINS);
    world.deps.surgePolicy = { leastPeople: 2, percentOfHolders: 0 };
    await tellAll(world, FEW);
    await settle(world, 'confirm');
    await world.sweep();
    world.moveTime(60);
    await settle(world, 'release', world.clock.now() - 3_600_000);
    await world.sweep();
    expect(await kindsOf(world, 'person3')).toEqual([]);
    expect(await tellAll(world, LOGINS.slice(3, 5))).toEqual(['held', 'held']);
  });

  it('has not decided yet stays an incident, also where more were held after the decision', async () => {
    const world = await companyOf(LOGINS);
    await tellAll(world, LOGINS.slice(0, 12));
    await settle(world, 'release');
    world.moveTime(5);
    await tellAll(world, LOGINS.slice(12));
    await world.sweep();
    expect(await kindsOf(world, 'person12')).toEqual([]);
    expect(await kindsOf(world, 'person14')).toEqual(['surge']);
    expect(await incidentKinds(world)).toEqual(['surge']);
  });

  it('cannot dismiss like another incident: somebody would be held for ever', async () => {
    const world = await companyOf(LOGINS);
    await tellAll(world, LOGINS);
    const [incident] = await world.stores.offboardings.listOpenIncidents();
    const decision = { kind: 'dismiss' } as const;
    const request = { caller: world.caller('adam'), incidentId: incident?.incidentId ?? '', decision };
    await expect(resolveIncident(world.deps, request)).rejects.toMatchObject({ code: 'malformedRequest' });
  });

  it.each(['confirm', 'release'] as const)(
    'decided with "%s" ends right whoever dies at any effect',
    async (decision) => {
      const prepare = async (): Promise<World> => {
        const world = await companyOf(FEW);
        world.deps.surgePolicy = { leastPeople: 1, percentOfHolders: 0 };
        await tellAll(world, FEW);
        await settle(world, decision);
        return world;
      };
      const first = await prepare();
      const { interference, names } = counting();
      first.interfere(interference);
      await first.sweep();
      expect(names.length).toBeGreaterThan(10);
      for (let n = 1; n <= names.length; n += 1) {
        for (const when of ['before', 'after'] as const) {
          const world = await prepare();
          world.interfere(dyingAt(n, when));
          expect((await world.sweep()).failures.some(({ error }) => isDeath(error))).toBe(true);
          world.calm();
          await world.sweep();
          const expected = decision === 'confirm' ? ['left'] : [];
          expect([n, when, await kindsOf(world, 'person3')]).toEqual([n, when, expected]);
          expect([n, when, await incidentKinds(world)]).toEqual([n, when, []]);
          expect(await world.stores.surges.listOpenSettlements()).toEqual([]);
        }
      }
    },
  );

  it.each([
    ['of a source that is none', { source: 'nobody' }, 'sourceNotFound'],
    ['since tomorrow', { since: Date.UTC(2026, 2, 2) }, 'malformedRequest'],
    ['since last year', { since: Date.UTC(2025, 2, 2) }, 'malformedRequest'],
  ])('cannot settle %s', async (_, changes, code) => {
    const world = await companyOf([]);
    const since = world.clock.now();
    const order = {
      caller: world.caller('adam'),
      source: 'hr',
      decision: 'release' as const,
      since,
      ...changes,
    };
    await expect(settleSurge(world.deps, order)).rejects.toMatchObject({ code });
    expect(await world.stores.surges.listOpenSettlements()).toEqual([]);
  });

  it('is for administrators', async () => {
    const world = await companyOf(['alice']);
    const caller = world.caller('alice');
    const order = { caller, source: 'hr', decision: 'release' as const, since: world.clock.now() };
    await expect(settleSurge(world.deps, order)).rejects.toMatchObject({ code: 'notAllowed' });
    const expectation = { caller, source: 'hr', people: 5, forSeconds: 60 };
    await expect(expectLeavers(world.deps, expectation)).rejects.toMatchObject({ code: 'notAllowed' });
    await expect(listSources(world.deps, caller)).rejects.toMatchObject({ code: 'notAllowed' });
  });
});

describe('somebody on the break-glass list', () => {
  it('is denied by no source, and operators hear of it once; an administrator can', async () => {
    const world = await companyOf(['alice']);
    world.deps.breakGlass.add(idOf('alice'));
    const result = await world.tell(world.event('alice', 'left'));
    expect(result).toMatchObject({ outcome: 'protected' });
    expect(await world.tell(world.event('alice', 'suspended'))).toEqual(result);
    expect(await kindsOf(world, 'alice')).toEqual([]);
    expect(await incidentKinds(world)).toEqual(['breakGlass']);
    const order = { caller: world.caller('adam'), whom: { personId: idOf('alice') }, kind: 'left' as const };
    expect(await orderForPerson(world.deps, order)).toMatchObject({ outcome: 'denied' });
    expect((await listSources(world.deps, world.caller('adam'))).breakGlass).toEqual([idOf('alice')]);
  });
});

describe('what a source may say', () => {
  it('grows with the people who hold certificates, who are counted once a day', async () => {
    const world = await companyOf([]);
    world.deps.surgePolicy = { leastPeople: 1, percentOfHolders: 100 };
    const limit = async (): Promise<number | undefined> =>
      (await listSources(world.deps, world.caller('adam'))).sources[0]?.limit;
    for (const [login, key] of [
      ['alice', 'alice'],
      ['alice', 'bob'],
      ['carol', 'carol'],
    ] as const) {
      await world.enrol(login, key);
    }
    await world.sweep();
    expect(await limit()).toBe(2);
    await world.enrol('dave', 'dave');
    await world.sweep();
    expect(await limit()).toBe(2);
    world.moveTime(86_400);
    await world.sweep();
    expect(await limit()).toBe(3);
  });

  it('is read without changing it', async () => {
    const world = await companyOf([]);
    const { sources } = await listSources(world.deps, world.caller('adam'));
    expect(sources).toEqual([{ source: HR, aliasKind: 'email', denied: 0, limit: LEAST, held: 0 }]);
  });
});
