import { chainFaults, journalFaults } from '../../../shared/domain/audit-entry.ts';
import { personIdFrom } from '../../../shared/domain/identity.ts';
import type { IssuedCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { readJournalledChains } from '../../../shared/use-cases/journalled-chains.ts';
import { TableBehindJournal } from '../../../shared/use-cases/keep-journal.ts';
import { revokeOwnCertificate } from '../../../shared/use-cases/revoke-certificate.ts';
import { counting, dyingAt } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const HOUR = 3_600;
const idOf = (login: string) => personIdFrom('https://id.example', login);

const chainOf = async (world: World, login: string) => {
  const personId = idOf(login);
  const { entries } = await world.stores.audit.list(personId, 0, 1_000);
  expect(chainFaults(personId, entries, await world.stores.audit.findHead(personId))).toEqual([]);
  return entries;
};

async function publishNow(world: World): Promise<void> {
  await world.deps.endpoints.requestPublication(ENDPOINT_ID, { requestedAt: world.clock.now(), by: 'adam' });
  await world.publish();
  await world.advance();
}

/** An hour in which something of every kind happens. @returns the certificates of that hour's end */
async function anHour(world: World, bob: IssuedCertificate, carol: IssuedCertificate) {
  world.moveTime(60);
  await world.tell(world.event('alice', 'left'));
  await world.cut();
  await world.advance();
  await world.tell(world.event('bob', 'returned', { eventId: 'back' }));
  await publishNow(world);
  const dave = await world.enrol('dave');
  const renewed = await world.renew('carol', carol, 'carol2').catch(() => undefined);
  await world.tell(world.event('erin', 'suspended'));
  await world.sweep();
  world.moveTime(HOUR);
  return { dave, renewed, bob };
}

async function staffed() {
  const world = await newWorld();
  const alice = await world.enrol('alice');
  const bob = await world.enrol('bob');
  const carol = await world.enrol('carol');
  const erin = await world.enrol('erin');
  await world.tell(world.event('bob', 'suspended'));
  await world.publish();
  await world.keepJournal();
  return { world, alice, bob, carol, erin };
}

describe('the journal', () => {
  it('has every entry once, each object bound to the one before it, and writes nothing where nothing is new', async () => {
    const { world, bob, carol } = await staffed();
    await anHour(world, bob, carol);
    expect(await world.keepJournal()).toBe(1);
    expect(await world.keepJournal()).toBe(0);
    expect(await world.stores.journal.listUnjournalled(10)).toEqual([]);
    const seen: string[] = [];
    let previous = '0'.repeat(64);
    for (const sequence of world.archive.objects.keys()) {
      const found = await world.archive.get(sequence);
      expect(found?.object.previousSha256Hex).toBe(previous);
      previous = found?.sha256Hex ?? '';
      for (const line of found?.object.lines ?? [])
        if (line.kind === 'entry') seen.push(line.entry.sha256Hex);
    }
    const all = await Promise.all(
      ['alice', 'bob', 'carol', 'dave', 'erin'].map((login) => chainOf(world, login)),
    );
    expect(seen.sort()).toEqual(all.flatMap((entries) => entries.map(({ sha256Hex }) => sha256Hex)).sort());
  });

  it('says the next day where each chain ended, and which lists were seen', async () => {
    const { world } = await staffed();
    world.moveTime(24 * HOUR);
    expect(await world.keepJournal()).toBe(1);
    const lines = (await world.archive.get(2))?.object.lines ?? [];
    const chain = await chainOf(world, 'bob');
    expect(lines).toEqual([
      expect.objectContaining({
        kind: 'heads',
        heads: expect.objectContaining({
          [idOf('bob')]: { sequence: 2, sha256Hex: chain[1]?.sha256Hex },
        }) as unknown,
      }),
    ]);
    const first = (await world.archive.get(1))?.object.lines ?? [];
    expect(first.filter(({ kind }) => kind === 'list')).toMatchObject([
      { endpointId: ENDPOINT_ID, crlNumber: 1 },
    ]);
    expect(await world.keepJournal()).toBe(0);
  });

  it('shows whose chain was cut off or written anew, though the table agrees with itself', async () => {
    const { world, alice } = await staffed();
    const before = world.backup();
    await world.tell(world.event('alice', 'left'));
    await world.keepJournal();
    const { chains } = await readJournalledChains(world.archive);
    const entries = await chainOf(world, 'alice');
    const journalled = chains.get(alice.personId) ?? new Map<number, ReadonlySet<string>>();
    const faultsOf = (chain: typeof entries, known = journalled): unknown[] =>
      journalFaults(chain, known).map(({ sequence, fault }) => [sequence, fault]);
    expect([entries.length, faultsOf(entries)]).toEqual([2, []]);
    expect(faultsOf(entries.slice(0, 1))).toEqual([[2, 'missing']]);
    world.restore(before);
    await world.tell(world.event('alice', 'suspended'));
    const anew = await chainOf(world, 'alice');
    expect(faultsOf(anew)).toEqual([[2, 'changed']]);
    // Also where the journal has gone on with what was written anew.
    const both = new Set([...(journalled.get(2) ?? []), anew[1]?.sha256Hex ?? '']);
    expect(faultsOf(anew, new Map([[2, both]]))).toEqual([[2, 'changed']]);
  });

  it('ends whole whoever dies while it is written', async () => {
    const { interference, names } = counting();
    const counted = await staffed();
    await counted.world.tell(counted.world.event('alice', 'left'));
    counted.world.interfere(interference);
    await counted.world.keepJournal();
    for (const [n, when] of names.flatMap((_, index) => [
      [index + 1, 'before'] as const,
      [index + 1, 'after'] as const,
    ])) {
      const { world } = await staffed();
      await world.tell(world.event('alice', 'left'));
      world.interfere(dyingAt(n, when));
      await world.keepJournal().catch(() => undefined);
      world.calm();
      await world.keepJournal();
      expect([n, when, world.archive.objects.size, await world.stores.journal.listUnjournalled(9)]).toEqual([
        n,
        when,
        2,
        [],
      ]);
    }
  });
});

describe('a table that was restored to an hour ago', () => {
  it('knows everything again once the journal is replayed: nobody is denied wrongly, and nobody let in', async () => {
    const { world, alice, bob, carol, erin } = await staffed();
    const backup = world.backup();
    const { dave, renewed } = await anHour(world, bob, carol);
    await world.keepJournal();
    const before = await Promise.all(
      ['alice', 'bob', 'carol', 'dave', 'erin'].map((login) => chainOf(world, login)),
    );
    const open = await world.stores.offboardings.listOpen();

    world.restore(backup);
    expect(await world.vpn.connect(erin)).not.toBe('gate');
    expect(await world.vpn.connect(bob)).toBe('gate');
    expect(await world.replayJournal()).toMatchObject({ objects: 1, undecided: [] });

    expect(
      await Promise.all(['alice', 'bob', 'carol', 'dave', 'erin'].map((login) => chainOf(world, login))),
    ).toEqual(before);
    expect(await world.stores.offboardings.listOpen()).toEqual(open);
    expect(await world.vpn.connect(alice)).toBe('list');
    world.vpn.isListOff = true;
    const answers = await Promise.all([alice, erin, bob, dave].map((one) => world.vpn.connect(one)));
    expect(answers.map((answer) => (answer === 'gate' ? 'gate' : 'in'))).toEqual([
      'gate',
      'gate',
      'in',
      'in',
    ]);
    expect(renewed === undefined || (await world.vpn.connect(renewed)) !== 'gate').toBe(true);
    expect(await world.stores.crls.lastNumber('ca1')).toBeGreaterThanOrEqual(2);
    expect(await world.replayJournal()).toEqual({ objects: 0, applied: 0, undecided: [] });
    expect(await world.keepJournal()).toBe(0);
  });

  it('knows again who renewed while what she renewed was revoked', async () => {
    const { world, erin } = await staffed();
    world.moveTime(erin.renewableFrom - world.clock.now() / 1_000);
    await world.keepJournal();
    const backup = world.backup();
    world.interfere(async (name, effect) => {
      if (name === 'certificates.markIssued') {
        world.calm();
        const asked = {
          caller: world.caller('erin'),
          certificateId: erin.certificateId,
          reason: 'keyCompromise',
        };
        await revokeOwnCertificate(world.deps, asked);
      }
      return effect();
    });
    const renewed = await world.renew('erin', erin, 'erin2');
    await world.keepJournal();
    world.restore(backup);
    expect(await world.replayJournal()).toMatchObject({ applied: 2, undecided: [] });
    expect(await world.vpn.connect(renewed)).toMatchObject({ status: 'active' });
    expect(await world.vpn.connect(erin)).toBe('gate');
  });

  it('knows the end of an offboarding again that cut more connections than an entry names', async () => {
    const { world, alice } = await staffed();
    const backup = world.backup();
    const { offboardings } = world.stores;
    await world.tell(world.event('alice', 'left'));
    const record = (await offboardings.listOpen()).find(({ personId }) => personId === idOf('alice'));
    if (record === undefined) throw new Error('nothing is open');
    for (let connection = 0; connection < 101; connection += 1) {
      const connectionId = `cvpn-connection-${connection}`;
      const terminatedAt = world.clock.now() + connection;
      await offboardings.markTerminated(record.offboardingId, {
        endpointId: ENDPOINT_ID,
        connectionId,
        terminatedAt,
      });
    }
    await world.cut();
    await publishNow(world);
    const before = await chainOf(world, 'alice');
    expect(before.at(-1)?.facts).toMatchObject({ terminatedConnections: 101 });
    await world.keepJournal();
    world.restore(backup);
    expect(await world.replayJournal()).toMatchObject({ undecided: [] });
    expect(await chainOf(world, 'alice')).toEqual(before);
    expect(await world.vpn.connect(alice)).toBe('list');
  });

  it('is noticed before the journal is written on, and said to the operators once', async () => {
    const { world, bob, carol } = await staffed();
    const backup = world.backup();
    await anHour(world, bob, carol);
    await world.keepJournal();
    world.restore(backup);
    await world.enrol('frank');
    await expect(world.keepJournal()).rejects.toThrow(TableBehindJournal);
    await expect(world.keepJournal()).rejects.toThrow(TableBehindJournal);
    const incidents = await world.stores.offboardings.listOpenIncidents();
    expect(incidents.filter(({ kind }) => kind === 'tableRestored')).toHaveLength(1);
    await world.replayJournal();
    expect(await world.keepJournal()).toBe(1);
  });

  it('keeps out also whom somebody wrote about meanwhile, and says what is undecided', async () => {
    const { world, alice } = await staffed();
    const backup = world.backup();
    await world.tell(world.event('alice', 'left'));
    await world.tell(world.event('alice', 'returned', { eventId: 'back' }));
    await world.keepJournal();
    world.restore(backup);
    await world.tell(world.event('alice', 'suspended', { eventId: 'other' }));
    const { undecided } = await world.replayJournal();
    expect(undecided.map(({ action }) => action)).toEqual(['denied', 'lifted']);
    expect(await world.vpn.connect(alice)).toBe('gate');
    const person = await world.stores.people.find(idOf('alice'));
    expect(person?.denials.map(({ kind }) => kind).sort()).toEqual(['left', 'suspended']);
  });

  it('is not replayed from a journal that somebody changed', async () => {
    const { world } = await staffed();
    const backup = world.backup();
    await world.tell(world.event('alice', 'left'));
    await world.keepJournal();
    const octets = world.archive.objects.get(1) ?? new Uint8Array();
    world.archive.objects.set(2, octets);
    world.restore(backup);
    await expect(world.replayJournal()).rejects.toThrow('does not follow');
  });

  it('knows again who was denied before she ever had a certificate', async () => {
    const { world } = await staffed();
    const backup = world.backup();
    world.moveTime(60);
    await world.deps.people.register({ ...world.caller('mallory'), at: world.clock.now() });
    await world.tell(world.event('mallory', 'left'));
    await world.keepJournal();
    world.restore(backup);
    expect(await world.replayJournal()).toMatchObject({ applied: 1, undecided: [] });
    expect((await world.stores.people.find(idOf('mallory')))?.denials).toHaveLength(1);
    expect(await chainOf(world, 'mallory')).toHaveLength(1);
  });

  it('is replayed past an entry of somebody of whom nothing is known, and names it', async () => {
    const { world } = await staffed();
    const backup = world.backup();
    world.moveTime(60);
    await world.deps.people.register({ ...world.caller('mallory'), at: world.clock.now() });
    await world.tell(world.event('mallory', 'left'));
    const { put } = world.archive;
    // As journals were written that have no holder with a first entry.
    world.archive.put = (object) =>
      put({
        ...object,
        lines: object.lines.map((line) => {
          if (line.kind !== 'entry') return line;
          const { holder: _, ...rest } = line;
          return rest;
        }),
      });
    await world.keepJournal();
    world.restore(backup);
    const { undecided } = await world.replayJournal();
    expect(undecided).toMatchObject([{ personId: idOf('mallory'), action: 'denied' }]);
    expect(await world.replayJournal()).toMatchObject({ objects: 0 });
  });

  it('gives no list the number of one that was signed and never seen at an endpoint', async () => {
    const { world } = await staffed();
    const backup = world.backup();
    const lost = await world.stores.crls.nextNumber('ca1', 0);
    world.restore(backup);
    await world.replayJournal();
    expect(await world.stores.crls.nextNumber('ca1', 0)).toBeGreaterThan(lost);
  });
});
