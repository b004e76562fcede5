import { ADMINISTRATOR, type PersonId } from '../../../shared/domain/identity.ts';
import {
  nameKey,
  RECONCILIATION,
  type DirectoryEntry,
  type Standing,
} from '../../../shared/domain/reconciliation.ts';
import { DirectoryError, type Directory } from '../../../shared/ports/directory.ts';
import { reconcile, type Reconciled } from '../../../shared/use-cases/reconciliation/reconcile.ts';
import type { ReconcileDeps } from '../../../shared/use-cases/reconciliation/deps.ts';
import {
  readReconciliation,
  requestReconciliation,
} from '../../../shared/use-cases/administration/reconciliation.ts';
import { counting, Died, dyingAt } from '../../support/crashes.ts';
import { newWorld, type World } from '../../support/world.ts';

const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy'];

/** A directory whose pages a test may change: everybody by e-mail, five to a page. */
function listed(
  logins: readonly string[],
  standings: Readonly<Record<string, Standing>> = {},
): DirectoryEntry[] {
  return logins.map((login) => ({
    standing: standings[login] ?? 'active',
    keys: [nameKey('email', `${login}@example.com`) ?? ''],
  }));
}

const directoryOf = (entries: readonly DirectoryEntry[], pageSize = 5): Directory => ({
  page: async (cursor) => {
    const from = Number(cursor ?? 0);
    const reached = from + pageSize;
    const next = reached < entries.length ? { next: String(reached) } : {};
    return { entries: entries.slice(from, reached), ...next };
  },
});

interface Set {
  readonly directory: Directory;
  readonly mode?: 'report' | 'hold' | 'offboard';
}

const depsOf = (world: World, { directory, mode = 'offboard' }: Set): ReconcileDeps => ({
  ...world.deps,
  directory,
  reconciliation: { mode, hourUtc: 3, mostMissingPercent: 20, names: new Set(['email'] as const) },
});
const run = (world: World, set: Set): Promise<Reconciled> =>
  reconcile(depsOf(world, set), new AbortController().signal);

async function worldWith(logins: readonly string[] = PEOPLE) {
  const world = await newWorld();
  const ids = new Map<string, PersonId>();
  for (const login of logins) ids.set(login, (await world.enrol(login)).personId);
  const denialsOf = async (login: string) =>
    (await world.stores.people.find(ids.get(login) ?? ('' as PersonId)))?.denials.map(({ source, kind }) => ({
      source,
      kind,
    }));
  const denied = async () => {
    const all = await Promise.all(
      logins.map(async (login) => (((await denialsOf(login)) ?? []).length > 0 ? [login] : [])),
    );
    return all.flat();
  };
  const incidents = async () => (await world.stores.offboardings.listOpenIncidents()).map(({ kind }) => kind);
  return { world, ids, denialsOf, denied, incidents };
}

const without = (...gone: readonly string[]) => listed(PEOPLE.filter((login) => !gone.includes(login)));
const nextNight = (world: World): void => world.moveTime(86_400);

