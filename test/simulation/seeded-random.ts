/** Everything that a run leaves to chance comes from one of these, so that a seed tells the whole story. */
export class SeededRandom {
  #state: [number, number, number, number];

  /** @param seed a whole number; neighbours give unrelated sequences */
  constructor(seed: number) {
    this.#state = [0x9e3779b9 ^ seed, 0x243f6a88, 0xb7e15162 + seed, seed | 1];
    for (let round = 0; round < 20; round += 1) this.uint32();
  }

  /** The sfc32 generator of PractRand: 128 bits of state, one word out. */
  uint32(): number {
    const [a, b, c, counter] = this.#state;
    const word = (((a + b) | 0) + counter) | 0;
    this.#state = [
      b ^ (b >>> 9),
      (c + (c << 3)) | 0,
      (((c << 21) | (c >>> 11)) + word) | 0,
      (counter + 1) | 0,
    ];
    return word >>> 0;
  }

  /** From 0 to less than 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  pick<T>(all: readonly T[]): T {
    if (all.length === 0) throw new Error('nothing to pick from');
    return all[this.between(0, all.length - 1)] as T;
  }

  /** One of those named, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const names = Object.keys(weights) as Name[];
    let left = this.fraction() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return this.pick(names);
  }

  octets(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.uint32() >>> 24);
  }
}
