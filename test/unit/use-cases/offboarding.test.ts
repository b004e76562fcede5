import {
  aliasFrom,
  personIdFrom,
  reviewSourceOf,
  type PersonId,
  type SourceId,
} from '../../../shared/domain/identity.ts';
import { viewOffboarding } from '../../../shared/http/api/administration.ts';
import { findIncident } from '../../../shared/use-cases/administration/read.ts';
import { orderForPerson, resolveIncident } from '../../../shared/use-cases/administration/write.ts';
import { issueCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { registerPerson } from '../../../shared/use-cases/register-person.ts';
import { createScimUser } from '../../../shared/use-cases/scim/write-user.ts';
import { counting, dyingAt, interruptedAt, isDeath } from '../../support/crashes.ts';
import { aliasOf, ENDPOINT_ID, newWorld, publicKeyOf, START, type World } from '../../support/world.ts';

const aliceId = personIdFrom('https://id.example', 'alice');

async function recordOf(world: World, offboardingId: string | undefined) {
  const record = await world.stores.offboardings.find(offboardingId ?? '');
  if (record === undefined) throw new Error('no record');
  return record;
}

describe('an employee leaves', () => {
  it('ends her connections and nobody else’s, keeps her out, and lists her certificates', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    const bob = await world.enrol('bob');
    await world.publish();
    await world.vpn.connect(alice);
    await world.vpn.connect(bob);

    const result = await world.tell(world.event('alice', 'left'));
    expect(result).toMatchObject({ outcome: 'denied' });
    expect(await world.vpn.connect(alice)).toBe('gate');

    expect(await world.cut()).toEqual({ terminated: 1, isClean: true });
    expect(world.vpn.names()).toEqual([bob.commonName]);
    await expect(world.enrol('alice', 'alice2')).rejects.toMatchObject({ code: 'personDenied' });

    await world.advance();
    expect(world.vpn.imports).toBe(1);
    await world.deps.endpoints.requestPublication(ENDPOINT_ID, {
      requestedAt: world.clock.now(),
      by: 'adam',
    });
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'requested', entries: 1 });
    world.vpn.isGateOn = false;
    expect(await world.vpn.connect(alice)).toBe('list');
    expect(await world.vpn.connect(bob)).toMatchObject({ commonName: bob.commonName });

    const record = await recordOf(world, 'offboardingId' in result ? result.offboardingId : undefined);
    expect(record).toMatchObject({
      revokedCertificates: 1,
      publishedAt: { [ENDPOINT_ID]: { crlNumber: 2 } },
    });
    expect(record.terminated).toHaveLength(1);
    expect(record.closedAt).toBeGreaterThanOrEqual(record.deniedAt ?? Infinity);
  });

  it('acts once on an event that comes again, and refuses its id with another body', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const event = world.event('alice', 'left');
    const first = await world.tell(event);
    expect(await world.tell(event)).toEqual({ ...first, outcome: 'duplicate' });
    await expect(world.tell({ ...event, bodySha256Hex: 'bb' })).rejects.toMatchObject({
      code: 'webhookIdReused',
    });
    expect(await world.stores.offboardings.listOpen()).toHaveLength(1);
  });

  it('records an event that is older than what the source said last, without effect', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const now = world.clock.now();
    await world.tell(world.event('alice', 'returned', { eventTime: now }));
    await world.tell(world.event('alice', 'suspended', { eventTime: now + 2 }));
    await world.tell(world.event('alice', 'returned', { eventTime: now + 3, eventId: 'back' }));
    expect(await world.tell(world.event('alice', 'left', { eventTime: now + 1 }))).toMatchObject({
      outcome: 'stale',
    });
    expect((await world.stores.people.find(aliceId))?.denials).toEqual([]);
  });

  it('does not act on a suspension that was overtaken by a return from before she was known', async () => {
    const world = await newWorld();
    const now = world.clock.now();
    const back = world.event('alice', 'returned', { eventTime: now });
    expect(await world.tell(back)).toEqual({ outcome: 'nothingToLift' });
    await world.enrol('alice');
    const late = world.event('alice', 'suspended', { eventTime: now - 1 });
    const told = await world.tell(late);
    expect(told).toMatchObject({ outcome: 'stale' });
    expect((await world.stores.people.find(aliceId))?.denials).toEqual([]);
    // It is on record all the same, once.
    const offboardingId = 'offboardingId' in told ? told.offboardingId : undefined;
    const record = await recordOf(world, offboardingId);
    expect([record.eventId, viewOffboarding(record).state]).toEqual([late.eventId, 'stale']);
    expect(await world.tell(late)).toEqual({ outcome: 'duplicate', offboardingId });
    const newer = world.event('alice', 'suspended', { eventTime: now + 1, eventId: 'newer' });
    expect(await world.tell(newer)).toMatchObject({ outcome: 'denied' });
  });

  it('does not act on a "left" that was overtaken by the return', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    const now = world.clock.now();
    expect(await world.tell(world.event('alice', 'returned', { eventTime: now + 2 }))).toEqual({
      outcome: 'nothingToLift',
    });
    expect(await world.tell(world.event('alice', 'left', { eventTime: now + 1 }))).toMatchObject({
      outcome: 'stale',
    });
    expect(await world.vpn.connect(alice)).toMatchObject({ commonName: alice.commonName });
  });

  it('lets a source lift only its own denial', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    await world.tell(world.event('alice', 'suspended'));
    const badge = { source: 'badge' as never, eventId: 'b1' };
    await world.tell(world.event('alice', 'suspended', badge));
    world.moveTime(1);
    await world.tell(world.event('alice', 'returned', { ...badge, eventId: 'b2' }));
    expect(await world.vpn.connect(alice)).toBe('gate');
    await world.tell(world.event('alice', 'returned'));
    expect(await world.vpn.connect(alice)).toMatchObject({ commonName: alice.commonName });
  });

  it('lists nothing for a suspension, and closes its record once connections are cut', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    await world.publish();
    await world.vpn.connect(alice);
    const result = await world.tell(world.event('alice', 'suspended'));
    await world.cut();
    await world.advance();
    expect(world.vpn.names()).toEqual([]);
    expect(await world.stores.offboardings.listOpen()).toEqual([]);
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
    const record = await recordOf(world, 'offboardingId' in result ? result.offboardingId : undefined);
    expect(record.revokedAt).toBeUndefined();
  });
});

