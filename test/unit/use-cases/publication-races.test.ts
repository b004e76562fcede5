import type { Interference, World } from '../../support/world.ts';
import { Died } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld } from '../../support/world.ts';

const HOUR = 3_600;

async function revoke(world: World, login: string): Promise<string> {
  const record = await world.enrol(login);
  const at = world.clock.now();
  const revocation = { revocationDate: Math.floor(at / 1000), reason: 'keyCompromise', by: 'owner' } as const;
  await world.stores.certificates.revoke(record, revocation, at);
  return record.serialNumber;
}

const request = (world: World) =>
  world.stores.endpoints.requestPublication(ENDPOINT_ID, { requestedAt: world.clock.now(), by: 'adam' });

/** A publisher that sleeps for an hour just before an effect of its own, while another does its work. */
function sleepingBefore(world: World, effectName: string, meanwhile: () => Promise<unknown>): Interference {
  let hasSlept = false;
  return async (name, effect) => {
    if (name === effectName && !hasSlept) {
      hasSlept = true;
      world.calm();
      world.moveTime(HOUR + 60);
      await meanwhile();
    }
    return effect();
  };
}

/** Something that happens right before an effect of the publisher's, once. */
const takenBackBefore =
  (world: World, effectName: string, meanwhile: () => Promise<unknown>): Interference =>
  async (name, effect) => {
    if (name === effectName) {
      world.calm();
      await meanwhile();
    }
    return effect();
  };

/** alice's revocation is on the sleeper's list; bob's only on that of the other, who comes an hour later. */
async function raced(effectName: string, afterwards: (name: string) => void = () => undefined) {
  const world = await newWorld();
  await world.publish();
  const alice = await revoke(world, 'alice');
  await request(world);
  let bob = '';
  const sleeping = sleepingBefore(world, effectName, async () => {
    bob = await revoke(world, 'bob');
    await request(world);
    expect(await world.publish()).toMatchObject({ publish: true, isConfirmed: true, entries: 2 });
  });
  world.interfere(async (name, effect) => {
    const result = await sleeping(name, effect);
    afterwards(name);
    return result;
  });
  const outcome = await world.publish().catch((error: unknown) => error);
  return { world, outcome, both: [alice, bob].sort() };
}

const endOf = async (world: World) => {
  const { crl } = (await world.stores.endpoints.find(ENDPOINT_ID)) ?? {};
  return {
    listed: [...world.vpn.revoked().keys()].sort(),
    isRecorded: crl?.crlNumber === world.vpn.held?.crlNumber,
    isHighest: world.vpn.held?.crlNumber === Math.max(...world.vpn.importedNumbers),
    pending: await world.stores.revocations.listPending(ENDPOINT_ID),
  };
};

describe('a publisher that sleeps for an hour while it holds the lease', () => {
  it.each([
    'crls.nextNumber',
    'revocations.claim',
    'kms.sign',
    'crls.activate',
    'endpoints.renewLease',
    'endpoints.recordImportAttempt',
  ])('imports nothing over a newer list: before %s', async (effectName) => {
    const { world, both } = await raced(effectName);
    const { crlNumber } = world.vpn.held ?? {};
    expect(world.vpn.importedNumbers.at(-1)).toBe(crlNumber);
    expect(world.vpn.importedNumbers).toEqual([...world.vpn.importedNumbers].sort((a, b) => a - b));
    expect(await endOf(world)).toEqual({ listed: both, isRecorded: true, isHighest: true, pending: [] });
  });

  it('notices after its import that it was late, and puts a newer list over its old one', async () => {
    const { world, outcome, both } = await raced('ec2.import');
    expect(outcome).toMatchObject({ publish: true, reason: 'overwritten', isConfirmed: true, entries: 2 });
    expect(world.vpn.importedNumbers).toHaveLength(4);
    expect(await endOf(world)).toEqual({ listed: both, isRecorded: true, isHighest: true, pending: [] });
  });

  it('and dies right after that import: the next run repairs it within the hour and reports it', async () => {
    const { world, both } = await raced('ec2.import', (name) => {
      if (name === 'ec2.import') throw new Died(name);
    });
    expect(world.vpn.held?.entries.size).toBe(1);
    world.moveTime(HOUR);
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'drift', entries: 2 });
    const kinds = (await world.stores.offboardings.listOpenIncidents()).map(({ kind }) => kind);
    expect(kinds).toEqual(['crlDrift']);
    expect(await endOf(world)).toEqual({ listed: both, isRecorded: true, isHighest: true, pending: [] });
  });
});

