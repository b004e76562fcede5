import type { Clock } from '../../shared/ports/clock.ts';
import type { FaultRates } from './faults.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Words } from './story.ts';

/** An effect on the outside that an invocation waits for. */
export interface PendingEffect {
  readonly invocation: Invocation;
  readonly service: Service;
  readonly words: Words;
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Not before this. */
  at: number;
  /** Whether an SDK sends it again when its answer is lost. */
  readonly isRepeatable: boolean;
  /** What DynamoDB says when it meets a transaction on the same item. */
  readonly conflict?: () => Error;
}

export type Service = 'directory' | 'dynamodb' | 'ec2' | 'kms' | 's3' | 'sqs' | 'time';

/** What runs invocations, as they see it. */
export interface Host {
  readonly now: number;
  readonly step: number;
  readonly random: SeededRandom;
  readonly rates: FaultRates;
  wait(effect: PendingEffect): void;
}

/** Whole hosts differ by this, and may jump by less while something runs. */
const SKEW_MILLISECONDS = 2_000;
const JUMP_MILLISECONDS = 300;

/** One run of one function, on a host with a clock of its own. */
export class Invocation {
  readonly name: string;
  readonly number: number;
  readonly startedAtStep: number;
  readonly startedAt: number;
  readonly deadline: number;
  isAlive = true;
  /** It may be stopped for an hour and go on. */
  maySleepwalk = false;
  isSleepwalker = false;
  /** The faults that it could see. */
  faults = 0;
  /** How much it wrote. */
  writes = 0;
  readonly #machine: Host;
  readonly #died: () => void;
  readonly #skew: number;

  constructor(machine: Host, name: string, number: number, timeoutSeconds: number, died: () => void) {
    this.#machine = machine;
    this.name = `${name} ${number}`;
    this.number = number;
    this.startedAtStep = machine.step;
    this.startedAt = machine.now;
    this.deadline = machine.now + timeoutSeconds * 1_000;
    this.#died = died;
    const { random, rates } = machine;
    this.#skew = random.chance(rates.clockSkew) ? random.between(-SKEW_MILLISECONDS, SKEW_MILLISECONDS) : 0;
  }

  readonly clock: Clock = {
    now: () => {
      const { random, rates, now } = this.#machine;
      const jump = random.chance(rates.clockSkew) ? random.between(-JUMP_MILLISECONDS, JUMP_MILLISECONDS) : 0;
      return now + this.#skew + jump;
    },
    sleep: (milliseconds) =>
      this.#wait('time', 'sleeps', () => undefined, { at: this.#machine.now + milliseconds }),
  };

  /** Something on the outside; the machine says when, and whether. */
  effect<T>(
    service: Service,
    words: Words,
    run: () => T,
    how: { readonly isRepeatable?: boolean; readonly conflict?: () => Error } = {},
  ): Promise<T> {
    return this.#wait(service, words, run, { at: this.#machine.now, ...how });
  }

  end(tell: () => void): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    tell();
  }

  /** Nothing of it happens any more, and nobody gets an answer. */
  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#died();
  }

  #wait<T>(
    service: Service,
    words: Words,
    run: () => T,
    how: { at: number; isRepeatable?: boolean; conflict?: () => Error },
  ): Promise<T> {
    if (!this.isAlive) return new Promise<T>(() => undefined);
    return new Promise<T>((resolve, reject) => {
      this.#machine.wait({
        invocation: this,
        service,
        words,
        run,
        resolve: (value) => resolve(value as T),
        reject,
        isRepeatable: false,
        ...how,
      });
    });
  }
}