describe('a reinstatement', () => {
  it('undoes what no list has taken up', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    await world.publish();
    await world.tell(world.event('alice', 'left'));
    await world.advance();
    world.moveTime(1);
    await world.tell(world.event('alice', 'returned'));
    await world.advance();
    expect(await world.vpn.connect(alice)).toMatchObject({ commonName: alice.commonName });
    expect(await world.stores.offboardings.listOpen()).toEqual([]);
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
  });

  it('leaves final what was published: the person enrols anew', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    await world.publish();
    await world.tell(world.event('alice', 'left'));
    await world.deps.endpoints.requestPublication(ENDPOINT_ID, {
      requestedAt: world.clock.now(),
      by: 'adam',
    });
    await world.publish();
    world.moveTime(1);
    await world.tell(world.event('alice', 'returned'));
    await world.advance();
    expect(await world.vpn.connect(alice)).toBe('list');
    const anew = await world.enrol('alice', 'alice2');
    expect(await world.vpn.connect(anew)).toMatchObject({ commonName: anew.commonName });
  });

  it('keeps certificates revoked while another source still says that she left', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    const badge = { source: 'badge' as never, eventId: 'b1' };
    await world.tell(world.event('alice', 'left'));
    await world.tell(world.event('alice', 'left', badge));
    await world.advance();
    world.moveTime(1);
    await world.tell(world.event('alice', 'returned'));
    await world.advance();
    expect((await world.stores.certificates.find(alice.certificateId))?.revocation).toBeDefined();
    await world.tell(world.event('alice', 'returned', { ...badge, eventId: 'b2' }));
    await world.advance();
    const after = await world.stores.certificates.find(alice.certificateId);
    expect({ revocation: after?.revocation, at: await world.vpn.connect(alice) }).toMatchObject({
      revocation: undefined,
      at: { commonName: alice.commonName },
    });
  });
});

