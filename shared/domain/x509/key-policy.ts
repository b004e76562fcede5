/** A key as the rules see it. */
export interface RsaKeyNumbers {
  readonly modulus: bigint;
  readonly publicExponent: bigint;
}

/** One reason to refuse a public key. */
export interface KeyRule {
  readonly name: string;
  readonly source: string;
  /** @returns what is wrong with the key, for its owner to read, or undefined */
  readonly check: (key: RsaKeyNumbers) => string | undefined;
}

const MODULUS_BITS = 2048;
const MINIMUM_EXPONENT = 65_537n;
const EXPONENT_LIMIT = 1n << 32n;
const FERMAT_ROUNDS = 100;

/** The sieve of Eratosthenes: it runs in every cold start. */
function primesBelow(limit: number): number[] {
  const isComposite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let candidate = 2; candidate < limit; candidate += 1) {
    if (isComposite[candidate] === 1) continue;
    primes.push(candidate);
    for (let multiple = candidate * candidate; multiple < limit; multiple += candidate)
      isComposite[multiple] = 1;
  }
  return primes;
}

/** Primes whose product JavaScript's numbers hold exactly: one long division then serves several of them. */
function batchesOf(primes: readonly number[]): { product: bigint; primes: readonly number[] }[] {
  const batches: { product: number; primes: number[] }[] = [];
  for (const prime of primes) {
    const last = batches.at(-1);
    if (last !== undefined && last.product * prime <= Number.MAX_SAFE_INTEGER) {
      last.product *= prime;
      last.primes.push(prime);
    } else {
      batches.push({ product: prime, primes: [prime] });
    }
  }
  return batches.map((batch) => ({ ...batch, product: BigInt(batch.product) }));
}

/** 752 is where the Baseline Requirements' trial division ends. */
const SMALL_PRIME_BATCHES = batchesOf(primesBelow(752));

function smallFactorOf(modulus: bigint): number | undefined {
  for (const { product, primes } of SMALL_PRIME_BATCHES) {
    const residue = Number(modulus % product);
    const factor = primes.find((prime) => residue % prime === 0);
    if (factor !== undefined) return factor;
  }
  return undefined;
}

/** The residues that powers of 65537 reach modulo a prime. */
export function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * (65_537 % prime)) % prime) powers.add(power);
  return powers;
}

/** The 38 primes of the published test. */
export const ROCA_PRIMES: readonly number[] = primesBelow(168).filter((prime) => prime > 2);
const ROCA_BATCHES = batchesOf(ROCA_PRIMES);
/** By prime, once somebody asked: a good key is told apart at one of the first. */
const ROCA_RESIDUES = new Map<number, ReadonlySet<number>>();

function isRocaResidue(residue: number, prime: number): boolean {
  const known = ROCA_RESIDUES.get(prime) ?? powersOf65537(prime);
  ROCA_RESIDUES.set(prime, known);
  return known.has(residue);
}

/**
 * Keys of Infineon's flawed library have primes of the form `k * M + (65537^a mod M)`, so that their modulus is a
 * power of 65537 modulo every small prime. Another key looks so with a chance of about 2^-28.
 */
const isRocaModulus = (modulus: bigint): boolean =>
  ROCA_BATCHES.every(({ product, primes }) => {
    const residue = Number(modulus % product);
    return primes.every((prime) => isRocaResidue(residue % prime, prime));
  });

