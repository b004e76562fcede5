import type { Clock } from '../ports/clock.ts';
import type { DeadLetterQueue, LettersMove } from '../ports/dead-letter-queues.ts';

const LOOK_MILLISECONDS = 500;

/**
 * Sends dead letters back to where they are worked on: some of them one by one, or all by the queue's own move, which
 * goes on by itself whatever becomes of whoever asked.
 *
 * @param most how many; all when undefined
 * @param patienceMilliseconds how long to watch a move
 */
export async function redrive(
  { letters, clock }: { readonly letters: DeadLetterQueue; readonly clock: Clock },
  {
    most,
    patienceMilliseconds,
  }: { readonly most: number | undefined; readonly patienceMilliseconds: number },
): Promise<LettersMove> {
  if (most !== undefined) return { state: 'done', moved: await letters.sendBack(most) };
  await letters.startMove();
  const until = clock.now() + patienceMilliseconds;
  for (;;) {
    const move = (await letters.findMove()) ?? { state: 'running', moved: 0 };
    if (move.state !== 'running' || clock.now() >= until) return move;
    await clock.sleep(LOOK_MILLISECONDS);
  }
}
