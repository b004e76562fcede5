/**
 * The few DER encodings (ITU-T X.690) that are written without pkijs: the one encoding of a public key, by which keys
 * are told apart, what goes around signed octets, the names in a subjectAltName, certification requests, and
 * PKCS #12. The reader in `der-reader.ts` shares nothing with it.
 */

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** How many octets a length takes behind its first one, X.690 section 8.1.3: none below 128. */
function longLengthOctets(contentOctets: number): number {
  let octets = 0;
  if (contentOctets >= 0x80) for (let rest = contentOctets; rest > 0; rest >>>= 8) octets += 1;
  return octets;
}

/** @returns the offset behind it */
function writeHeader(target: Uint8Array, tag: number, contentOctets: number, lengthOctets: number): number {
  target[0] = tag;
  target[1] = lengthOctets === 0 ? contentOctets : 0x80 | lengthOctets;
  for (let index = 0; index < lengthOctets; index += 1) {
    target[2 + index] = contentOctets >>> (8 * (lengthOctets - 1 - index));
  }
  return 2 + lengthOctets;
}

/** Tag and length of an element whose content follows, so that much content is copied once. */
export function headerDer(tag: number, contentOctets: number): Uint8Array {
  const lengthOctets = longLengthOctets(contentOctets);
  const der = new Uint8Array(2 + lengthOctets);
  writeHeader(der, tag, contentOctets, lengthOctets);
  return der;
}

/** One element: tag, length in its shortest form (X.690 section 10.1), and the contents one after the other. */
export function elementDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let contentOctets = 0;
  for (const content of contents) contentOctets += content.length;
  const lengthOctets = longLengthOctets(contentOctets);
  const der = new Uint8Array(2 + lengthOctets + contentOctets);
  let offset = writeHeader(der, tag, contentOctets, lengthOctets);
  for (const content of contents) {
    der.set(content, offset);
    offset += content.length;
  }
  return der;
}

export const sequenceDer = (...elements: readonly Uint8Array[]): Uint8Array =>
  elementDer(TAG.sequence, ...elements);

export const NULL_DER = Uint8Array.of(TAG.null, 0);

/** A non-negative INTEGER of big-endian octets: without leading zeros, but never with the sign bit set. */
export function integerDer(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const shortest = magnitude.subarray(start);
  const isSignBitSet = (shortest[0] ?? 0) >= 0x80;
  return isSignBitSet || shortest.length === 0
    ? elementDer(TAG.integer, Uint8Array.of(0), shortest)
    : elementDer(TAG.integer, shortest);
}

/** @param value a non-negative whole number that JavaScript holds exactly */
export function smallIntegerDer(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is not a whole number`);
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(BigInt(value));
  return integerDer(octets);
}

/** A BIT STRING of whole octets. */
export const bitStringDer = (octets: Uint8Array): Uint8Array =>
  elementDer(TAG.bitString, Uint8Array.of(0), octets);

/** OBJECT IDENTIFIER, X.690 section 8.19. @param dotted for example `2.5.29.15` */
export function objectIdentifierDer(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const septets = [arc % 128];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) {
      septets.unshift((high % 128) | 0x80);
    }
    octets.push(...septets);
  }
  return elementDer(TAG.objectIdentifier, Uint8Array.from(octets));
}

/** `[tag]` in constructed form, as an EXPLICIT element has it. */
export const contextDer = (tag: number, ...elements: readonly Uint8Array[]): Uint8Array =>
  elementDer(0xa0 | tag, ...elements);
