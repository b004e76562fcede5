import { createPrivateKey, generatePrimeSync, type KeyObject } from 'node:crypto';

const PUBLIC_EXPONENT = 65_537n;
const primes: bigint[] = primesOfThisRun();
let pairs = 0;

/**
 * An RSA-2048 key that this test file has not had yet. Every two of a few primes make another key, which no one but a
 * test may do: whoever has two such keys knows both.
 */
export const newRsaKey = (): KeyObject => privateKeyFrom(...nextPrimes());

/** Those that test/primes.ts found for all test files; outside jest there are none. */
function primesOfThisRun(): bigint[] {
  const found = process.env['TEST_PRIMES'];
  return found === undefined ? [] : found.split(',').map((hex) => BigInt(`0x${hex}`));
}

/** @returns a prime of 1024 bits that goes with the public exponent */
export function newPrime(): bigint {
  for (;;) {
    // OpenSSL sets the two highest bits, so that the product of two has 2048.
    const prime = generatePrimeSync(1024, { bigint: true });
    if (prime % PUBLIC_EXPONENT !== 1n) return prime;
  }
}

/** The next two primes that did not meet yet: 0 1, 0 2, 1 2, 0 3, … */
function nextPrimes(): [bigint, bigint] {
  let larger = 1;
  let index = pairs;
  while (index >= larger) {
    index -= larger;
    larger += 1;
  }
  pairs += 1;
  return [primeAt(index), primeAt(larger)];
}

function primeAt(index: number): bigint {
  while (primes.length <= index) primes.push(newPrime());
  return primes[index] ?? 0n;
}

/** RFC 8017 section 3.2, by way of a JWK (RFC 7518 section 6.3). */
function privateKeyFrom(p: bigint, q: bigint): KeyObject {
  const d = inverseOf(PUBLIC_EXPONENT, (p - 1n) * (q - 1n));
  const numbers = {
    n: p * q,
    e: PUBLIC_EXPONENT,
    d,
    p,
    q,
    dp: d % (p - 1n),
    dq: d % (q - 1n),
    qi: inverseOf(q, p),
  };
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64UrlOf(value)]));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
}

function base64UrlOf(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

/** The inverse modulo `modulus`, by Euclid's extended algorithm. */
function inverseOf(value: bigint, modulus: bigint): bigint {
  let [rest, next] = [modulus, value % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return ((factor % modulus) + modulus) % modulus;
}
