import { randomFillSync } from 'node:crypto';
import type { RandomOctets } from '../ports/random.ts';

/** Octets from the operating system's cryptographic source. */
export const systemRandom: RandomOctets = (count) => randomFillSync(new Uint8Array(count));
