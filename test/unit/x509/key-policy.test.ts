import { KEY_RULES, keyFaultOf, powersOf65537, ROCA_PRIMES } from '../../../shared/domain/x509/key-policy.ts';
import { readRsaPublicKey, subjectPublicKeyOf } from '../../../shared/domain/x509/rsa-public-key.ts';
import { testKey } from './fixtures.ts';

const numberFrom = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`);

function goodKey(name = 'leaf'): { modulus: bigint; publicExponent: bigint } {
  const { modulus } = readRsaPublicKey(subjectPublicKeyOf(testKey(name).subjectPublicKeyInfoDer));
  return { modulus: numberFrom(modulus), publicExponent: 65_537n };
}

/** The published residues of the ROCA test, one bit per residue, for the primes from 3 to 97. */
const PUBLISHED_PRINTS = [
  6n,
  30n,
  126n,
  1026n,
  5658n,
  107286n,
  199410n,
  8388606n,
  536870910n,
  2147483646n,
  67109890n,
  2199023255550n,
  8796093022206n,
  140737488355326n,
  5310023542746834n,
  576460752303423486n,
  1455791217086302986n,
  147573952589676412926n,
  20052041432995567486n,
  6041388139249378920330n,
  207530445072488465666n,
  9671406556917033397649406n,
  618970019642690137449562110n,
  79228162521181866724264247298n,
];

const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n;
  for (
    let bits = exponent, square = base % modulus;
    bits > 0n;
    bits >>= 1n, square = (square * square) % modulus
  ) {
    if (bits % 2n === 1n) result = (result * square) % modulus;
  }
  return result;
};

/** A modulus of 2048 bits that has the ROCA form and nothing else wrong. */
function rocaModulus(): bigint {
  const product = ROCA_PRIMES.reduce((all, prime) => all * BigInt(prime), 1n);
  const base = ((3n << 2046n) / product) * product + power(65_537n, 123_456_789n, product);
  for (let candidate = base; ; candidate += product) {
    if (
      KEY_RULES.every(
        ({ name, check }) =>
          name === 'notRoca' || check({ modulus: candidate, publicExponent: 65_537n }) === undefined,
      )
    ) {
      return candidate;
    }
  }
}

describe('the key policy', () => {
  it('takes ordinary keys', () => {
    for (const name of ['leaf', 'other', 'third']) expect(keyFaultOf(goodKey(name))).toBeUndefined();
  });

  const { modulus } = goodKey();
  const square = 1n << 1023n;
  it.each([
    ['modulusLength', { modulus: modulus >> 1n, publicExponent: 65_537n }],
    ['modulusLength', { modulus: modulus << 1n, publicExponent: 65_537n }],
    ['publicExponentRange', { modulus, publicExponent: 1n }],
    ['publicExponentRange', { modulus, publicExponent: 3n }],
    ['publicExponentRange', { modulus, publicExponent: 65_535n }],
    ['publicExponentRange', { modulus, publicExponent: (1n << 32n) + 1n }],
    ['publicExponentOdd', { modulus, publicExponent: 65_538n }],
    ['modulusWithoutSmallFactors', { modulus: modulus - 1n, publicExponent: 65_537n }],
    ['modulusWithoutSmallFactors', { modulus: modulus - (modulus % 751n), publicExponent: 65_537n }],
    ['notRoca', { modulus: rocaModulus(), publicExponent: 65_537n }],
    ['primesNotClose', { modulus: ((3n * square) / 2n + 1n) ** 2n, publicExponent: 65_537n }],
    [
      'primesNotClose',
      {
        modulus: ((3n * square) / 2n + 1n) * ((3n * square) / 2n + (1n << 515n) + 1n),
        publicExponent: 65_537n,
      },
    ],
  ])('has the rule %s, which refuses what breaks it', (name, key) => {
    expect(KEY_RULES.find((rule) => rule.name === name)?.check(key)).toEqual(expect.any(String));
  });

  it('takes the exponents at its bounds', () => {
    for (const publicExponent of [65_537n, (1n << 32n) - 1n]) {
      expect(keyFaultOf({ modulus, publicExponent })).toBeUndefined();
    }
  });

  it('knows the residues that were published for ROCA', () => {
    const prints = ROCA_PRIMES.map((prime) =>
      [...powersOf65537(prime)].reduce((bits, residue) => bits | (1n << BigInt(residue)), 0n),
    );
    expect(prints.slice(0, PUBLISHED_PRINTS.length)).toEqual(PUBLISHED_PRINTS);
    expect(prints).toHaveLength(38);
    expect(ROCA_PRIMES.at(-1)).toBe(167);
  });

  it('names a source for each rule', () => {
    expect(KEY_RULES.filter(({ source }) => source === '')).toEqual([]);
  });
});
