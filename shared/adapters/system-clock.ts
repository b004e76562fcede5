import type { Clock } from '../ports/clock.ts';

/** The clock of the machine. */
export const systemClock = (): Clock => ({
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const rejectWithReason = () => {
        clearTimeout(timer);
        reject(reasonOf(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', rejectWithReason);
        resolve();
      }, milliseconds);
      if (signal?.aborted === true) rejectWithReason();
      else signal?.addEventListener('abort', rejectWithReason, { once: true });
    }),
});

const reasonOf = (signal: AbortSignal | undefined): Error => {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('sleep was aborted', { cause: reason });
};
