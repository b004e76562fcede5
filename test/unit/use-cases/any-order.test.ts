import fc from 'fast-check';
import type { SourceId } from '../../../shared/domain/identity.ts';
import { personIdFrom } from '../../../shared/domain/identity.ts';
import { dyingAt, isDeath } from '../../support/crashes.ts';
import { newWorld, START } from '../../support/world.ts';

const aliceId = personIdFrom('https://id.example', 'alice');
const SOURCES = ['hr', 'badge', 'directory'] as const;

/** What one source says. Times within a source differ: of two words at one time the later arrival counts. */
interface Word {
  readonly source: (typeof SOURCES)[number];
  readonly kind: 'left' | 'suspended' | 'returned';
  readonly time: number;
  /** At which effect the portal dies when it arrives, if it does; then the sender sends it again. */
  readonly diesAt: number | undefined;
}

const words = fc
  .uniqueArray(
    fc.record({
      source: fc.constantFrom(...SOURCES),
      kind: fc.constantFrom('left', 'suspended', 'returned' as const),
      time: fc.integer({ min: 1, max: 12 }),
      diesAt: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    }),
    { maxLength: 9, selector: ({ source, time }) => `${source} ${time}` },
  )
  // Some arrive twice, and any order is possible: the array's own is no order of time.
  .chain((all) => fc.tuple(fc.constant(all), fc.subarray(all)))
  .map(([all, repeated]) => [...all, ...repeated] as readonly Word[]);

/** Of each source: what it said after it last said that she is back. */
function demanded(said: readonly Word[]): string[] {
  return SOURCES.flatMap((source) => {
    const own = said.filter((word) => word.source === source);
    const back = Math.max(0, ...own.filter(({ kind }) => kind === 'returned').map(({ time }) => time));
    const standing = own.filter(({ kind, time }) => kind !== 'returned' && time > back);
    return [...new Set(standing.map(({ kind, time }) => `${source} ${kind} ${time}`))];
  }).sort();
}

it('ends as the latest facts demand, whatever several sources say, in any order, twice, and through crashes', async () => {
  await fc.assert(
    fc.asyncProperty(words, async (said) => {
      const world = await newWorld();
      await world.deps.people.register({ ...world.caller('alice'), at: START });
      for (const { source, kind, time, diesAt } of said) {
        const eventId = `${source} ${time}`;
        const event = world.event('alice', kind, {
          source: source as string as SourceId,
          eventId,
          eventTime: START + time,
        });
        if (diesAt !== undefined) {
          world.interfere(dyingAt(diesAt, diesAt % 2 === 0 ? 'before' : 'after'));
          await world.tell(event).catch((error: unknown) => {
            if (!isDeath(error)) throw error;
          });
          world.calm();
        }
        await world.tell(event);
      }
      const denials = (await world.stores.people.find(aliceId))?.denials ?? [];
      const ended = denials.map((one) => `${one.source} ${one.kind} ${one.eventTime - START}`).sort();
      expect(ended).toEqual(demanded(said));
    }),
    { numRuns: 60, seed: 5 },
  );
});
