import { personIdFrom } from '../../../shared/domain/identity.ts';
import { aliasOf, ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

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
    const { issueCertificate } = await import('../../../shared/use-cases/issue-certificate.ts');
    const { publicKeyOf } = await import('../../support/world.ts');
    const request = { caller: newcomer, deviceName: 'x', publicKey: publicKeyOf('alice2'), isKeyOurs: false };
    await expect(issueCertificate(world.deps, request)).rejects.toMatchObject({ code: 'aliasUnderReview' });
    expect(await world.stores.offboardings.listOpenIncidents()).toMatchObject([{ kind: 'aliasContested' }]);
  });
});