describe('a comparison with the directory', () => {
  it('offboards whom the directory lacks, and nobody else, once a night', async () => {
    const { world, denialsOf, denied, incidents } = await worldWith();
    const directory = directoryOf(without('alice'));
    expect(await run(world, { directory })).toMatchObject({
      outcome: 'done',
      run: { reason: 'nightly', compared: 10, entries: 9, found: { missing: 1 }, outcomes: { denied: 1 } },
    });
    expect(await denied()).toEqual(['alice']);
    expect(await denialsOf('alice')).toEqual([{ source: RECONCILIATION, kind: 'left' }]);
    expect(await incidents()).toEqual([]);
    expect(await run(world, { directory })).toEqual({ outcome: 'nothingDue' });
    nextNight(world);
    expect(await run(world, { directory })).toMatchObject({
      outcome: 'done',
      run: { outcomes: { denied: 0 } },
    });
    expect(await denialsOf('alice')).toHaveLength(1);
  });

  it.each([
    ['report', 'active', []],
    ['hold', 'active', [{ source: RECONCILIATION, kind: 'suspended' }]],
    ['offboard', 'deactivated', [{ source: RECONCILIATION, kind: 'left' }]],
    ['offboard', 'suspended', [{ source: RECONCILIATION, kind: 'suspended' }]],
    ['hold', 'deactivated', [{ source: RECONCILIATION, kind: 'suspended' }]],
  ] as const)('in mode %s does with one who is %s what it says', async (mode, standing, expected) => {
    const { world, denialsOf } = await worldWith();
    const entries = standing === 'active' ? without('alice') : listed(PEOPLE, { alice: standing });
    await run(world, { directory: directoryOf(entries), mode });
    expect(await denialsOf('alice')).toEqual(expected);
  });

  it('only reports until it is told more, and an incident says so until nobody is missing', async () => {
    const { world, denied, incidents } = await worldWith();
    await run(world, { directory: directoryOf(without('alice')), mode: 'report' });
    expect([await denied(), await incidents()]).toEqual([[], ['certificatesWithoutPerson']]);
    nextNight(world);
    await run(world, { directory: directoryOf(listed(PEOPLE)), mode: 'report' });
    expect(await incidents()).toEqual([]);
  });

  it('gives back what it took, once the directory has her again, and lifts nobody else’s word', async () => {
    const { world, denialsOf } = await worldWith();
    await run(world, { directory: directoryOf(without('alice')) });
    await world.tell(world.event('alice', 'suspended'));
    nextNight(world);
    expect(await run(world, { directory: directoryOf(listed(PEOPLE)) })).toMatchObject({
      run: { found: { back: 1 }, outcomes: { reinstated: 1 } },
    });
    expect(await denialsOf('alice')).toEqual([{ source: 'hr', kind: 'suspended' }]);
  });

  /** An administrator lifts whatever is said against somebody. */
  const reinstate = (world: World, personId: PersonId | undefined) =>
    world.tell({
      ...world.event('alice', 'returned'),
      source: ADMINISTRATOR,
      eventId: `reinstated ${world.clock.now()}`,
      whom: { personId: personId ?? ('' as PersonId) },
    });

  it.each(['hold', 'offboard'] as const)(
    "leaves whom an administrator let in again, in mode %s, until the directory's answer is another",
    async (mode) => {
      const { world, ids, denied } = await worldWith();
      const lacking = directoryOf(without('alice'));
      const began = world.clock.now();
      await run(world, { directory: lacking, mode });
      expect(await denied()).toEqual(['alice']);
      world.moveTime(60);
      await reinstate(world, ids.get('alice'));
      for (let night = 0; night < 3; night += 1) {
        nextNight(world);
        expect(await run(world, { directory: lacking, mode })).toMatchObject({
          run: { found: { missing: 0, kept: 1 }, outcomes: { denied: 0 } },
        });
        expect(await denied()).toEqual([]);
      }
      const adam = world.caller('adam');
      const reader = { ...world.deps, hasDirectory: true };
      expect((await readReconciliation(reader, adam)).findings).toEqual([
        { personId: ids.get('alice'), kind: 'kept', certificates: 1, since: began },
      ]);
      nextNight(world);
      await run(world, { directory: directoryOf(listed(PEOPLE, { alice: 'deactivated' })), mode });
      expect(await denied()).toEqual(['alice']);
    },
  );

  it.each(['offboard', 'report'] as const)(
    'denies her again who was there meanwhile, also where that was seen in mode %s, and holding nothing',
    async (meanwhile) => {
      const { world, ids, denied } = await worldWith();
      const lacking = directoryOf(without('alice'));
      await run(world, { directory: lacking });
      world.moveTime(60);
      await reinstate(world, ids.get('alice'));
      nextNight(world);
      const certificates = { listByEnd: async () => [] };
      const nobody = {
        ...depsOf(world, { directory: directoryOf(listed(PEOPLE)), mode: meanwhile }),
        certificates,
      };
      expect(await reconcile(nobody, new AbortController().signal)).toMatchObject({
        run: { found: { back: 1 } },
      });
      nextNight(world);
      await run(world, { directory: lacking });
      expect(await denied()).toEqual(['alice']);
    },
  );

  it('says nothing of who came later than the answer is of, and counts from then', async () => {
    const { world, ids, denied } = await worldWith();
    const asOf = world.clock.now() + 60_000;
    world.moveTime(3_600);
    await world.enrol('newcomer');
    const file = (...gone: string[]): Directory => {
      const { page } = directoryOf(without(...gone), 100);
      return { page: async (...at) => ({ ...(await page(...at)), asOf }) };
    };
    expect(await run(world, { directory: file('alice') })).toMatchObject({
      run: { asOf, compared: 10, found: { missing: 1 }, outcomes: { denied: 1 } },
    });
    expect(await denied()).toEqual(['alice']);
    const denials = (await world.stores.people.find(ids.get('alice') ?? ('' as PersonId)))?.denials;
    expect(denials?.map(({ eventTime }) => eventTime)).toEqual([asOf]);
    await reinstate(world, ids.get('alice'));
    nextNight(world);
    expect(await run(world, { directory: file('alice') })).toMatchObject({ run: { found: { kept: 1 } } });
    expect(await denied()).toEqual([]);
  });

  it('says of nobody that an administrator kept her where a dry run looked, or the break-glass list did', async () => {
    const { world, ids, denied } = await worldWith();
    const personId = ids.get('alice') ?? ('' as PersonId);
    const set = depsOf(world, { directory: directoryOf(without('alice')) });
    await reconcile({ ...set, breakGlass: new Set([personId]) }, new AbortController().signal);
    expect([await denied(), await world.stores.reconciliations.listActedOn()]).toEqual([[], []]);
    nextNight(world);
    await reconcile(set, new AbortController().signal);
    expect(await denied()).toEqual(['alice']);
  });

  it('leaves those to somebody whose names several in the directory have, or who have none', async () => {
    const { world, ids, denied } = await worldWith();
    const twice = [...listed(PEOPLE), ...listed(['alice'], { alice: 'deactivated' })];
    const set = depsOf(world, { directory: directoryOf(twice) });
    expect(await reconcile(set, new AbortController().signal)).toMatchObject({
      run: { found: { ambiguous: 1 } },
    });
    nextNight(world);
    const names = new Set(['employeeNumber'] as const);
    const nameless = { ...set, reconciliation: { ...set.reconciliation, names } };
    expect(await reconcile(nameless, new AbortController().signal)).toMatchObject({
      run: { found: { nameless: 10 } },
    });
    expect(await denied()).toEqual([]);
    const report = await readReconciliation(
      { ...set, hasDirectory: true, access: world.deps.access },
      world.caller('adam'),
    );
    expect(report.findings.map(({ personId }) => personId).sort()).toEqual([...ids.values()].sort());
  });

  it('keeps to the limit of a surge and to the break-glass list', async () => {
    const { world, ids, denialsOf } = await worldWith();
    const alice = ids.get('alice') ?? ('' as PersonId);
    const set = depsOf(world, { directory: directoryOf(without('alice', 'bob')) });
    const surgePolicy = { leastPeople: 1, percentOfHolders: 0 };
    const glass = { ...set, breakGlass: new Set([alice]) };
    expect(await reconcile(glass, new AbortController().signal)).toMatchObject({
      run: { outcomes: { protected: 1, denied: 1 } },
    });
    expect(await denialsOf('alice')).toEqual([]);
    nextNight(world);
    const next = depsOf(world, { directory: directoryOf(without('alice', 'bob', 'carol')) });
    expect(await reconcile({ ...next, surgePolicy }, new AbortController().signal)).toMatchObject({
      run: { outcomes: { denied: 1, held: 1 } },
    });
    nextNight(world);
    // What nobody decided yet is not said again.
    expect(await reconcile({ ...next, surgePolicy }, new AbortController().signal)).toMatchObject({
      run: { outcomes: { denied: 0, held: 0 } },
    });
  });
});

