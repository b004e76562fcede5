import { newPrime } from './support/rsa-keys.ts';

/** A dozen make 66 keys. */
const PRIMES = 12;

/** Found once for all test files, which would spend a second in fourteen on RSA keys of their own. */
export default function findPrimes(): void {
  process.env['TEST_PRIMES'] = Array.from({ length: PRIMES }, () => newPrime().toString(16)).join(',');
}
