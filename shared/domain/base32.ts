const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Crockford's base32, upper case, most significant bit first, zero bits appended to fill the last letter. */
export function base32From(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      text += ALPHABET[(value >>> (bits - 5)) & 31];
      bits -= 5;
      value &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

/**
 * The octets behind Crockford base32 in its canonical upper case, or undefined if a letter is not of it.
 * Its look-alikes (I, L, O, u) are refused: an identifier has one spelling.
 */
export function octetsFromBase32(text: string): Uint8Array | undefined {
  const octets: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    const index = ALPHABET.indexOf(letter);
    if (index < 0) return undefined;
    value = (value << 5) | index;
    bits += 5;
    if (bits >= 8) {
      octets.push((value >>> (bits - 8)) & 255);
      bits -= 8;
      value &= (1 << bits) - 1;
    }
  }
  return value === 0 ? Uint8Array.from(octets) : undefined;
}
