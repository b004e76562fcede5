import { base32From } from './base32.ts';
import type { EpochMilliseconds } from './time.ts';

const RANDOM_OCTETS = 10;

/** Octets of randomness that `datedIdFrom` takes. */
export const DATED_ID_RANDOM_OCTETS = RANDOM_OCTETS;

/**
 * An identifier that sorts by time: 48 bits of milliseconds, then 80 random bits, in lower-case base32.
 * Records of auditable events carry it, and are kept by the month it tells.
 */
export function datedIdFrom(at: EpochMilliseconds, random: Uint8Array): string {
  if (random.length !== RANDOM_OCTETS) throw new Error('a dated id needs exactly 10 random octets');
  const octets = Buffer.alloc(16);
  octets.writeUIntBE(at, 0, 6);
  octets.set(random, 6);
  return base32From(octets).toLowerCase();
}

/** The UTC month of an identifier as `YYYY-MM`, or undefined if it is none. */
export function monthOfDatedId(id: string): string | undefined {
  if (!/^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(id)) return undefined;
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  let bits = 0n;
  for (const letter of id.slice(0, 10)) bits = (bits << 5n) | BigInt(alphabet.indexOf(letter));
  const at = new Date(Number(bits >> 2n));
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 7);
}
