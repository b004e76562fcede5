import { listEntries, type HeldCertificate, type RevocationRow } from '../../../shared/domain/crl-facts.ts';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import { counting, Died, dyingAt } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** alice is held, bob is not, and the list says nothing of either. */
async function withHold(kind: 'suspended' | 'left' = 'suspended') {
  const world = await newWorld();
  const alice = await world.enrol('alice');
  const bob = await world.enrol('bob');
  await world.publish();
  await world.tell(world.event('alice', kind));
  world.moveTime(60);
  return { ...world, alice, bob };
}

const reasonsOn = (world: World): unknown[] =>
  [...(world.vpn.held?.entries.values() ?? [])].map(({ reason }) => reason);
const lift = (world: World) =>
  world.tell(world.event('alice', 'returned', { eventId: 'back', eventTime: world.clock.now() }));
const request = (world: World) =>
  world.stores.endpoints.requestPublication(ENDPOINT_ID, { requestedAt: world.clock.now(), by: 'adam' });

describe('who is held', () => {
  it('stays with the gate while there is one', async () => {
    const world = await withHold();
    world.moveTime(2 * DAY);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    expect(await world.vpn.connect(world.alice)).toBe('gate');
  });

  it.each(['off', 'changed'])(
    'is on the list at once as certificateHold when the gate is found %s',
    async (how) => {
      const world = await withHold();
      if (how === 'off') world.vpn.isGateOn = false;
      else world.vpn.gateArn = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-other';
      expect(await world.publish()).toMatchObject({
        reason: 'gateOff',
        unplanned: true,
        entries: 1,
        isConfirmed: true,
      });
      const since = Math.floor(world.clock.now() / 1000);
      const entry = world.vpn.held?.entries.get(world.alice.serialNumber);
      expect(entry).toMatchObject({ reason: 'certificateHold' });
      expect(entry?.revocationDate).toBeLessThan(since);
      world.vpn.isGateOn = false;
      expect(await world.vpn.connect(world.alice)).toBe('list');
      expect(await world.vpn.connect(world.bob)).toMatchObject({ status: 'active' });
      expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    },
  );

  it('leaves the list when her hold ends, at most an hour later while the gate is off', async () => {
    const world = await withHold();
    world.vpn.isGateOn = false;
    await world.publish();
    await lift(world);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForSpacing' });
    world.moveTime(HOUR);
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'gateOff', entries: 0 });
    expect(await world.vpn.connect(world.alice)).toMatchObject({ status: 'active' });
  });

  it('leaves the list in the window when the gate is back, or when an administrator says now', async () => {
    for (const isAsked of [false, true]) {
      const world = await withHold();
      world.vpn.isGateOn = false;
      await world.publish();
      world.vpn.isGateOn = true;
      expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForSpacing' });
      if (isAsked) await request(world);
      else world.moveTime(DAY);
      expect(await world.publish()).toMatchObject({ reason: isAsked ? 'requested' : 'due', entries: 0 });
      expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    }
  });

  it('is revoked and no longer only held when she leaves, and still pending until a list says so', async () => {
    const world = await withHold();
    world.vpn.isGateOn = false;
    await world.publish();
    await world.tell(world.event('alice', 'left', { eventTime: world.clock.now() }));
    await world.advance();
    expect(await world.publish()).toMatchObject({ reason: 'waitsForSpacing' });
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toHaveLength(1);
    world.moveTime(HOUR);
    expect(await world.publish()).toMatchObject({ reason: 'gateOff', entries: 1 });
    expect(reasonsOn(world)).toEqual(['cessationOfOperation']);
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
  });

  it('causes no list when one of her certificates expires', async () => {
    const world = await withHold();
    world.vpn.isGateOn = false;
    world.moveTime(world.alice.notAfter - Math.floor(world.clock.now() / 1000) - HOUR);
    await world.publish();
    expect(reasonsOn(world)).toEqual(['certificateHold']);
    world.moveTime(3 * HOUR);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
  });
});