describe('a reinstatement by an administrator', () => {
  it('lifts what any source said, a surge and a review among them, and every plan', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    await world.tell(world.event('alice', 'left'));
    await world.tell(world.event('alice', 'suspended', { source: 'badge' as SourceId }));
    await world.tell(world.event('alice', 'suspended', { source: reviewSourceOf('x'), eventId: 'r' }));
    const ahead = { lastDay: '2026-03-10', effectiveAt: START + 864_000_000 };
    await world.tell(world.event('alice', 'left', { source: 'payroll' as SourceId, ...ahead }));
    world.moveTime(1);
    const order = { caller: world.caller('adam'), whom: { personId: aliceId }, kind: 'returned' as const };
    expect(await orderForPerson(world.deps, order)).toEqual({ outcome: 'reinstated', lifted: 3 });
    await world.advance();
    expect(await world.vpn.connect(alice)).toMatchObject({ commonName: alice.commonName });
    expect((await world.stores.offboardings.listPlans({ limit: 9 })).plans).toEqual([]);
    // Nobody does it for herself, whatever her role.
    const self = { ...order, caller: world.caller('alice', { roles: ['vpn-admin'], scopes: ['vpn.admin'] }) };
    await expect(orderForPerson(world.deps, self)).rejects.toMatchObject({ code: 'notAllowed' });
  });

  it('does not keep a source from saying it anew', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.tell(world.event('alice', 'left'));
    world.moveTime(1);
    const order = { caller: world.caller('adam'), whom: { personId: aliceId }, kind: 'returned' as const };
    await orderForPerson(world.deps, order);
    const before = world.event('alice', 'left', { eventId: 'old', eventTime: START - 1 });
    expect(await world.tell(before)).toMatchObject({ outcome: 'stale' });
    world.moveTime(1);
    expect(await world.tell(world.event('alice', 'left', { eventId: 'new' }))).toMatchObject({
      outcome: 'denied',
    });
  });
});

describe('a new person with a former person’s e-mail', () => {
  it('is not that person: reviewed, she is let in, and the former one stays out', async () => {
    const world = await newWorld();
    const former = await world.enrol('alice');
    await world.tell(world.event('alice', 'left'));
    const newcomer = world.caller('alice2', { aliases: [aliasOf('alice')] });
    const request = { caller: newcomer, deviceName: 'x', publicKey: publicKeyOf('alice2'), isKeyOurs: false };
    await expect(issueCertificate(world.deps, request)).rejects.toMatchObject({ code: 'aliasUnderReview' });
    const [incident] = await world.stores.offboardings.listOpenIncidents();
    const decision = { kind: 'bind' as const, personId: newcomer.personId };
    const incidentId = incident?.incidentId ?? '';
    await resolveIncident(world.deps, { caller: world.caller('adam'), incidentId, decision });
    const hers = await issueCertificate(world.deps, request);
    expect(await world.vpn.connect(hers)).toMatchObject({ commonName: hers.commonName });
    expect(await world.vpn.connect(former)).toBe('gate');
    // What is said of the address from now on means her.
    world.moveTime(1);
    await world.tell(world.event('alice', 'suspended', { eventId: 'later' }));
    expect(await world.vpn.connect(hers)).toBe('gate');
    await world.tell(world.event('alice', 'returned', { eventId: 'back', eventTime: START + 5_000 }));
    expect(await world.vpn.connect(former)).toBe('gate');
  });

  it('that was denied while unknown is bound once, and denies nobody after it', async () => {
    const world = await newWorld();
    const told = await world.tell(world.event('alice', 'left'));
    const alice = world.caller('alice');
    await registerPerson(world.deps, alice);
    const request = {
      caller: world.caller('adam'),
      incidentId: 'incidentId' in told ? (told.incidentId ?? '') : '',
      decision: { kind: 'bind' as const, personId: alice.personId },
    };
    expect(await resolveIncident(world.deps, request)).toMatchObject({ outcome: 'denied' });
    await expect(resolveIncident(world.deps, request)).rejects.toMatchObject({
      code: 'incidentAlreadyResolved',
    });
    const namesake = world.caller('alice2', { aliases: [aliasOf('alice')] });
    await registerPerson(world.deps, namesake);
    expect((await world.stores.people.find(namesake.personId))?.denials).toEqual([]);
    expect((await world.stores.people.find(alice.personId))?.denials).toHaveLength(1);
  });
});

