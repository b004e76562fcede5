import { DomainError } from '../../../shared/domain/errors.ts';
import { personIdFrom } from '../../../shared/domain/identity.ts';
import type { IssuedCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { counting, dyingAt, isDeath, interruptedAt } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const aliceId = personIdFrom('https://id.example', 'alice');
const PAST_THE_LEASE_SECONDS = 7 * 60;

/** Nobody's crash may hide a fault of ours. */
async function untilDeath(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (isDeath(error)) return true;
    throw error;
  }
}

async function effectsOf(
  prepare: () => Promise<World>,
  act: (world: World) => Promise<unknown>,
): Promise<string[]> {
  const world = await prepare();
  const { interference, names } = counting();
  world.interfere(interference);
  await act(world);
  return names;
}

const bothTimes = (names: readonly string[]): [number, 'before' | 'after', string][] =>
  names.flatMap((name, index) => [
    [index + 1, 'before', name],
    [index + 1, 'after', name],
  ]);

async function staffed(): Promise<World & { alice: IssuedCertificate; bob: IssuedCertificate }> {
  const world = await newWorld();
  const alice = await world.enrol('alice');
  const bob = await world.enrol('bob');
  await world.publish();
  await world.vpn.connect(alice);
  await world.vpn.connect(bob);
  return { ...world, alice, bob };
}

describe('whoever dies while an employee is offboarded', () => {
  const offboard = async (world: World): Promise<void> => {
    await world.tell(world.event('alice', 'left', { eventTime: world.clock.now() }));
    await world.cut();
    await world.advance();
    await world.stores.endpoints.requestPublication(ENDPOINT_ID, {
      requestedAt: world.clock.now(),
      by: 'adam',
    });
    await world.publish();
  };

  it('leaves a state from which the next run ends right, at every effect', async () => {
    const names = await effectsOf(staffed, offboard);
    expect(names.length).toBeGreaterThan(40);
    for (const [n, when, name] of bothTimes(names)) {
      const world = await staffed();
      const event = world.event('alice', 'left');
      const again = { ...world, event: () => event };
      world.interfere(dyingAt(n, when));
      await untilDeath(() => offboard(again));
      world.calm();
      world.moveTime(PAST_THE_LEASE_SECONDS);
      await offboard(again);

      const outcome = {
        gate: await world.vpn.connect(world.alice),
        imports: world.vpn.imports,
        open: await world.stores.offboardings.listOpen(),
        pending: await world.stores.revocations.listPending(ENDPOINT_ID),
        aliceIsUp: world.vpn.names().includes(world.alice.commonName),
        numbersRise: world.vpn.importedNumbers.every(
          (number, i, all) => i === 0 || number > (all[i - 1] ?? 0),
        ),
      };
      world.vpn.isGateOn = false;
      expect({ at: `${when} ${name}`, ...outcome, list: await world.vpn.connect(world.alice) }).toEqual({
        at: `${when} ${name}`,
        gate: 'list',
        // The first, empty list, and one with alice: a lost answer does not cause another reset of everybody.
        imports: 2,
        open: [],
        pending: [],
        aliceIsUp: false,
        numbersRise: true,
        list: 'list',
      });
      expect(await world.vpn.connect(world.bob)).toMatchObject({ commonName: world.bob.commonName });
    }
  });

  it('has written the denial before the event is acknowledged', async () => {
    const tell = (world: World): Promise<unknown> => world.tell(world.event('alice', 'left'));
    const names = await effectsOf(staffed, tell);
    for (const [n, when] of bothTimes(names)) {
      const world = await staffed();
      world.interfere(dyingAt(n, when));
      const died = await untilDeath(() => tell(world));
      world.calm();
      if (!died) expect(await world.vpn.connect(world.alice)).toBe('gate');
      // The sender sends again; then it is so in any case.
      await tell(world);
      expect(await world.vpn.connect(world.alice)).toBe('gate');
    }
  });
});

