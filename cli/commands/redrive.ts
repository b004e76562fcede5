import type { DeadLetter, NamedDeadLetters } from '../aws/dead-letters.ts';
import { awsFailure, awsTarget, TARGET_OPTIONS, type AwsTarget } from '../aws/target.ts';
import { defineCommand, type Context } from '../command.ts';
import { localFailure, usageFailure } from '../failure.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted, durationOf } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';

/** More than anybody reads. */
const MOST_SHOWN = 100;

export const redrive = defineCommand({
  name: 'redrive',
  audience: 'operator',
  summary: 'show what was given up or put aside, and why, or let it be tried again',
  notes: [
    'Without QUEUE it shows the letters of every dead-letter queue, and changes nothing. With QUEUE they go back to be',
    'tried again: mend the cause first, or they come back. What was acted on already acts no second time.',
  ],
  arguments: { QUEUE: { words: 'whose letters go back, such as bus-events', optional: true } },
  options: {
    ...TARGET_OPTIONS,
    limit: { value: 'N', words: 'so many letters and no more; all when absent' },
    'dry-run': { words: 'with QUEUE: only show which letters would go back' },
    yes: { words: 'do not ask' },
  },
  examples: ['redrive --stage prod', 'redrive bus-events --limit 1 --stage prod'],
  async run(context, given) {
    const limit = limitOf(given.limit);
    const target = awsTarget(context.world, given);
    // Only now: most commands need no client of AWS.
    const { deadLettersAmong } = await import('../aws/dead-letters.ts');
    const all = deadLettersAmong(target, await target.resources());
    const { QUEUE: name } = given;
    const chosen = name === undefined ? all : [named(all, name)];
    context.screen.title(`Dead letters, ${target.words}`);
    const order = { limit, yes: given.yes, again: againAt(target) };
    try {
      if (name === undefined || given['dry-run']) return await show(context, chosen, order);
      return await moveBack(context, named(all, name), order);
    } catch (error) {
      throw awsFailure(error, `the dead letters of ${target.words}`, 'what OperatorRole may do at SQS');
    }
  },
});

interface Order {
  readonly limit: number | undefined;
  readonly yes: boolean;
  /** This command for the same portal, to copy. */
  readonly again: (queue?: string) => string;
}

function againAt(target: AwsTarget): Order['again'] {
  const { region } = target.clientOptions('any');
  const where =
    target.stage === undefined
      ? []
      : ['--stage', target.stage, ...(region === undefined ? [] : ['--region', region])];
  return (queue) => [PROGRAM, 'redrive', ...(queue === undefined ? [] : [queue]), ...where].join(' ');
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 1_000) return value;
  throw usageFailure('--limit takes a whole number from 1 to 1000');
}

function named(all: readonly NamedDeadLetters[], name: string): NamedDeadLetters {
  const found = all.find((one) => one.name === name || one.queueName === name);
  if (found !== undefined) return found;
  throw usageFailure(`No queue is called "${name}"`, `there are ${all.map((one) => one.name).join(', ')}`);
}

/** Shows letters and leaves them. @returns what `--json` prints */
async function show(
  { screen, world }: Context,
  queues: readonly NamedDeadLetters[],
  { limit, again }: Order,
): Promise<object> {
  const seen = await Promise.all(
    queues.map(async (one) => ({
      queue: one.name,
      queueName: one.queueName,
      ...(await lettersOf(one, limit)),
    })),
  );
  for (const one of seen) if (one.count > 0) printLetters(screen, one, world.now());
  const full = seen.filter(({ count }) => count > 0);
  if (full.length === 0) screen.done('There are none');
  for (const { queue } of full) {
    screen.command(
      again(queue),
      'once the cause is mended: they are tried again, and what was acted on acts no second time',
    );
  }
  return {
    queues: seen.map((one) => ({
      ...one,
      letters: one.letters.map(({ sentAt, ...letter }) => ({
        ...letter,
        sentAt: new Date(sentAt).toISOString(),
      })),
    })),
  };
}

interface SeenLetters {
  readonly count: number;
  readonly letters: readonly DeadLetter[];
}

async function lettersOf({ letters }: NamedDeadLetters, limit: number | undefined): Promise<SeenLetters> {
  const found = await letters.look(limit ?? MOST_SHOWN);
  // Counts are approximate, and late: what was seen is there.
  return { count: Math.max(await letters.count(), found.length), letters: found };
}

function printLetters(
  screen: Screen,
  { queue, count, letters }: SeenLetters & { readonly queue: string },
  now: number,
): void {
  screen.line('');
  screen.warn(`${queue}: ${counted(count, 'letter')}`);
  screen.table(
    ['AGE', 'LETTER', 'FROM', 'WHY'],
    [...letters]
      .sort((one, other) => one.sentAt - other.sentAt)
      .map(({ letterId, sentAt, givenUpBy, reason }) => [
        durationOf(Math.max(0, now - sentAt)),
        letterId,
        givenUpBy ?? 'put aside by the portal',
        reason ?? "it failed each time it was tried; its function's log says at what",
      ]),
  );
  if (count > letters.length) screen.note(`  and ${count - letters.length} more`);
}

/** @returns what `--json` prints */
async function moveBack(
  { screen, world, confirm }: Context,
  queue: NamedDeadLetters,
  { limit, yes, again }: Order,
): Promise<object> {
  const { name } = queue;
  const seen = await lettersOf(queue, limit);
  if (seen.count === 0) {
    screen.done('There are none');
    return { queue: name, moved: 0, state: 'done' };
  }
  printLetters(screen, { queue: name, ...seen }, world.now());
  const words = limit === undefined ? counted(seen.count, 'letter') : `at most ${counted(limit, 'letter')}`;
  if (!yes) await confirm(`Let ${words} of ${name} be tried again?`, 'refuse');
  const { sendBack } = await import('../aws/dead-letters.ts');
  const { moved, state, reason } = await sendBack(world, queue.letters, limit);
  if (state === 'failed') {
    throw localFailure('redriveFailed', `SQS stopped after ${counted(moved, 'letter')}`, reason, [
      { words: 'the others are where they were', command: again() },
    ]);
  }
  if (state === 'running') screen.note(`SQS still moves them, ${moved} so far, and goes on by itself`);
  else screen.done(`${counted(moved, 'letter')} of ${name} sent back`);
  screen.line('They are tried again within seconds. What still fails is here again after its tries.');
  screen.command(again(), 'whether any came back');
  return { queue: name, moved, state };
}
