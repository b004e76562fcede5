import { isTimeZone, parseLastDay } from '../../../shared/domain/calendar.ts';
import { ADMINISTRATOR, personIdFrom, type SourceId } from '../../../shared/domain/identity.ts';
import type { OffboardingEvent } from '../../../shared/domain/offboarding.ts';
import { cancelPlanned, listPlanned } from '../../../shared/use-cases/administration/planned.ts';
import { resolveIncident } from '../../../shared/use-cases/administration/write.ts';
import { counting, dyingAt, interruptedAt, isDeath } from '../../support/crashes.ts';
import { newWorld, START, type World } from '../../support/world.ts';

const DAY_SECONDS = 86_400;
const aliceId = personIdFrom('https://id.example', 'alice');
const BADGE = { source: 'badge' as SourceId };

describe('a last day', () => {
  it.each([
    ['2026-11-30', 'UTC', '2026-12-01T00:00:00.000Z'],
    ['2026-11-30', 'Europe/Berlin', '2026-11-30T23:00:00.000Z'],
    ['2026-10-24', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
    ['2026-11-30', 'America/Los_Angeles', '2026-12-01T08:00:00.000Z'],
    ['2026-11-30', 'Pacific/Kiritimati', '2026-11-30T10:00:00.000Z'],
    // Midnight was left out; and a day that was not there at all.
    ['2018-11-03', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2026-11-30+02:00', 'America/Los_Angeles', '2026-11-30T22:00:00.000Z'],
    ['2026-11-30Z', 'Europe/Berlin', '2026-12-01T00:00:00.000Z'],
    ['2026-11-30-03:30', 'UTC', '2026-12-01T03:30:00.000Z'],
  ])('%s in %s is over at %s', (text, timeZone, at) => {
    const day = parseLastDay(text, timeZone);
    expect(day?.lastDay).toBe(text.slice(0, 10));
    expect(new Date(day?.effectiveAt ?? 0).toISOString()).toBe(at);
  });

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-11-3',
    '30.11.2026',
    '2026-11-30+15:00',
    '2026-11-30T00:00:00Z',
    '',
  ])('"%s" is none', (text) => expect(parseLastDay(text, 'UTC')).toBeUndefined());

  it('ends where a zone of the database is, and at no offset that forgets the summer', () => {
    expect(['Europe/Berlin', 'UTC'].every(isTimeZone)).toBe(true);
    expect(['+02:00', 'Europe/Bonn', ''].some(isTimeZone)).toBe(false);
  });
});

/** HR says ten days ahead that alice leaves. */
const ahead = (world: World, changes: Partial<OffboardingEvent> = {}): OffboardingEvent =>
  world.event('alice', 'left', {
    lastDay: '2026-03-10',
    effectiveAt: START + 10 * DAY_SECONDS * 1000,
    ...changes,
  });
const planned = async (world: World) => (await world.stores.offboardings.listPlans({ limit: 9 })).plans;
const denials = async (world: World) =>
  ((await world.stores.people.find(aliceId))?.denials ?? []).map(({ source, kind }) => `${source} ${kind}`);

async function worldWithAlice() {
  const world = await newWorld();
  return { world, alice: await world.enrol('alice') };
}