describe('a directory that is not believed', () => {
  const page = (one: () => ReturnType<Directory['page']>): Directory => ({ page: one });
  it.each<[string, Directory]>([
    ['is empty', directoryOf([])],
    [
      'has nobody active',
      directoryOf(listed(PEOPLE, Object.fromEntries(PEOPLE.map((login) => [login, 'deactivated'])))),
    ],
    ['has nobody with a name', directoryOf(PEOPLE.map(() => ({ standing: 'active', keys: [] })))],
    ['lacks more than a fifth of the holders', directoryOf(without('alice', 'bob', 'carol'))],
    ['refuses us', page(() => Promise.reject(new DirectoryError('refused', 'no')))],
    ['is no directory', page(() => Promise.reject(new DirectoryError('broken', 'no')))],
    ['never ends', page(async () => ({ entries: [], next: 'more' }))],
  ])('that %s denies nobody, and opens an incident', async (_, directory) => {
    const { world, denied, incidents } = await worldWith();
    expect(await run(world, { directory })).toMatchObject({ outcome: 'failed', run: { state: 'failed' } });
    expect([await denied(), await incidents()]).toEqual([[], ['directoryDisbelieved']]);
    nextNight(world);
    await run(world, { directory: directoryOf(listed(PEOPLE)) });
    expect(await incidents()).toEqual([]);
  });

  it('that has shrunk since it was believed denies nobody', async () => {
    const { world, denied } = await worldWith(['alice', 'bob']);
    const others = Array.from({ length: 40 }, (_, n) => `other${n}`);
    await run(world, { directory: directoryOf(listed(['alice', 'bob', ...others])) });
    nextNight(world);
    expect(await run(world, { directory: directoryOf(listed(['bob', ...others.slice(9)])) })).toMatchObject({
      outcome: 'failed',
    });
    expect(await denied()).toEqual([]);
  });

  it('that stops half way is read from its beginning, and at last given up', async () => {
    const { world, denied, incidents } = await worldWith();
    const whole = directoryOf(without('alice'));
    const broken: Directory = {
      page: async (cursor, seen, signal) => {
        if (cursor !== undefined) throw new DirectoryError('broken', 'cut off');
        return whole.page(cursor, seen, signal);
      },
    };
    expect(await run(world, { directory: broken })).toEqual({ outcome: 'later' });
    expect(await run(world, { directory: broken })).toEqual({ outcome: 'anotherWorks' });
    world.moveTime(60);
    expect(await run(world, { directory: broken })).toEqual({ outcome: 'later' });
    world.moveTime(60);
    expect(await run(world, { directory: broken })).toMatchObject({ outcome: 'failed' });
    expect([await denied(), await incidents()]).toEqual([[], ['directoryDisbelieved']]);
  });

  it('that is out of order is asked again where it stood, until it has been too often', async () => {
    const { world, denied } = await worldWith();
    const asked: (string | undefined)[] = [];
    let isUp = false;
    const whole = directoryOf(without('alice'));
    const directory: Directory = {
      page: async (cursor, seen, signal) => {
        asked.push(cursor);
        if (cursor !== undefined && !isUp)
          throw new DirectoryError('later', 'busy', { retryAfterSeconds: 90 });
        return whole.page(cursor, seen, signal);
      },
    };
    expect(await run(world, { directory })).toEqual({ outcome: 'later' });
    world.moveTime(60);
    expect(await run(world, { directory })).toEqual({ outcome: 'anotherWorks' });
    world.moveTime(30);
    isUp = true;
    expect(await run(world, { directory })).toMatchObject({ outcome: 'done' });
    expect([asked, await denied()]).toEqual([[undefined, '5', '5'], ['alice']]);
    nextNight(world);
    isUp = false;
    for (let attempt = 1; attempt < 10; attempt += 1) {
      expect(await run(world, { directory })).toEqual({ outcome: 'later' });
      world.moveTime(90);
    }
    expect(await run(world, { directory })).toMatchObject({ outcome: 'failed' });
  });
});