describe('an event for somebody unknown', () => {
  it('is an open incident, and its name cannot enrol until somebody decides', async () => {
    const world = await newWorld();
    const result = await world.tell(world.event('alice', 'left'));
    expect(result).toMatchObject({ outcome: 'unknownPerson' });
    expect(await world.stores.offboardings.listOpenIncidents()).toHaveLength(1);
    await expect(world.enrol('alice')).rejects.toMatchObject({ code: 'aliasUnderReview' });
    expect(await world.stores.certificates.listByPerson(aliceId)).toEqual([]);
  });

  it('stays one incident when the event comes again', async () => {
    const world = await newWorld();
    const event = world.event('alice', 'left');
    const first = await world.tell(event);
    expect(await world.tell(event)).toMatchObject({
      outcome: 'duplicate',
      incidentId: 'incidentId' in first ? first.incidentId : 'none',
    });
    expect(await world.stores.offboardings.listOpenIncidents()).toHaveLength(1);
  });

  it('holds nobody’s name for a return', async () => {
    const world = await newWorld();
    expect(await world.tell(world.event('alice', 'returned'))).toEqual({ outcome: 'nothingToLift' });
    await expect(world.enrol('alice')).resolves.toMatchObject({ personId: aliceId });
  });

  it('does not take another’s name for a former owner’s', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    // A new colleague is given the address of one who is still known by it.
    const newcomer = world.caller('alice2', { aliases: [aliasOf('alice')] });
    const request = { caller: newcomer, deviceName: 'x', publicKey: publicKeyOf('alice2'), isKeyOurs: false };
    await expect(issueCertificate(world.deps, request)).rejects.toMatchObject({ code: 'aliasUnderReview' });
    expect(await world.stores.offboardings.listOpenIncidents()).toMatchObject([{ kind: 'aliasContested' }]);
  });
});

const statesOf = async ({ stores }: World): Promise<string[]> =>
  (await stores.offboardings.listByMonth(new Date(START).toISOString().slice(0, 7)))
    .map((record) => viewOffboarding(record).state)
    .sort((one, other) => STATES.indexOf(one) - STATES.indexOf(other));
const STATES = ['unresolved', 'lifted', 'open', 'done', 'stale'];