describe('an employee leaves on a day to come', () => {
  it('keeps her access until the day is over, and then ends it, with the timeline of both', async () => {
    const { world, alice } = await worldWithAlice();
    await world.publish();
    const saidAt = world.clock.now();
    expect(await world.tell(ahead(world))).toMatchObject({ outcome: 'planned' });
    world.moveTime(10 * DAY_SECONDS - 1);
    await world.sweep();
    expect(await world.vpn.connect(alice)).toMatchObject({ commonName: alice.commonName });
    world.moveTime(1);
    await world.sweep();
    expect(await world.vpn.connect(alice)).toBe('gate');
    expect(await planned(world)).toEqual([]);
    const [record] = await world.stores.offboardings.listOpen();
    expect(record).toMatchObject({
      source: 'hr',
      kind: 'left',
      eventTime: saidAt,
      announcedAt: saidAt,
      lastDay: '2026-03-10',
      receivedAt: START + 10 * DAY_SECONDS * 1000,
      revokedCertificates: 1,
    });
    await world.sweep();
    expect(await world.stores.offboardings.listOpen()).toHaveLength(1);
  });

  it('acts at once where the day is over already, and takes none that is ten years off', async () => {
    const { world } = await worldWithAlice();
    const far = ahead(world, { effectiveAt: START + 11 * 365 * DAY_SECONDS * 1000 });
    await expect(world.tell(far)).rejects.toMatchObject({ code: 'malformedRequest' });
    const over = ahead(world, { effectiveAt: START - 1000 });
    expect(await world.tell(over)).toMatchObject({ outcome: 'denied' });
  });

  it('is not an earlier one that comes late and is over, once her source has named another', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const first = ahead(world, { eventId: 'first', effectiveAt: START + DAY_SECONDS * 1000 });
    await world.tell(ahead(world, { eventId: 'second', eventTime: first.eventTime + 1 }));
    world.moveTime(2 * DAY_SECONDS);
    const late = { ...first, eventId: 'late', receivedAt: world.clock.now() };
    expect(await world.tell(late)).toMatchObject({
      outcome: 'stale',
      offboardingId: expect.any(String) as string,
    });
    expect((await world.stores.people.find(aliceId))?.denials).toEqual([]);
    // Another source knows nothing of it, and its own word counts.
    const other = { ...first, ...BADGE, receivedAt: world.clock.now() };
    expect(await world.tell(other)).toMatchObject({ outcome: 'denied' });
  });

  it('is changed by a later word of its source, not by an older one, and cancelled by her return', async () => {
    const { world, alice } = await worldWithAlice();
    await world.tell(ahead(world));
    const later = { eventId: 'later', eventTime: START + 5, effectiveAt: START + 20 * DAY_SECONDS * 1000 };
    await world.tell(ahead(world, later));
    expect(await world.tell(ahead(world, { eventId: 'older', eventTime: START + 1 }))).toEqual({
      outcome: 'stale',
    });
    expect((await planned(world)).map(({ effectiveAt }) => effectiveAt)).toEqual([later.effectiveAt]);
    world.moveTime(15 * DAY_SECONDS);
    await world.sweep();
    expect(await denials(world)).toEqual([]);
    expect(await world.tell(world.event('alice', 'returned', { ...BADGE }))).toEqual({
      outcome: 'nothingToLift',
    });
    const back = world.event('alice', 'returned');
    expect(await world.tell(back)).toMatchObject({ outcome: 'planCancelled' });
    world.moveTime(15 * DAY_SECONDS);
    await world.sweep();
    expect(await world.vpn.connect(alice)).toMatchObject({ commonName: alice.commonName });
  });

  it('outlasts a suspension that was said later, and a return that was said earlier', async () => {
    const { world } = await worldWithAlice();
    await world.tell(ahead(world, { eventTime: START + 2 }));
    await world.tell(world.event('alice', 'suspended', { eventTime: START + 5 }));
    await world.tell(world.event('alice', 'returned', { eventTime: START + 1 }));
    world.moveTime(11 * DAY_SECONDS);
    await world.sweep();
    expect(await denials(world)).toEqual(['hr suspended', 'hr left']);
  });

  it('comes to nothing where she has left meanwhile: she is not offboarded twice', async () => {
    const { world } = await worldWithAlice();
    await world.tell(ahead(world));
    await world.tell(world.event('alice', 'left', { eventId: 'now', eventTime: START + 1 }));
    world.moveTime(11 * DAY_SECONDS);
    await world.sweep();
    expect(await denials(world)).toEqual(['hr left']);
    expect(await planned(world)).toEqual([]);
  });

  it('waits with the name of somebody whom nobody knows, and finds her who has it on the day', async () => {
    const world = await newWorld();
    await world.tell(ahead(world));
    await world.enrol('alice');
    world.moveTime(11 * DAY_SECONDS);
    await world.sweep();
    expect(await denials(world)).toEqual(['hr left']);
    expect(await planned(world)).toEqual([]);
  });

  it('is an incident on the day, once, where still nobody has the name; who comes later is reviewed', async () => {
    const world = await newWorld();
    await world.tell(ahead(world));
    world.moveTime(10 * DAY_SECONDS);
    await world.sweep();
    await world.sweep();
    const incidents = await world.stores.offboardings.listOpenIncidents();
    expect(incidents.map(({ kind }) => kind)).toEqual(['unknownPerson']);
    expect(await planned(world)).toEqual([]);
    await expect(world.enrol('alice')).rejects.toMatchObject({ code: 'aliasUnderReview' });
    const decision = { kind: 'bind', personId: aliceId } as const;
    const incidentId = incidents[0]?.incidentId ?? '';
    await resolveIncident(world.deps, { caller: world.caller('adam'), incidentId, decision });
    expect(await denials(world)).toEqual(['hr left']);
  });

  it('is listed and cancelled by an administrator who is not concerned', async () => {
    const { world } = await worldWithAlice();
    await world.enrol('adam');
    const result = await world.tell(ahead(world));
    const planId = result.outcome === 'planned' ? result.planId : '';
    const adam = world.caller('adam');
    expect((await listPlanned(world.deps, adam, undefined)).plans).toMatchObject([{ planId }]);
    await expect(listPlanned(world.deps, adam, 'nonsense')).rejects.toMatchObject({
      code: 'malformedRequest',
    });
    await expect(listPlanned(world.deps, world.caller('alice'), undefined)).rejects.toMatchObject({
      code: 'notAllowed',
    });
    await cancelPlanned(world.deps, adam, planId);
    await expect(cancelPlanned(world.deps, adam, planId)).rejects.toMatchObject({ code: 'planNotFound' });
    const own = await world.tell(ahead(world, { eventId: 'own', whom: { personId: adam.personId } }));
    const ownId = own.outcome === 'planned' ? own.planId : '';
    await expect(cancelPlanned(world.deps, adam, ownId)).rejects.toMatchObject({ code: 'notAllowed' });
    const back = world.event('adam', 'returned', { source: ADMINISTRATOR, actor: aliceId });
    expect(await world.tell(back)).toEqual({ outcome: 'planCancelled', planIds: [ownId] });
  });

  it('is held, not revoked, where one source lets more people go that day than it may', async () => {
    const world = await newWorld();
    const logins = ['alice', ...Array.from({ length: 11 }, (_, index) => `p${index}`)];
    for (const login of logins) {
      await world.deps.people.register({ ...world.caller(login), at: START });
      await world.tell({ ...ahead(world), ...world.event(login, 'left') });
    }
    world.moveTime(11 * DAY_SECONDS);
    await world.sweep();
    const kinds = (await world.stores.offboardings.listOpen()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'surge')).toHaveLength(2);
    expect((await world.stores.offboardings.listOpenIncidents()).map(({ kind }) => kind)).toEqual(['surge']);
  });
});