describe('who asks for a comparison', () => {
  const ask = (world: World, asked: Partial<Parameters<typeof requestReconciliation>[2]> = {}) =>
    requestReconciliation({ ...world.deps, hasDirectory: true }, world.caller('adam'), {
      dryRun: false,
      evenIfMany: false,
      ...asked,
    });

  it('is an administrator, with a mode of her own, a dry run, or in spite of how many are missing', async () => {
    const { world, denied, incidents } = await worldWith();
    const directory = directoryOf(without('alice', 'bob', 'carol'));
    await ask(world, { dryRun: true, mode: 'offboard', evenIfMany: true });
    expect(await run(world, { directory, mode: 'report' })).toMatchObject({
      run: { reason: 'administrator', dryRun: true, found: { missing: 3 }, outcomes: { unchanged: 3 } },
    });
    expect([await denied(), await incidents()]).toEqual([[], []]);
    await ask(world, { mode: 'hold', evenIfMany: true });
    await run(world, { directory, mode: 'report' });
    expect(await denied()).toEqual(['alice', 'bob', 'carol']);
  });

  it('is nobody where there is no directory, and nobody who only reads', async () => {
    const { world } = await worldWith(['alice']);
    const none = { ...world.deps, hasDirectory: false };
    const asked = { dryRun: false, evenIfMany: false };
    await expect(requestReconciliation(none, world.caller('adam'), asked)).rejects.toMatchObject({
      code: 'noDirectory',
    });
    await expect(
      requestReconciliation({ ...none, hasDirectory: true }, world.caller('alice'), asked),
    ).rejects.toMatchObject({ code: 'notAllowed' });
  });

  it('is also an event that was refused, at most once an hour', async () => {
    const { world } = await worldWith(['alice']);
    const set = { directory: directoryOf(listed(['alice'])) };
    await run(world, set);
    const refused = () => world.deps.reconciliations.wish({ reason: 'refusedEvents', at: world.clock.now() });
    await refused();
    expect(await run(world, set)).toEqual({ outcome: 'nothingDue' });
    world.moveTime(3_600);
    expect(await run(world, set)).toMatchObject({ run: { reason: 'refusedEvents' } });
    expect(await run(world, set)).toEqual({ outcome: 'nothingDue' });
  });
});

