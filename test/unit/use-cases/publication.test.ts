import { publishDue } from '../../../shared/use-cases/publication/publish-due.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const DAY_SECONDS = 86_400;

const request = (world: World) =>
  world.stores.endpoints.requestPublication(ENDPOINT_ID, { requestedAt: world.clock.now(), by: 'adam' });

async function revoke(world: World, login: string): Promise<void> {
  const [record] = await world.stores.certificates.listByPerson(world.caller(login).personId);
  if (record === undefined) throw new Error('nothing to revoke');
  const at = world.clock.now();
  await world.stores.certificates.revoke(
    record,
    { revocationDate: Math.floor(at / 1000), reason: 'keyCompromise', by: 'owner' },
    at,
  );
}

const openKinds = async (world: World): Promise<string[]> =>
  (await world.stores.offboardings.listOpenIncidents()).map(({ kind }) => kind);

describe('a publication', () => {
  it('gives a new endpoint an empty list, once', async () => {
    const world = await newWorld();
    expect(await world.publish()).toMatchObject({
      publish: true,
      reason: 'firstList',
      crlNumber: 1,
      entries: 0,
    });
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    expect(world.vpn.imports).toBe(1);
  });

  it('waits for its window after an owner’s revocation, and then makes one import of all', async () => {
    const world = await newWorld();
    for (const login of ['alice', 'bob']) await world.enrol(login);
    await world.publish();
    for (const login of ['alice', 'bob']) await revoke(world, login);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForWindow' });
    world.moveTime(DAY_SECONDS);
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'due', entries: 2 });
    await world.enrol('carol');
    await revoke(world, 'carol');
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForSpacing' });
    expect(world.vpn.imports).toBe(2);
  });

  it('imports nothing on an administrator’s word when nothing changed, and ends the request', async () => {
    const world = await newWorld();
    await world.publish();
    await request(world);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    expect((await world.stores.endpoints.find(ENDPOINT_ID))?.publicationRequest).toBeUndefined();
  });

  it('signs the list again before it lapses, with a higher number, and not twice', async () => {
    const world = await newWorld();
    await world.publish();
    world.moveTime(45 * DAY_SECONDS);
    expect(await world.publish()).toMatchObject({
      publish: true,
      reason: 'refresh',
      unplanned: false,
      crlNumber: 2,
    });
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
  });

  it('waits while the endpoint says that a list is pending', async () => {
    const world = await newWorld();
    world.vpn.pendingReads = 5;
    const before = world.clock.now();
    await world.publish();
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(4_000);
    expect((await world.stores.endpoints.find(ENDPOINT_ID))?.crl).toMatchObject({ crlNumber: 1 });
  });

  it('does not call a list confirmed that never becomes active, and does not import it again', async () => {
    const world = await newWorld();
    world.vpn.pendingReads = 100;
    expect(await world.publish()).toMatchObject({ isConfirmed: false });
    expect((await world.stores.endpoints.find(ENDPOINT_ID))?.crl).toBeUndefined();
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForEndpoint' });
    world.vpn.pendingReads = 0;
    await world.publish();
    expect((await world.stores.endpoints.find(ENDPOINT_ID))?.crl).toMatchObject({ crlNumber: 1 });
    expect(world.vpn.imports).toBe(1);
  });

  it('keeps an administrator’s word while a list that was sent is waited for, and follows it then', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.enrol('bob');
    await world.publish();
    await revoke(world, 'alice');
    world.vpn.pendingReads = 100;
    await request(world);
    expect(await world.publish()).toMatchObject({ reason: 'requested', isConfirmed: false });
    await revoke(world, 'bob');
    await request(world);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForEndpoint' });
    world.vpn.pendingReads = 0;
    expect(await world.publish()).toMatchObject({ reason: 'requested', isConfirmed: true, entries: 2 });
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
  });

  it('is not made for who rests on the gate alone, once the list is full; an incident stays open', async () => {
    const world = await newWorld();
    const deps = { ...world.deps, policy: { ...world.deps.policy, mostEntries: 1 } };
    const publish = () => publishDue(deps, ENDPOINT_ID);
    const soonest = await world.enrol('alice');
    world.moveTime(40 * DAY_SECONDS);
    const latest = await world.enrol('bob');
    await publish();
    await revoke(world, 'bob');
    await request(world);
    expect(await publish()).toMatchObject({ publish: true, entries: 1 });
    await revoke(world, 'alice');
    await request(world);
    expect(soonest.notAfter).toBeLessThan(latest.notAfter);
    expect(await publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    expect([...world.vpn.revoked().keys()]).toEqual([latest.serialNumber]);
    expect(await openKinds(world)).toEqual(['crlQuota']);
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
    // A publisher that slept ends it by what it saw before.
    const [incident] = await world.stores.offboardings.listOpenIncidents();
    const resolution = { at: world.clock.now(), actor: 'portal', decision: 'mended' } as const;
    await world.stores.offboardings.resolveIncident(incident?.incidentId ?? '', resolution);
    expect(await publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    expect(await openKinds(world)).toEqual(['crlQuota']);
  });

  it('says so until a list has those who rested on the gate, not only until one could', async () => {
    const world = await newWorld();
    const deps = { ...world.deps, policy: { ...world.deps.policy, mostEntries: 1 } };
    const alice = await world.enrol('alice');
    world.moveTime(40 * DAY_SECONDS);
    await world.enrol('bob');
    await publishDue(deps, ENDPOINT_ID);
    await revoke(world, 'alice');
    await world.tell(world.event('bob', 'suspended'));
    world.vpn.isGateOn = false;
    expect(await publishDue(deps, ENDPOINT_ID)).toMatchObject({ reason: 'gateOff', entries: 1 });
    world.vpn.isGateOn = true;
    expect(await publishDue(deps, ENDPOINT_ID)).toMatchObject({ publish: false, reason: 'waitsForSpacing' });
    expect(await openKinds(world)).toEqual(['crlQuota']);
    await request(world);
    expect(await publishDue(deps, ENDPOINT_ID)).toMatchObject({ reason: 'requested', entries: 1 });
    expect([...world.vpn.revoked().keys()]).toEqual([alice.serialNumber]);
    expect(await openKinds(world)).toEqual([]);
  });

  it('takes nothing for final that has no place on a full list, and signs it anew for its age', async () => {
    const world = await newWorld();
    const deps = { ...world.deps, policy: { ...world.deps.policy, mostEntries: 1 } };
    const alice = await world.enrol('alice');
    world.moveTime(40 * DAY_SECONDS);
    await world.enrol('bob');
    await publishDue(deps, ENDPOINT_ID);
    await revoke(world, 'bob');
    await world.tell(world.event('alice', 'left'));
    await request(world);
    expect(await publishDue(deps, ENDPOINT_ID)).toMatchObject({ publish: true, entries: 1 });
    await world.tell(world.event('alice', 'returned', { eventTime: world.clock.now() + 1 }));
    await world.advance();
    expect((await world.stores.certificates.find(alice.certificateId))?.revocation).toBeUndefined();
    await world.tell(world.event('alice', 'suspended', { eventTime: world.clock.now() + 2 }));
    world.vpn.isGateOn = false;
    world.moveTime(45 * DAY_SECONDS);
    expect(await publishDue(deps, ENDPOINT_ID)).toMatchObject({ publish: true, reason: 'refresh' });
  });

  it('gives back what had no place on a full list, also where the offboarding was over', async () => {
    const world = await newWorld();
    const deps = { ...world.deps, policy: { ...world.deps.policy, mostEntries: 1 } };
    const alice = await world.enrol('alice');
    world.moveTime(40 * DAY_SECONDS);
    await world.enrol('bob');
    await publishDue(deps, ENDPOINT_ID);
    await revoke(world, 'bob');
    await world.tell(world.event('alice', 'left'));
    await request(world);
    await world.cut();
    await publishDue(deps, ENDPOINT_ID);
    expect(await world.stores.offboardings.listOpen()).toEqual([]);
    await world.tell(world.event('alice', 'returned', { eventTime: world.clock.now() + 1 }));
    await world.advance();
    expect(await world.vpn.connect(alice)).toMatchObject({ commonName: alice.commonName });
    expect(await world.stores.offboardings.listOpen()).toEqual([]);
  });

  it('takes what a confirmed list has for published, though the endpoint says pending once more', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.publish();
    await revoke(world, 'alice');
    await request(world);
    world.interfere(async (name, effect) => {
      if (name === 'revocations.clearPending') throw new Error('throttled');
      return effect();
    });
    await expect(world.publish()).rejects.toThrow('throttled');
    world.calm();
    const held = await world.vpn.crl.export(ENDPOINT_ID);
    world.deps.vpnCrl.export = async () => held && { ...held, status: 'pending' };
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
  });

  it('replaces a list that somebody else imported, above its number, and reports it', async () => {
    const world = await newWorld();
    const other = await newWorld();
    await world.publish();
    // The other portal has the same CA key and has published more often.
    for (let count = 0; count < 5; count += 1) await other.stores.crls.nextNumber('ca1', 0);
    await other.publish();
    const foreign = await other.vpn.crl.export(ENDPOINT_ID);
    world.moveTime(2 * 3600);
    await world.vpn.crl.import(ENDPOINT_ID, foreign?.crlPem ?? '');
    const result = await world.publish();
    expect(result).toMatchObject({ publish: true, reason: 'drift' });
    expect(result.crlNumber).toBeGreaterThan(6);
    expect(await openKinds(world)).toEqual(['crlDrift']);
    await world.publish();
    expect(await openKinds(world)).toEqual([]);
  });

  it('replaces what is no list at all', async () => {
    const world = await newWorld();
    await world.publish();
    world.moveTime(2 * 3600);
    world.deps.vpnCrl.export = async () => ({ crlPem: 'garbage', status: 'active' });
    expect(await world.publish()).toMatchObject({ reason: 'drift', isConfirmed: false });
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForEndpoint' });
    expect(world.vpn.importedNumbers).toEqual([1, 2]);
  });

  it('is made at once, with an incident, when the gate is found off and something is pending', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.publish();
    await revoke(world, 'alice');
    world.vpn.isGateOn = false;
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'gateOff', entries: 1 });
    expect(await openKinds(world)).toEqual(['gateOff']);
    world.vpn.isGateOn = true;
    await world.publish();
    expect(await openKinds(world)).toEqual([]);
  });

  it('keeps an expired entry on one more list, then drops it (RFC 5280 section 3.3)', async () => {
    const world = await newWorld();
    const { notAfter } = await world.enrol('alice');
    await world.publish();
    await revoke(world, 'alice');
    await request(world);
    expect(await world.publish()).toMatchObject({ entries: 1 });
    world.moveTime(notAfter - Math.floor(world.clock.now() / 1000) + DAY_SECONDS);
    expect(await world.publish()).toMatchObject({ reason: 'refresh', entries: 1 });
    world.moveTime(45 * DAY_SECONDS);
    expect(await world.publish()).toMatchObject({ reason: 'refresh', entries: 0 });
  });

  it('is not begun while another publisher holds the endpoint, and goes on when that one is gone', async () => {
    const world = await newWorld();
    const now = world.clock.now();
    await world.stores.endpoints.acquireLease(ENDPOINT_ID, now, now + 60_000);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'otherPublisher' });
    world.moveTime(61);
    expect(await world.publish()).toMatchObject({ reason: 'firstList' });
  });

  it('imports nothing when its list would not verify', async () => {
    const world = await newWorld();
    const { sign } = world.deps.signer;
    world.deps.signer.sign = async (keyId, tbs) =>
      (await sign(keyId, tbs)).map((octet, i) => (i === 9 ? octet ^ 1 : octet));
    await expect(world.publish()).rejects.toThrow(/signature/);
    expect(world.vpn.imports).toBe(0);
  });
});
