import { createPrivateKey, createPublicKey, generatePrimeSync, sign, type KeyObject } from 'node:crypto';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import { buildCertificationRequest } from '../../shared/domain/x509/request-builder.ts';

/** An employee's key and the request for a certificate for it. */
export interface ApiKey {
  readonly privateKey: KeyObject;
  readonly privateKeyPem: string;
  /** PEM CertificationRequest. */
  readonly csr: string;
}

const PUBLIC_EXPONENT = 65_537n;
const primes: bigint[] = [];
const keys = new Map<string, Promise<ApiKey>>();
let pairs = 0;

/**
 * An RSA-2048 key, made once per name and test file. Every two of a few primes make another key, which no one but a
 * test may do: whoever has two such keys knows both.
 */
export function apiKey(name: string): Promise<ApiKey> {
  const known = keys.get(name) ?? makeKey();
  keys.set(name, known);
  return known;
}

let made = 0;

/** A key that nobody else has. */
export const newKey = (): Promise<ApiKey> => apiKey(`key ${(made += 1)}`);

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
  while (primes.length <= index) {
    // OpenSSL sets the two highest bits, so that the product has 2048.
    const prime = generatePrimeSync(1024, { bigint: true });
    if (prime % PUBLIC_EXPONENT !== 1n) primes.push(prime);
  }
  return primes[index] ?? 0n;
}

async function makeKey(): Promise<ApiKey> {
  const privateKey = privateKeyFrom(...nextPrimes());
  const subjectPublicKeyInfoDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const der = await buildCertificationRequest({
    subjectPublicKeyInfoDer: new Uint8Array(subjectPublicKeyInfoDer),
    sign: (info) => new Uint8Array(sign('sha256', info, privateKey)),
  });
  return {
    privateKey,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    csr: pemFrom('CERTIFICATE REQUEST', der),
  };
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