describe('a publisher that sleeps for an hour while nobody takes over', () => {
  it.each([
    'ec2.describe',
    'crls.nextNumber',
    'kms.sign',
    'crls.activate',
    'endpoints.renewLease',
    'endpoints.recordImportAttempt',
  ])(
    'imports nothing that was decided before it slept, and the next decides anew: before %s',
    async (name) => {
      const world = await newWorld();
      await world.publish();
      const alice = await revoke(world, 'alice');
      await request(world);
      const before = world.vpn.importedNumbers.length;
      world.interfere(sleepingBefore(world, name, async () => undefined));
      await expect(world.publish()).rejects.toThrow('slept past its lease');
      expect(world.vpn.importedNumbers).toHaveLength(before);
      world.moveTime(HOUR);
      expect(await world.publish()).toMatchObject({ publish: true, reason: 'requested', isConfirmed: true });
      expect(await endOf(world)).toEqual({ listed: [alice], isRecorded: true, isHighest: true, pending: [] });
    },
  );
});

describe('a publisher whose list is overwritten while it reads back', () => {
  it('sees an older list of ours there and publishes again', async () => {
    const world = await newWorld();
    await world.publish();
    const alice = await revoke(world, 'alice');
    await request(world);
    const older = await world.vpn.crl.export(ENDPOINT_ID);
    await world.publish();
    const bob = await revoke(world, 'bob');
    await request(world);
    world.interfere(async (name, effect) => {
      const result = await effect();
      if (name === 'ec2.import') {
        world.calm();
        // Sent long ago by one that slept, and carried out only now.
        await world.vpn.crl.import(ENDPOINT_ID, older?.crlPem ?? '');
      }
      return result;
    });
    expect(await world.publish()).toMatchObject({ reason: 'overwritten', isConfirmed: true });
    expect(await endOf(world)).toEqual({
      listed: [alice, bob].sort(),
      isRecorded: true,
      isHighest: true,
      pending: [],
    });
  });
});

describe('a publisher that decided for a revocation which is taken back before its list has it', () => {
  it.each(['kms.sign', 'crls.nextNumber', 'revocations.claim'])(
    'imports nothing that says nothing new: before %s',
    async (name) => {
      const world = await newWorld();
      const bob = await world.enrol('bob');
      await world.publish();
      const before = world.vpn.importedNumbers.length;
      await world.tell(world.event('bob', 'left'));
      await world.advance();
      await request(world);
      const isFinal = name === 'kms.sign';
      world.interfere(
        takenBackBefore(world, name, async () => {
          await world.tell(world.event('bob', 'returned', { eventTime: world.clock.now() + 1 }));
          await world.advance();
        }),
      );
      const expected = isFinal ? { publish: true, entries: 1 } : { publish: false, reason: 'unchanged' };
      expect(await world.publish()).toMatchObject(expected);
      expect(world.vpn.importedNumbers).toHaveLength(isFinal ? before + 1 : before);
      const record = await world.stores.certificates.find(bob.certificateId);
      expect(record?.revocation === undefined).toBe(!isFinal);
      expect((await world.stores.endpoints.find(ENDPOINT_ID))?.publicationRequest).toBeUndefined();
      expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    },
  );
});