describe('an event for a name that two people have', () => {
  /** Ann owns the address; Bob, who has a certificate under another, signs in with it too. */
  async function contested() {
    const world = await newWorld();
    const ann = await world.enrol('ann');
    const bob = await world.enrol('bob');
    const { refusal } = await registerPerson(world.deps, world.caller('bob', { aliases: [aliasOf('ann')] }));
    return { ...world, ann, bob, refusal };
  }

  it('hits neither on its own; both are held after an hour, and the decision lets the other go', async () => {
    const world = await contested();
    expect(world.refusal).toMatchObject({ code: 'aliasUnderReview' });
    const result = await world.tell(world.event('ann', 'left'));
    expect(result).toMatchObject({ outcome: 'unknownPerson' });
    expect(await world.vpn.connect(world.ann)).toMatchObject({ status: 'active' });

    await world.sweep();
    expect(await world.vpn.connect(world.bob)).toMatchObject({ status: 'active' });
    world.moveTime(61 * 60);
    expect(await world.sweep()).toMatchObject({ held: 2 });
    expect(await world.sweep()).toMatchObject({ held: 0 });
    expect([await world.vpn.connect(world.ann), await world.vpn.connect(world.bob)]).toEqual([
      'gate',
      'gate',
    ]);
    // Cut and done with, but for the decision.
    await world.cut();
    await world.advance();
    expect(await statesOf(world)).toEqual(['unresolved', 'unresolved']);
    const decision = { kind: 'bind' as const, personId: world.bob.personId };
    const incidentId = 'incidentId' in result ? (result.incidentId ?? '') : '';
    const applied = await resolveIncident(world.deps, { caller: world.caller('adam'), incidentId, decision });
    expect(applied).toMatchObject({ outcome: 'denied' });
    expect(await world.vpn.connect(world.ann)).toMatchObject({ status: 'active' });
    expect(await world.vpn.connect(world.bob)).toBe('gate');
    expect(await statesOf(world)).toEqual(['lifted', 'lifted', 'open']);
  });

  const reviews = async (world: Pick<World, 'stores'>, ...ids: readonly PersonId[]): Promise<number[]> =>
    (await Promise.all(ids.map((personId) => world.stores.people.find(personId)))).map(
      (person) => person?.denials.filter(({ kind }) => kind === 'review').length ?? 0,
    );

  it.each(['bind', 'dismiss'] as const)(
    'holds nobody any more when it is decided, also where whose the name is was decided first (%s)',
    async (first) => {
      const world = await contested();
      await world.tell(world.event('ann', 'left'));
      world.moveTime(61 * 60);
      await world.sweep();
      const kinds = (await world.stores.offboardings.listOpenIncidents()).sort((one) =>
        one.kind === 'aliasContested' ? -1 : 1,
      );
      for (const [index, { incidentId }] of kinds.entries()) {
        const decision =
          index === 0 && first === 'bind'
            ? { kind: 'bind' as const, personId: world.bob.personId }
            : { kind: 'dismiss' as const };
        await resolveIncident(world.deps, { caller: world.caller('adam'), incidentId, decision });
      }
      await world.sweep();
      expect(await reviews(world, world.ann.personId, world.bob.personId)).toEqual([0, 0]);
      expect(await world.vpn.connect(world.ann)).toMatchObject({ status: 'active' });
    },
  );

  it('holds nobody any more wherever whoever decided died; an incident that is lost is looked at', async () => {
    for (let step = 1, isOver = false; !isOver; step += 1) {
      const world = await contested();
      const { incidentId = '' } = (await world.tell(world.event('ann', 'left'))) as { incidentId?: string };
      world.moveTime(61 * 60);
      await world.sweep();
      const decide = () =>
        resolveIncident(world.deps, {
          caller: world.caller('adam'),
          incidentId,
          decision: { kind: 'dismiss' },
        });
      world.interfere(dyingAt(step, 'after'));
      isOver = await decide().then(
        () => true,
        (error: unknown) => !isDeath(error),
      );
      world.calm();
      await decide().catch(() => undefined);
      await world.sweep();
      expect(await reviews(world, world.ann.personId, world.bob.personId)).toEqual([0, 0]);
    }
    const { tell, event, sweep, vpn, enrol } = await newWorld();
    const carol = await enrol('carol');
    // A table that was restored may know the hold, from its journal, and not the incident.
    await tell(event('carol', 'suspended', { source: reviewSourceOf('lost') }));
    await sweep();
    expect(await vpn.connect(carol)).toBe('gate');
  });

  it('is held against them at once where many said so, a few at a time', async () => {
    const world = await contested();
    for (let source = 0; source < 25; source += 1) {
      await world.tell(world.event('ann', 'left', { source: `hr-${source}` as SourceId }));
    }
    world.moveTime(61 * 60);
    let [working, most] = [0, 0];
    world.interfere(async (name, effect) => {
      if (name !== 'offboardings.deny') return effect();
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
      return effect();
    });
    expect(await world.sweep()).toMatchObject({ held: 50 });
    expect(most).toBe(10);
  });
});

