import type { SeededRandom } from './seeded-random.ts';

/** How often what goes wrong, for one run. A run has only some of them, so that one does not hide the others. */
export interface FaultRates {
  /** The whole invocation dies before or after an effect. */
  readonly crash: number;
  /** A service refuses for want of capacity; the effect does not happen. */
  readonly throttle: number;
  /** The effect happens and the caller sees an error. */
  readonly lostAnswer: number;
  /** The effect happens, the answer is lost, and the SDK sends the same again. */
  readonly repeated: number;
  /** A DynamoDB transaction meets another one. */
  readonly conflict: number;
  /** An effect waits for seconds. */
  readonly delay: number;
  /** A publisher sleeps for an hour and then goes on as if nothing had been. */
  readonly longSleep: number;
  /** A message is lost, delivered twice, or late. */
  readonly queue: number;
  /** An endpoint answers with what was. */
  readonly staleAnswer: number;
  /** An import takes hours, is shown and not enforced, or is swallowed. */
  readonly oddImport: number;
  /** A connection that was terminated stays up for a while, or fails to end. */
  readonly slowTermination: number;
  /** Clocks of hosts differ, and jump. */
  readonly clockSkew: number;
}

const HIGHEST = {
  crash: 0.03,
  throttle: 0.03,
  lostAnswer: 0.03,
  repeated: 0.05,
  conflict: 0.05,
  delay: 0.1,
  longSleep: 0.03,
  queue: 0.4,
  staleAnswer: 0.3,
  oddImport: 0.6,
  slowTermination: 0.5,
  clockSkew: 1,
} satisfies FaultRates;

/** The faults of one run: each is off, rare or frequent. */
export const faultRatesFrom = (random: SeededRandom): FaultRates => scaled(() => random.pick([0, 0, 0.3, 1]));

export const NO_FAULTS = scaled(() => 0);

function scaled(factor: () => number): FaultRates {
  const rates = { ...HIGHEST };
  for (const name of Object.keys(rates) as (keyof FaultRates)[]) rates[name] *= factor();
  return rates;
}
