import type { Interference } from './world.ts';

/** What the machine that died throws: nothing after it may have an effect. */
export class Died extends Error {}

/** Also where a use case gathers what went wrong. */
export const isDeath = (error: unknown): boolean =>
  error instanceof Died ||
  (error instanceof AggregateError && error.errors.every((one) => one instanceof Died));

/** Counts effects without disturbing them. */
export function counting(): { interference: Interference; names: string[] } {
  const names: string[] = [];
  return {
    names,
    interference: (name, effect) => {
      names.push(name);
      return effect();
    },
  };
}

/** Dies at the n-th effect: before it, or after it with its answer lost. A dead process does nothing more. */
export function dyingAt(n: number, when: 'before' | 'after'): Interference {
  let count = 0;
  return async (name, effect) => {
    count += 1;
    if (count > n || (count === n && when === 'before')) throw new Died(name);
    const result = await effect();
    if (count === n) throw new Died(name);
    return result;
  };
}

/** Lets something else happen whole just before the n-th effect. */
export function interruptedAt(n: number, other: () => Promise<unknown>): Interference {
  let count = 0;
  let isInterrupted = false;
  return async (_name, effect) => {
    count += 1;
    if (count === n && !isInterrupted) {
      isInterrupted = true;
      await other();
    }
    return effect();
  };
}