describe('a name that can be taken for another', () => {
  const spelt = (text: string) => {
    const alias = aliasFrom('email', text);
    if (alias === undefined) throw new Error('no alias');
    return alias;
  };
  const CYRILLIC = spelt('\u0430lice@example.com');
  const decide = async (world: World, incidentId: string, personId: PersonId | undefined) =>
    resolveIncident(world.deps, {
      caller: world.caller('adam'),
      incidentId,
      decision: personId === undefined ? { kind: 'dismiss' } : { kind: 'bind', personId },
    });

  it('is not given to who signs in with it, and disturbs nobody whose name it looks like', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    const mallory = world.caller('mallory', { aliases: [CYRILLIC] });
    const { refusal } = await registerPerson(world.deps, mallory);
    expect(refusal).toMatchObject({ code: 'aliasUnderReview' });
    const [incident] = await world.stores.offboardings.listOpenIncidents();
    expect(incident).toMatchObject({ kind: 'aliasContested', personId: mallory.personId, alias: CYRILLIC });
    expect(incident?.words).toContain(`can be taken for one of ${alice.personId}'s`);
    world.moveTime(2 * 60 * 60);
    expect(await world.sweep()).toMatchObject({ held: 0 });
    expect(await world.vpn.connect(alice)).toMatchObject({ status: 'active' });
    // Hers, if somebody says so: from then on each has her own.
    await decide(world, incident?.incidentId ?? '', mallory.personId);
    expect((await registerPerson(world.deps, mallory)).refusal).toBeUndefined();
    const left = world.event('x', 'left', { whom: { alias: CYRILLIC } });
    expect(await world.tell(left)).toMatchObject({ outcome: 'denied' });
    expect(await world.vpn.connect(alice)).toMatchObject({ status: 'active' });
  });

  it.each([
    ['Cyrillic', '\u0430lice@example.com'],
    ['a dotless i, as Turkish has it', 'al\u0131ce@example.com'],
    ['Turkish capitals', 'AL\u0130CE@EXAMPLE.COM'],
  ])('in an event hits nobody, names whom it may mean, and holds her after an hour: %s', async (_, text) => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    const told = await world.tell(world.event('alice', 'left', { whom: { alias: spelt(text) } }));
    expect(told).toMatchObject({ outcome: 'unknownPerson' });
    expect(await world.vpn.connect(alice)).toMatchObject({ status: 'active' });
    const [incident] = await world.stores.offboardings.listOpenIncidents();
    expect(incident).toMatchObject({ kind: 'unknownPerson', personId: alice.personId });
    world.moveTime(61 * 60);
    expect(await world.sweep()).toMatchObject({ held: 1 });
    expect(await world.vpn.connect(alice)).toBe('gate');
    await decide(world, incident?.incidentId ?? '', undefined);
    expect(await world.vpn.connect(alice)).toMatchObject({ status: 'active' });
  });

  it.each(['ＡＬＩＣＥ@example.com', ' Alice@EXAMPLE.com '])(
    'is the same name where it only is written otherwise: %s',
    async (text) => {
      const world = await newWorld();
      await world.enrol('alice');
      const told = await world.tell(world.event('alice', 'left', { whom: { alias: spelt(text) } }));
      expect(told).toMatchObject({ outcome: 'denied' });
    },
  );

  it('in a directory comes under review too', async () => {
    const world = await newWorld();
    const { personId } = await world.enrol('alice');
    const emails = [{ value: CYRILLIC.value, primary: true }];
    const attributes = { userName: 'a2', active: false, displayName: 'A', name: {}, emails };
    await createScimUser(world.deps, { attributes, saysActive: true });
    const kinds = (await world.stores.offboardings.listOpenIncidents()).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['aliasContested', 'unknownPerson']);
    expect((await world.stores.people.find(personId))?.denials).toEqual([]);
  });
});

describe('a return that is heard while somebody decides whose the name is', () => {
  const adamDecides = async (world: World, incidentId: string, personId: PersonId) =>
    resolveIncident(world.deps, {
      caller: world.caller('adam'),
      incidentId,
      decision: { kind: 'bind', personId },
    });

  it.each(['nobody’s', 'contested'] as const)(
    'counts for her whom it means: a name that is %s',
    async (what) => {
      const world = await newWorld();
      const alice = await world.enrol('alice', 'alice');
      const alias = what === 'contested' ? aliasOf('alice') : aliasOf('alice.smith');
      if (what === 'contested') await registerPerson(world.deps, world.caller('bob', { aliases: [alias] }));
      const told = await world.tell(world.event('alice', 'left', { whom: { alias } }));
      const incidentId = 'incidentId' in told ? (told.incidentId ?? '') : '';
      world.moveTime(60);
      const back = world.event('alice', 'returned', { whom: { alias } });
      expect(await world.tell(back)).toMatchObject({ outcome: 'unknownPerson' });
      const auditor = world.caller('adam');
      const { returns } = await findIncident(world.deps, auditor, incidentId);
      expect(returns).toEqual([{ source: 'hr', eventTime: back.eventTime }]);
      world.moveTime(2 * 60 * 60);
      expect(await world.sweep()).toMatchObject({ held: 0 });
      await adamDecides(world, incidentId, alice.personId);
      expect(await world.vpn.connect(alice)).toMatchObject({ status: 'active' });
      // What the source said before it counts no more, whichever way it comes.
      const old = world.event('alice', 'suspended', { eventTime: back.eventTime - 1, whom: { alias } });
      expect((await world.tell(old)).outcome).not.toBe('denied');
      expect(await world.vpn.connect(alice)).toMatchObject({ status: 'active' });
    },
  );

  it('counts also when it comes between any two steps of the decision', async () => {
    // Of a decision that nothing comes between.
    let effects = 0;
    for (let n = 0; n <= effects; n += 1) {
      const world = await newWorld();
      const { personId } = await registerPerson(world.deps, world.caller('alice')).then(
        ({ person }) => person,
      );
      const alias = aliasOf('alice.smith');
      const told = await world.tell(world.event('alice', 'left', { whom: { alias } }));
      const back = world.event('alice', 'returned', { eventTime: START + 1, whom: { alias } });
      const { interference, names } = counting();
      const interrupted = interruptedAt(n, () => world.tell(back));
      world.interfere((name, effect) => interference(name, () => interrupted(name, effect)));
      await adamDecides(world, 'incidentId' in told ? (told.incidentId ?? '') : '', personId);
      world.calm();
      if (n === 0) effects = names.length;
      else expect((await world.stores.people.find(personId))?.denials).toEqual([]);
    }
    expect(effects).toBeGreaterThan(5);
  });
});

