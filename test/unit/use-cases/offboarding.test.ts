import { personIdFrom } from '../../../shared/domain/identity.ts';
import { orderForPerson, resolveIncident } from '../../../shared/use-cases/administration/write.ts';
import { issueCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { registerPerson } from '../../../shared/use-cases/register-person.ts';
import { aliasOf, ENDPOINT_ID, newWorld, publicKeyOf, type World } from '../../support/world.ts';

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
    expect(await world.tell(late)).toEqual({ outcome: 'stale' });
    expect((await world.stores.people.find(aliceId))?.denials).toEqual([]);
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
    const decision = { kind: 'bind' as const, personId: world.bob.personId };
    const incidentId = 'incidentId' in result ? (result.incidentId ?? '') : '';
    const applied = await resolveIncident(world.deps, { caller: world.caller('adam'), incidentId, decision });
    expect(applied).toMatchObject({ outcome: 'denied' });
    expect(await world.vpn.connect(world.ann)).toMatchObject({ status: 'active' });
    expect(await world.vpn.connect(world.bob)).toBe('gate');
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

  it('does not keep a list from being signed again when offboardings cannot be read', async () => {
    const world = await newWorld();
    world.interfere((name, effect) =>
      name === 'offboardings.listOpen' ? Promise.reject(new Error('broken')) : effect(),
    );
    const { publish, failures } = await world.publish();
    expect({ publish, failures: failures.length }).toEqual({ publish: true, failures: 1 });
  });
});