describe('whoever dies while a certificate is issued', () => {
  it('comes again with the same key and gets the same, one, certificate', async () => {
    const enrol = (world: World): Promise<unknown> => world.enrol('alice');
    const names = await effectsOf(newWorld, enrol);
    for (const [n, when, name] of bothTimes(names)) {
      const world = await newWorld();
      world.interfere(dyingAt(n, when));
      await untilDeath(() => enrol(world));
      world.calm();
      const wasIssued = (await world.stores.certificates.listByPerson(aliceId))[0]?.issued !== undefined;
      // Once it is recorded as issued, the same key is a second request for it; the id leads to it.
      const again = wasIssued ? 'publicKeyInUse' : await world.enrol('alice');
      const all = await world.stores.certificates.listByPerson(aliceId);
      expect({ at: `${when} ${name}`, count: all.length, issued: all[0]?.issued !== undefined }).toEqual({
        at: `${when} ${name}`,
        count: 1,
        issued: true,
      });
      if (again !== 'publicKeyInUse')
        expect(await world.vpn.connect(again)).toMatchObject({ status: 'active' });
    }
  });

  it('never signed what the store does not know', async () => {
    const world = await newWorld();
    const known: boolean[] = [];
    world.interfere(async (name, effect) => {
      if (name === 'kms.sign')
        known.push((await world.stores.certificates.listByPerson(aliceId)).length === 1);
      return effect();
    });
    await world.enrol('alice');
    expect(known).toEqual([true]);
  });
});

describe('a person who leaves while she is issued a certificate', () => {
  it('has no usable certificate, whichever comes first', async () => {
    const names = await effectsOf(newWorld, (world) => world.enrol('alice'));
    for (let n = 1; n <= names.length; n += 1) {
      const world = await newWorld();
      await world.publish();
      const signed: string[] = [];
      const leaving = interruptedAt(n, async () => {
        world.calm();
        await world.tell(world.event('alice', 'left'));
      });
      world.interfere(leaving);
      const issued = await world.enrol('alice').catch((error: unknown) => {
        if (error instanceof DomainError) return undefined;
        throw error;
      });
      world.calm();
      if (issued !== undefined) expect(await world.vpn.connect(issued)).toBe('gate');
      for (const record of await world.stores.certificates.listByPerson(aliceId))
        signed.push(record.serialNumber);
      await world.stores.endpoints.requestPublication(ENDPOINT_ID, {
        requestedAt: world.clock.now(),
        by: 'adam',
      });
      await world.publish();
      const listed = [...world.vpn.revoked().keys()];
      expect({ at: names[n - 1], listed: signed.every((serial) => listed.includes(serial)) }).toEqual({
        at: names[n - 1],
        listed: true,
      });
    }
  });
});

describe('a person who comes back while her offboarding is under way', () => {
  const offboard = async (world: World): Promise<void> => {
    await world.tell(world.event('alice', 'left'));
    await world.cut();
    await world.advance();
    await world.publish();
  };

  it('ends allowed with a usable key, or with her certificate final on the list; never between', async () => {
    const names = await effectsOf(staffed, offboard);
    for (let n = 1; n <= names.length; n += 1) {
      const world = await staffed();
      const leaving = world.event('alice', 'left');
      world.interfere(
        interruptedAt(n, async () => {
          world.calm();
          const at = world.clock.now() + 1;
          await world.tell(
            world.event('alice', 'returned', { eventId: 'back', eventTime: at, receivedAt: at }),
          );
        }),
      );
      await offboard({ ...world, event: () => leaving });
      world.calm();
      await world.advance();
      await world.advance();
      const person = await world.stores.people.find(aliceId);
      const record = await world.stores.certificates.find(world.alice.certificateId);
      const listed = world.vpn.revoked().has(world.alice.serialNumber);
      expect({
        at: names[n - 1],
        denials: person?.denials,
        revoked: record?.revocation !== undefined,
        open: await world.stores.offboardings.listOpen(),
      }).toEqual({ at: names[n - 1], denials: [], revoked: listed, open: [] });
    }
  });
});