describe('an administrator', () => {
  it('who left administers nothing, however long her token lives', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const adam = world.caller('adam');
    await world.stores.people.register({ ...adam, at: world.clock.now() });
    await world.tell(world.event('adam', 'left'));
    const order = { caller: adam, whom: { alias: aliasOf('alice') }, kind: 'left' as const };
    await expect(orderForPerson(world.deps, order)).rejects.toMatchObject({ code: 'personDenied' });
    expect((await world.stores.people.find(aliceId))?.denials).toEqual([]);
  });

  it('who was never here is stopped by the incident about her name', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.tell(world.event('adam', 'left'));
    const order = { caller: world.caller('adam'), whom: { alias: aliasOf('alice') }, kind: 'left' as const };
    await expect(orderForPerson(world.deps, order)).rejects.toMatchObject({ code: 'aliasUnderReview' });
  });

  it('decides no incident about herself, not even to dismiss it', async () => {
    const world = await newWorld();
    const adam = world.caller('adam');
    await world.stores.people.register({ ...adam, at: world.clock.now() });
    await registerPerson(world.deps, world.caller('eve', { aliases: [aliasOf('adam')] }));
    const [incident] = await world.stores.offboardings.listOpenIncidents();
    const request = {
      caller: adam,
      incidentId: incident?.incidentId ?? '',
      decision: { kind: 'dismiss' as const },
    };
    await expect(resolveIncident(world.deps, request)).rejects.toMatchObject({ code: 'notAllowed' });
  });
});

describe('the sweep', () => {
  it('wakes the endpoint while a cut is open, in case its wake was lost', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const woken: string[] = [];
    world.deps.wake.connections = async (endpointId) => {
      woken.push(endpointId);
    };
    await world.tell(world.event('alice', 'left'));
    woken.length = 0;
    await world.sweep();
    expect(woken).toEqual([ENDPOINT_ID]);
    await world.cut();
    await world.sweep();
    expect(woken).toHaveLength(1);
  });

  it('goes on with the others when one cannot be brought on', async () => {
    const world = await newWorld();
    for (const login of ['alice', 'bob']) {
      await world.enrol(login);
      await world.tell(world.event(login, 'left'));
    }
    world.interfere((name, effect) => {
      if (name !== 'certificates.listByPerson') return effect();
      world.calm();
      return Promise.reject(new Error('throttled'));
    });
    const { failures } = await world.sweep();
    expect(failures).toHaveLength(1);
    const open = await world.stores.offboardings.listOpen();
    expect(open.map(({ revokedAt }) => revokedAt !== undefined).sort()).toEqual([false, true]);
  });

  it('goes on with those who left when it cannot be said whom others hold', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.tell(world.event('alice', 'left'));
    world.interfere((name, effect) =>
      name === 'offboardings.listOpenIncidents' ? Promise.reject(new Error('broken')) : effect(),
    );
    expect((await world.sweep()).failures.length).toBeGreaterThan(0);
    const [record] = await world.stores.offboardings.listOpen();
    expect(record).toHaveProperty('revokedAt');
  });

  it('does not keep a list from being signed again when offboardings cannot be read', async () => {
    const world = await newWorld();
    world.interfere((name, effect) =>
      name === 'offboardings.listOpen' ? Promise.reject(new Error('broken')) : effect(),
    );
    const { publish, failures } = await world.publish();
    expect({ publish, failures: failures.length }).toEqual({ publish: true, failures: 1 });
  });
});