describe('a comparison that is interrupted', () => {
  const settle = async (world: World, set: Set): Promise<void> => {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      world.moveTime(17 * 60);
      if ((await run(world, set)).outcome === 'nothingDue') return;
    }
    throw new Error('it does not end');
  };
  const entries = [...without('alice'), ...listed(['nobody'], { nobody: 'deactivated' })];

  it('ends as it would have, wherever it dies, and denies once', async () => {
    const set = { directory: directoryOf(entries) };
    const { world: first } = await worldWith(['alice', 'bob']);
    const { interference, names } = counting();
    first.interfere(interference);
    await run(first, set);
    expect(names.length).toBeGreaterThan(12);
    for (let n = 1; n <= names.length; n += 1) {
      for (const when of ['before', 'after'] as const) {
        const { world, denialsOf, denied } = await worldWith(['alice', 'bob']);
        world.interfere(dyingAt(n, when));
        await run(world, set).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        world.calm();
        await settle(world, set);
        expect([n, when, await denied(), await denialsOf('alice')]).toEqual([
          n,
          when,
          ['alice'],
          [{ source: RECONCILIATION, kind: 'left' }],
        ]);
      }
    }
  });

  it('is worked on by one at a time, and by the next from where it stood', async () => {
    const { world, denied } = await worldWith(['alice', 'bob']);
    const set = { directory: directoryOf(entries, 2) };
    const stopping = new AbortController();
    const stopped: Directory = {
      page: async (cursor, seen, signal) => {
        stopping.abort();
        expect(await run(world, set)).toEqual({ outcome: 'anotherWorks' });
        return set.directory.page(cursor, seen, signal);
      },
    };
    expect(await reconcile(depsOf(world, { directory: stopped }), stopping.signal)).toEqual({
      outcome: 'stopped',
    });
    expect(await denied()).toEqual([]);
    expect(await run(world, set)).toMatchObject({ outcome: 'done', run: { pages: 5, entries: 10 } });
    expect(await denied()).toEqual(['alice']);
  });

  it('is given up by who lost it, without a word', async () => {
    const { world, denied } = await worldWith(['alice', 'bob']);
    const set = { directory: directoryOf(entries) };
    const slow: Directory = {
      page: async (cursor, seen, signal) => {
        world.moveTime(17 * 60);
        await run(world, set);
        return set.directory.page(cursor, seen, signal);
      },
    };
    expect(await run(world, { directory: slow })).toEqual({ outcome: 'anotherWorks' });
    expect(await denied()).toEqual(['alice']);
  });
});
