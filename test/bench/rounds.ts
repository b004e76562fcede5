/** What one round saw of each side, by name. */
export type Sample = Readonly<Record<string, number>>;

/** The middle of an odd number of values, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('the median of nothing');
  return (low + high) / 2;
}

/** The value below which such a part of the values lies. @param part 0 to 1 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  if (found === undefined) throw new Error('a quantile of nothing');
  return found;
}

export interface Rounds {
  /** The median of one side. */
  of(name: string): number;
  /** The median of each round's own ratio: a machine that slows down slows both sides of a round. */
  ratio(name: string, peer: string): number;
}

export function roundsOf(samples: readonly Sample[]): Rounds {
  const seen = (sample: Sample, name: string): number => {
    const value = sample[name];
    if (value === undefined) throw new Error(`nobody measured ${name}`);
    return value;
  };
  return {
    of: (name) => median(samples.map((sample) => seen(sample, name))),
    ratio: (name, peer) => median(samples.map((sample) => seen(sample, name) / seen(sample, peer))),
  };
}

type Sides<Name extends string> = Readonly<Record<Name, () => Promise<number>>>;

/**
 * Measures all sides once in each round, every other round backwards, so that what comes and goes on the machine
 * meets all of them alike.
 */
export async function interleave<Name extends string>(
  count: number,
  sides: Sides<Name>,
  onRound?: (round: number) => void,
): Promise<Rounds> {
  const samples: Sample[] = [];
  const names = Object.keys(sides) as Name[];
  for (let round = 0; round < count; round += 1) {
    onRound?.(round + 1);
    const sample: Record<string, number> = {};
    for (const name of round % 2 === 0 ? names : names.toReversed()) sample[name] = await sides[name]();
    samples.push(sample);
  }
  return roundsOf(samples);
}