/** How many bits a positive number has. */
function bitLengthOf(value: bigint): number {
  const hex = value.toString(16);
  return 4 * hex.length - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

/**
 * The integer square root, rounded down. Newton's method, each step of which doubles how many leading bits are known and
 * divides no more of the number than that takes: five whole divisions would be half of what a key's check costs.
 */
function squareRootOf(value: bigint): bigint {
  if (value === 0n) return 0n;
  const rootBits = (bitLengthOf(value) - 1) >> 1;
  let root = 1n;
  let known = 0;
  for (let halvings = 31 - Math.clz32(rootBits); halvings >= 0; halvings -= 1) {
    const before = known;
    known = rootBits >> halvings;
    const leading = value >> BigInt(2 * rootBits - before - known + 1);
    root = (root << BigInt(known - before - 1)) + leading / root;
  }
  return root * root > value ? root - 1n : root;
}

/** Moduli at which few residues are squares: nearly every other number is told apart without a root. */
const SQUARE_SIEVE = [256, 9 * 5 * 7 * 11, 13 * 17 * 19].map((modulus) => {
  const isSquare = new Uint8Array(modulus);
  // The other half squares to the same.
  for (let root = 0; root <= modulus / 2; root += 1) isSquare[(root * root) % modulus] = 1;
  return { modulus, isSquare };
});

/**
 * Fermat's method: finds `n = (a - b)(a + b)` at once when both primes lie near the square root. It steps residues of
 * `a` and `n` in ordinary numbers, and looks at the long `a * a - n` only where it can be a square.
 */
function isFermatFactorable(modulus: bigint): boolean {
  let first = squareRootOf(modulus);
  if (first * first < modulus) first += 1n;
  const sieve = SQUARE_SIEVE.map(({ modulus: sieveModulus, isSquare }) => ({
    sieveModulus,
    isSquare,
    first: Number(first % BigInt(sieveModulus)),
    residue: Number(modulus % BigInt(sieveModulus)),
  }));
  for (let round = 0; round < FERMAT_ROUNDS; round += 1) {
    const canBeSquare = sieve.every(({ sieveModulus, isSquare, first: firstResidue, residue }) => {
      const a = firstResidue + round;
      return isSquare[(a * a - residue + sieveModulus) % sieveModulus] === 1;
    });
    if (canBeSquare) {
      const a = first + BigInt(round);
      const bSquared = a * a - modulus;
      const b = squareRootOf(bSquared);
      if (b * b === bSquared) return true;
    }
  }
  return false;
}

/**
 * What a public key must be, in the order in which faults are told. That it is an RSA key at all is checked where
 * it is read.
 *
 * Debian's weak keys of 2008 (CVE-2008-0166) are not among the rules: they can only be known from lists of hundreds
 * of megabytes, and no OpenSSL since makes them.
 */
export const KEY_RULES: readonly KeyRule[] = [
  {
    name: 'modulusLength',
    source:
      'AWS Client VPN Administrator Guide, mutual authentication: RSA 1024 or 2048; NIST SP 800-131A: not 1024',
    check: ({ modulus }) => {
      const bits = modulus.toString(2).length;
      return bits === MODULUS_BITS
        ? undefined
        : `the key has ${bits} bits; AWS Client VPN takes RSA with 2048 bits`;
    },
  },
  {
    name: 'publicExponentRange',
    source:
      'CA/Browser Forum Baseline Requirements section 6.1.6: at least 65537; 32 bits is what all clients take',
    check: ({ publicExponent }) =>
      publicExponent >= MINIMUM_EXPONENT && publicExponent < EXPONENT_LIMIT
        ? undefined
        : 'the public exponent must be at least 65537 and below 4294967296',
  },
  {
    name: 'publicExponentOdd',
    source: 'CA/Browser Forum Baseline Requirements section 6.1.6',
    check: ({ publicExponent }) => (publicExponent % 2n === 1n ? undefined : 'the public exponent is even'),
  },
  {
    name: 'modulusWithoutSmallFactors',
    source: 'CA/Browser Forum Baseline Requirements section 6.1.6: odd, no factor below 752',
    check: ({ modulus }) => {
      const factor = smallFactorOf(modulus);
      return factor === undefined ? undefined : `the modulus is divisible by ${factor}`;
    },
  },
  {
    name: 'notRoca',
    source: 'CVE-2017-15361; Nemec et al., The Return of Coppersmith’s Attack, 2017',
    check: ({ modulus }) =>
      isRocaModulus(modulus)
        ? 'the key has the ROCA weakness (CVE-2017-15361) of some smart cards and TPMs; make it in software'
        : undefined,
  },
  {
    name: 'primesNotClose',
    source:
      'CVE-2022-26320; CA/Browser Forum Baseline Requirements section 6.1.1.3: 100 rounds of Fermat’s method',
    check: ({ modulus }) =>
      isFermatFactorable(modulus) ? 'the two primes of the key are too close to each other' : undefined,
  },
];

/** The first rule that a key breaks, in words for its owner, or undefined. */
export function keyFaultOf(key: RsaKeyNumbers): string | undefined {
  for (const { check } of KEY_RULES) {
    const fault = check(key);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
