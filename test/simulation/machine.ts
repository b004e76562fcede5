import { Invocation, type Host, type PendingEffect } from './invocation.ts';
import { NO_FAULTS, type FaultRates } from './faults.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Story, Words } from './story.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** What may end an invocation that nobody answers any more. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/**
 * Runs invocations as tasks that take turns at each effect: which one goes on, when, and whether its effect happens,
 * is decided here, by the seed alone. Time moves only here.
 */
export class Machine implements Host {
  readonly random: SeededRandom;
  readonly story: Story;
  now: number;
  /** Counts what happened; two calls overlap if neither ended before the other began. */
  step = 0;
  rates: FaultRates;
  /** Told after every step. */
  onStep: () => void = () => undefined;
  readonly #pending: PendingEffect[] = [];
  readonly #timers: Timer[] = [];
  #invocations = 0;

  constructor(options: { random: SeededRandom; story: Story; now: number; rates: FaultRates }) {
    this.random = options.random;
    this.story = options.story;
    this.now = options.now;
    this.rates = options.rates;
  }

  get isCalm(): boolean {
    return this.rates === NO_FAULTS;
  }

  tell(who: string, words: Words): void {
    this.story.tell(this.now, who, words);
  }

  /**
   * Starts a function.
   *
   * @param ended told when it ended: with its answer, its error, or its death
   */
  start<T>(
    name: string,
    timeoutSeconds: number,
    run: (invocation: Invocation) => Promise<T>,
    ended: (end: End<T>) => void,
  ): Invocation {
    this.#invocations += 1;
    const invocation = new Invocation(this, name, this.#invocations, timeoutSeconds, () =>
      ended({ how: 'died' }),
    );
    run(invocation).then(
      (value) => invocation.end(() => ended({ how: 'answered', value })),
      (error: unknown) => invocation.end(() => ended({ how: 'failed', error })),
    );
    return invocation;
  }

  wait(effect: PendingEffect): void {
    this.#pending.push(effect);
  }