describe('before somebody switches the gate off', () => {
  const gateGoesOff = { crlLifeSeconds: 5 * YEAR };

  it.each(['suspended', 'left'] as const)(
    'who has %s goes on a list that lives long, at once',
    async (kind) => {
      const world = await withHold(kind);
      const result = await world.publish({ gateGoesOff });
      expect(result).toMatchObject({ reason: 'gateOff', entries: 1, isConfirmed: true });
      const { thisUpdate = 0, nextUpdate = 0 } = world.vpn.held ?? {};
      expect(nextUpdate - thisUpdate).toBeGreaterThanOrEqual(5 * YEAR);
      world.vpn.isGateOn = false;
      expect(await world.vpn.connect(world.alice)).toBe('list');
      expect(await world.stores.offboardings.listOpenIncidents()).toEqual([]);
    },
  );

  it('a list that says it all and lives long enough stays', async () => {
    const world = await withHold();
    await world.publish({ gateGoesOff });
    world.moveTime(HOUR);
    expect(await world.publish({ gateGoesOff })).toMatchObject({ publish: false, reason: 'unchanged' });
  });

  it('a list that ends too soon is signed again, though nothing else has changed', async () => {
    const world = await newWorld();
    await world.publish();
    expect(await world.publish({ gateGoesOff })).toMatchObject({
      publish: true,
      reason: 'gateOff',
      entries: 0,
    });
  });

  it('it never lives beyond its CA', async () => {
    const world = await withHold();
    await world.publish({ gateGoesOff: { crlLifeSeconds: 50 * YEAR } });
    expect(world.vpn.held?.nextUpdate).toBe(world.ca.facts.notAfter);
    expect(await world.publish({ gateGoesOff: { crlLifeSeconds: 50 * YEAR } })).toMatchObject({
      reason: 'unchanged',
    });
  });
});

describe('whoever dies while a list with holds is made', () => {
  it('leaves a state from which the next run ends right, with one import', async () => {
    const { interference, names } = counting();
    const first = await withHold();
    first.vpn.isGateOn = false;
    first.interfere(interference);
    await first.publish();
    expect(names).toContain('offboardings.listHolds');
    for (const [index, name] of names.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await withHold();
        world.vpn.isGateOn = false;
        world.interfere(dyingAt(index + 1, when));
        await world.publish().catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        world.calm();
        // A list that was written down as sent is waited for, for an hour.
        world.moveTime(HOUR + 60);
        await world.publish();
        expect({ at: `${when} ${name}`, reasons: reasonsOn(world), imports: world.vpn.imports }).toEqual({
          at: `${when} ${name}`,
          reasons: ['certificateHold'],
          imports: 2,
        });
      }
    }
  });
});

describe('the entries of a list', () => {
  const serial = (index: number): SerialNumber => String(index).padStart(20, '0') as SerialNumber;
  const row = (index: number, notAfter: number): RevocationRow => ({
    serialNumber: serial(index),
    notAfter,
    revocationDate: 1,
    reason: 'superseded',
  });
  const hold = (index: number, notAfter: number): HeldCertificate => ({
    ...row(index, notAfter),
    reason: 'certificateHold',
  });

  it.each<[string, RevocationRow[], HeldCertificate[], number, number[], number[]]>([
    ['are the rows', [row(1, 10), row(2, 20)], [], 2, [1, 2], []],
    ['are holds too', [row(1, 10)], [hold(2, 5)], 2, [2, 1], []],
    ['have a certificate once, as revoked', [row(1, 10)], [hold(1, 10)], 2, [1], []],
    ['beyond the quota are those that expire last', [row(1, 10), row(2, 20)], [hold(3, 15)], 2, [3, 2], [1]],
    ['are none', [], [], 2, [], []],
  ])('%s', (_what, rows, holds, quota, listed, leftOff) => {
    const found = listEntries(rows, holds, quota);
    expect(found.entries.map(({ serialNumber }) => Number(serialNumber))).toEqual(listed);
    expect(found.leftOff.map(({ serialNumber }) => Number(serialNumber))).toEqual(leftOff);
  });
});
