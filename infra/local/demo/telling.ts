/** What a step saw, as a program reads it. */
export type Fact = string | number | boolean | readonly Fact[] | { readonly [name: string]: Fact };

/**
 * Notes something that was seen.
 *
 * @param words the same for people; a fact without words is for programs only
 */
export type Observe = (name: string, fact: Fact, words?: string) => void;

/** What became of a step. */
export interface StepReport {
  readonly name: string;
  readonly ok: boolean;
  readonly observed: Readonly<Record<string, Fact>>;
  readonly milliseconds: number;
  /** Only of a step that failed: what should have been seen, and what was. */
  readonly expected?: string;
  readonly seen?: string;
}

/** Told of each step as it goes on. */
export interface Listener {
  began(number: number, title: string): void;
  /** @param lines what was observed, in words */
  ended(number: number, title: string, report: StepReport, lines: readonly string[]): void;
}

/** Runs one step and answers with what it came to. @throws StoryBrokenError, after which nothing is told */
export type Tell = <Result>(
  name: string,
  title: string,
  step: (observe: Observe) => Promise<Result>,
) => Promise<Result>;

/** Something that the story promises was not seen. */
export class NotObservedError extends Error {
  override readonly name = 'NotObservedError';
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`expected ${expected}; seen: ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** A step failed, and the listener was told why; the steps after it make no sense. */
export class StoryBrokenError extends Error {
  override readonly name = 'StoryBrokenError';
}

/** @throws NotObservedError unless it is so */
export function expectSeen(isSo: boolean, expected: string, seen: string): asserts isSo {
  if (!isSo) throw new NotObservedError(expected, seen);
}

/** @returns the value, which has to be there. @throws NotObservedError */
export function expectPresent<Value>(value: Value | undefined, expected: string, seen: string): Value {
  if (value === undefined) throw new NotObservedError(expected, seen);
  return value;
}

/**
 * Tells steps one after the other, each with its time.
 *
 * @param signal makes the step that runs reject at once with its reason; that step is not reported
 * @returns `reports` grows with each step
 */
export function teller(
  listener: Listener,
  signal: AbortSignal,
): { readonly tell: Tell; readonly reports: readonly StepReport[] } {
  const reports: StepReport[] = [];
  const interrupted = rejectionOf(signal);
  const tell: Tell = async (name, title, step) => {
    signal.throwIfAborted();
    const number = reports.length + 1;
    const observed: Record<string, Fact> = {};
    const lines: string[] = [];
    const began = performance.now();
    const report = (outcome: Pick<StepReport, 'ok' | 'expected' | 'seen'>): void => {
      const milliseconds = Math.round(performance.now() - began);
      const { ok, ...failure } = outcome;
      const ended = { name, ok, observed, milliseconds, ...failure };
      reports.push(ended);
      listener.ended(number, title, ended, lines);
    };
    listener.began(number, title);
    try {
      const running = step((fact, value, words) => {
        observed[fact] = value;
        if (words !== undefined) lines.push(words);
      });
      running.catch(() => undefined);
      const result = await Promise.race([running, interrupted]);
      report({ ok: true });
      return result;
    } catch (error) {
      signal.throwIfAborted();
      report({ ok: false, ...failureOf(error) });
      throw new StoryBrokenError(`the story broke at step ${number}, ${name}`, { cause: error });
    }
  };
  return { tell, reports };
}

function failureOf(error: unknown): { expected: string; seen: string } {
  if (error instanceof NotObservedError) return { expected: error.expected, seen: error.seen };
  return {
    expected: 'the step to come to its end',
    seen: error instanceof Error ? error.message : String(error),
  };
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  rejection.catch(() => undefined);
  return rejection;
}