  /** Every host is switched off. */
  async stop(): Promise<void> {
    await drained();
    for (const { invocation } of [...this.#pending]) invocation.die();
  }

  /** Something of the world, not of the portal, that happens later. */
  later(milliseconds: number, run: () => void): void {
    this.#timers.push({ at: this.now + milliseconds, run });
  }

  /** Goes on until nothing can without time passing beyond `until`. */
  async runUntil(until: number, maxSteps = 20_000): Promise<void> {
    for (let count = 0; count < maxSteps; count += 1) {
      if (!(await this.#next(until))) break;
    }
    this.now = Math.max(this.now, until);
  }

  /** Goes on until no invocation waits, however long that takes; sleepers of an hour are left asleep. */
  async settle(longestMilliseconds: number): Promise<void> {
    const until = this.now + longestMilliseconds;
    for (let count = 0; count < 20_000; count += 1) {
      if (this.#pending.every(({ at }) => at > until)) return;
      if (!(await this.#next(until))) return;
    }
  }

  /** A few turns, so that what comes next meets what is under way. */
  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) if (!(await this.#next(this.now + 5 * SECOND))) return;
  }

  async #next(until: number): Promise<boolean> {
    await drained();
    const effect = this.#choose();
    const timer = this.#earliestTimer();
    const at = Math.min(effect?.at ?? Infinity, timer?.at ?? Infinity);
    if (at > until) return false;
    this.now = Math.max(this.now, at);
    this.step += 1;
    if (timer !== undefined && timer.at <= this.now && timer.at <= (effect?.at ?? Infinity)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.run();
    } else if (effect !== undefined) {
      this.#pending.splice(this.#pending.indexOf(effect), 1);
      this.#carryOut(effect);
    }
    this.onStep();
    return true;
  }

  /** One of those whose time has come; else the next. */
  #choose(): PendingEffect | undefined {
    let next: PendingEffect | undefined;
    const ready: PendingEffect[] = [];
    for (let index = this.#pending.length - 1; index >= 0; index -= 1) {
      const effect = this.#pending[index];
      if (effect === undefined) continue;
      if (!effect.invocation.isAlive) this.#pending.splice(index, 1);
      else if (effect.at <= this.now) ready.push(effect);
      else if (next === undefined || effect.at < next.at) next = effect;
    }
    if (ready.length > 1) return this.random.pick(ready);
    return ready[0] ?? next;
  }

  #earliestTimer(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) if (earliest === undefined || timer.at < earliest.at) earliest = timer;
    return earliest;
  }

  #carryOut(effect: PendingEffect): void {
    const { invocation, service, words } = effect;
    if (this.now > invocation.deadline && !invocation.isSleepwalker) {
      this.tell(invocation.name, 'is ended: out of time');
      invocation.die();
      return;
    }
    const fate = service === 'time' ? this.#fateOfSleep() : this.#fate(effect);
    this.story.trace(this.now, invocation.number, FATE_NAMES.indexOf(fate));
    if (fate !== 'done' || service !== 'time') {
      this.tell(invocation.name, () => `${typeof words === 'string' ? words : words()}${FATES[fate]}`);
    }
    switch (fate) {
      case 'delayed':
        return this.#postpone(effect, this.random.between(1, 20) * SECOND);
      case 'asleep':
        invocation.isSleepwalker = true;
        return this.#postpone(effect, HOUR);
      case 'diesBefore':
        return invocation.die();
      case 'throttled':
        invocation.faults += 1;
        return effect.reject(new InjectedFault('throttled'));
      case 'conflict':
        invocation.faults += 1;
        return effect.reject(effect.conflict?.());
      case 'diesAfter':
      case 'lost':
      case 'repeated':
      case 'done':
        return this.#apply(effect, fate);
    }
  }

  #apply(effect: PendingEffect, fate: 'diesAfter' | 'lost' | 'repeated' | 'done'): void {
    const { invocation } = effect;
    if (effect.service !== 'time') this.now += this.random.between(1, 15);
    try {
      let value = effect.run();
      if (fate === 'repeated') value = effect.run();
      if (fate === 'diesAfter') return invocation.die();
      if (fate === 'lost') {
        invocation.faults += 1;
        return effect.reject(new InjectedFault('the answer was lost'));
      }
      // A sleepwalker may also fall asleep with the answer in hand.
      if (invocation.maySleepwalk && this.random.chance(this.rates.longSleep)) {
        this.tell(invocation.name, '… and sleeps for an hour with the answer in hand');
        invocation.isSleepwalker = true;
        this.wait({ ...effect, service: 'time', words: 'wakes', run: () => value, at: this.now + HOUR });
        return;
      }
      effect.resolve(value);
    } catch (error) {
      if (fate === 'diesAfter') invocation.die();
      else effect.reject(error);
    }
  }

  #postpone(effect: PendingEffect, milliseconds: number): void {
    effect.at = this.now + milliseconds;
    this.#pending.push(effect);
  }

  #fateOfSleep(): Fate {
    return this.random.chance(this.rates.crash) ? 'diesBefore' : 'done';
  }

  #fate({ invocation, service, isRepeatable, conflict }: PendingEffect): Fate {
    const { random, rates } = this;
    if (this.isCalm) return 'done';
    if (random.chance(rates.crash)) return random.chance(0.5) ? 'diesBefore' : 'diesAfter';
    if (random.chance(rates.throttle)) return 'throttled';
    if (random.chance(rates.lostAnswer)) return 'lost';
    if (isRepeatable && random.chance(rates.repeated)) return 'repeated';
    if (conflict !== undefined && random.chance(rates.conflict)) return 'conflict';
    if (invocation.maySleepwalk && service !== 'ec2' && random.chance(rates.longSleep)) return 'asleep';
    return random.chance(rates.delay) ? 'delayed' : 'done';
  }
}

export type End<T> =
  | { readonly how: 'answered'; readonly value: T }
  | { readonly how: 'failed'; readonly error: unknown }
  | { readonly how: 'died' };

type Fate = keyof typeof FATES;

const FATES = {
  done: '',
  delayed: ' … takes its time',
  asleep: ' … not before an hour of sleep',
  diesBefore: ' … dies before it',
  diesAfter: ' … is done, and the invocation dies',
  throttled: ' … throttled',
  lost: ' … is done, and the answer is lost',
  repeated: ' … is done, the answer is lost, and it is sent again',
  conflict: ' … meets another transaction',
} as const;
const FATE_NAMES = Object.keys(FATES) as Fate[];

/** When everything that can go on without an effect has. */
const drained = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
