import fc from 'fast-check';
import { ADMINISTRATOR, personIdFrom, type SourceId } from '../../../shared/domain/identity.ts';
import type { OffboardingEvent } from '../../../shared/domain/offboarding.ts';
import { dyingAt, isDeath } from '../../support/crashes.ts';
import { newWorld, START, type World } from '../../support/world.ts';

const aliceId = personIdFrom('https://id.example', 'alice');
const adamId = personIdFrom('https://id.example', 'adam');
const SOURCES = ['hr', 'badge', 'directory'] as const;
const DAY = 86_400_000;

/** What one source says. Times within a source differ: of two words at one time the later arrival counts. */
interface Word {
  readonly source: (typeof SOURCES)[number];
  readonly kind: 'left' | 'suspended' | 'returned';
  readonly time: number;
  /** In how many days her last day is over, where she has not left yet. */
  readonly inDays?: number | undefined;
  /** At which effect the portal dies when it arrives, if it does; then the sender sends it again. */
  readonly diesAt: number | undefined;
}

/** An administrator lets her in again, whoever said what. */
interface Reinstatement {
  readonly source: typeof ADMINISTRATOR;
  readonly kind: 'returned';
  readonly time: number;
  readonly diesAt: number | undefined;
}

type Said = Word | Reinstatement;

const diesAt = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined });

const words = fc
  .uniqueArray(
    fc.record({
      source: fc.constantFrom(...SOURCES),
      kind: fc.constantFrom('left', 'left', 'suspended', 'returned' as const),
      time: fc.integer({ min: 1, max: 12 }),
      inDays: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      diesAt,
    }),
    { maxLength: 9, selector: ({ source, time }) => `${source} ${time}` },
  )
  .map((all): Word[] => all.map(({ inDays, ...word }) => (word.kind === 'left' ? { ...word, inDays } : word)))
  // Some arrive twice, and any order is possible: the array's own is no order of time.
  .chain((all) => fc.tuple(fc.constant(all), fc.subarray(all)))
  .map(([all, repeated]) => [...all, ...repeated] as readonly Said[]);

/** Of each source: what it said after it last said that she is back; of days to come the one that it named last. */
function demanded(said: readonly Said[]): { now: string[]; later: string[] } {
  const standing = SOURCES.flatMap((source) => {
    const own = said.filter((word): word is Word => word.source === source);
    const back = Math.max(0, ...own.filter(({ kind }) => kind === 'returned').map(({ time }) => time));
    return own.filter(({ kind, time }) => kind !== 'returned' && time > back);
  });
  const now = standing.filter(({ inDays }) => inDays === undefined);
  const ahead = standing.filter(
    (word) =>
      word.inDays !== undefined &&
      !standing.some(
        (other) => other.source === word.source && other.inDays !== undefined && other.time > word.time,
      ),
  );
  // Who has left by the word of a source need not leave by it again.
  const later = ahead.filter(
    ({ source }) => !now.some((one) => one.source === source && one.kind === 'left'),
  );
  return { now: named(now), later: named([...now, ...later]) };
}

const named = (all: readonly Pick<Word, 'source' | 'kind' | 'time'>[]): string[] =>
  [...new Set(all.map(({ source, kind, time }) => `${source} ${kind} ${time}`))].sort();

const denialsIn = async (world: World): Promise<string[]> =>
  ((await world.stores.people.find(aliceId))?.denials ?? [])
    .map(({ source, kind, eventTime }) => `${source} ${kind} ${eventTime - START}`)
    .sort();

/** Does it once dying on the way, if it does, and then whole. */
async function through(world: World, at: number | undefined, act: () => Promise<unknown>): Promise<void> {
  if (at !== undefined) {
    world.interfere(dyingAt(at, at % 2 === 0 ? 'before' : 'after'));
    await act().catch((error: unknown) => {
      if (!isDeath(error)) throw error;
    });
    world.calm();
  }
  await act();
}

function eventFrom(world: World, word: Said): OffboardingEvent {
  const { source, kind, time } = word;
  const inDays = 'inDays' in word ? word.inDays : undefined;
  const effectiveAt = START + (inDays ?? 0) * DAY;
  return world.event('alice', kind, {
    source: source as string as SourceId,
    eventId: `${source} ${time}`,
    eventTime: START + time,
    ...(inDays === undefined ? {} : { lastDay: '2026-03-02', effectiveAt }),
    ...(source === ADMINISTRATOR ? { actor: adamId, whom: { personId: aliceId } } : {}),
  });
}

async function tellAll(said: readonly Said[]): Promise<World> {
  const world = await newWorld();
  await world.deps.people.register({ ...world.caller('alice'), at: START });
  for (const word of said) {
    const event = eventFrom(world, word);
    await through(world, word.diesAt, () => world.tell(event));
  }
  return world;
}

/** After every day that anybody named. */
async function whenAllIsOver(world: World, at: number | undefined): Promise<void> {
  world.moveTime((10 * DAY) / 1000);
  await through(world, at, async () => {
    const { failures } = await world.sweep();
    for (const { error } of failures) throw error;
  });
}

it('ends as the latest facts demand, whatever several sources say, in any order, twice, and through crashes', async () => {
  await fc.assert(
    fc.asyncProperty(words, diesAt, async (said, sweepDiesAt) => {
      const world = await tellAll(said);
      const { now, later } = demanded(said);
      expect(await denialsIn(world)).toEqual(now);
      await whenAllIsOver(world, sweepDiesAt);
      expect(await denialsIn(world)).toEqual(later);
      expect((await world.stores.offboardings.listPlans({ limit: 10 })).plans).toEqual([]);
    }),
    { numRuns: 60, seed: 5 },
  );
});

it('an administrator’s reinstatement lifts all that was said by then, and nothing that is said later', async () => {
  const parts = fc.tuple(words, diesAt, words);
  await fc.assert(
    fc.asyncProperty(parts, async ([before, reinstatementDiesAt, after]) => {
      const back: Reinstatement = {
        source: ADMINISTRATOR,
        kind: 'returned',
        time: 50,
        diesAt: reinstatementDiesAt,
      };
      // Later words are later by their own time too: what a source said before may still be on its way.
      const since = after.map((word): Said => ({ ...word, time: word.time + 20 }));
      const world = await tellAll([...before, back, ...since]);
      const { now, later } = demanded(since);
      expect(await denialsIn(world)).toEqual(now);
      await whenAllIsOver(world, undefined);
      expect(await denialsIn(world)).toEqual(later);
    }),
    { numRuns: 30, seed: 6 },
  );
});