describe('whoever dies or comes between while a plan is made and carried out', () => {
  const countEffects = async (
    run: (world: World) => Promise<unknown>,
    prepare: (world: World) => Promise<unknown>,
  ) => {
    const { world } = await worldWithAlice();
    await prepare(world);
    const { interference, names } = counting();
    world.interfere(interference);
    await run(world);
    return names.length;
  };
  const due = async (world: World): Promise<void> => {
    await world.tell(ahead(world));
    world.moveTime(11 * DAY_SECONDS);
  };
  const nothing = async (): Promise<void> => undefined;

  it.each([
    ['planning', (world: World) => world.tell(ahead(world)), nothing],
    ['carrying out', (world: World) => world.sweep(), due],
  ] as const)('%s ends with one denial, wherever it dies', async (_, run, prepare) => {
    const effects = await countEffects(run, prepare);
    expect(effects).toBeGreaterThan(3);
    for (let n = 1; n <= effects; n += 1) {
      for (const when of ['before', 'after'] as const) {
        const { world } = await worldWithAlice();
        await prepare(world);
        world.interfere(dyingAt(n, when));
        await run(world).catch((error: unknown) => {
          if (!isDeath(error)) throw error;
        });
        world.calm();
        // The sender heard nothing and sends it again.
        await world.tell(ahead(world, { eventTime: START, receivedAt: START }));
        world.moveTime(11 * DAY_SECONDS);
        await world.sweep();
        await world.sweep();
        expect(await denials(world)).toEqual(['hr left']);
        expect(await planned(world)).toEqual([]);
      }
    }
  });

  it('a return between any two steps of its being carried out ends with her let in', async () => {
    const effects = await countEffects((world) => world.sweep(), due);
    for (let n = 1; n <= effects; n += 1) {
      const { world } = await worldWithAlice();
      await due(world);
      world.interfere(interruptedAt(n, () => world.tell(world.event('alice', 'returned'))));
      await world.sweep();
      world.calm();
      await world.sweep();
      expect(await denials(world)).toEqual([]);
      expect(await planned(world)).toEqual([]);
    }
  });

  it('a later last day between any two steps either comes in time, or she is out already', async () => {
    const effects = await countEffects((world) => world.sweep(), due);
    const seen = new Set<string>();
    for (let n = 1; n <= effects; n += 1) {
      const { world } = await worldWithAlice();
      await due(world);
      const effectiveAt = world.clock.now() + DAY_SECONDS * 1000;
      const later = ahead(world, { eventId: 'later', eventTime: START + 1, effectiveAt });
      world.interfere(interruptedAt(n, () => world.tell(later)));
      await world.sweep();
      world.calm();
      const [record] = await world.stores.offboardings.listOpen();
      seen.add(record === undefined ? 'in time' : 'out already');
      world.moveTime(2 * DAY_SECONDS);
      await world.sweep();
      expect(await denials(world)).toEqual(['hr left']);
      expect(await planned(world)).toEqual([]);
    }
    expect([...seen].sort()).toEqual(['in time', 'out already']);
  });
});
