/** The labels of RFC 7468, and the one that OpenSSL and AWS write for lists. */
export type PemLabel = 'CERTIFICATE' | 'X509 CRL' | 'PUBLIC KEY' | 'CERTIFICATE REQUEST';

/**
 * The textual encoding of RFC 7468: lines of 64 letters that end in LF, nothing before or after.
 *
 * @returns the text with a line end after its last line
 */
export function pemFrom(label: PemLabel, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  const lines = [`-----BEGIN ${label}-----`];
  for (let start = 0; start < base64.length; start += 64) lines.push(base64.slice(start, start + 64));
  lines.push(`-----END ${label}-----`, '');
  return lines.join('\n');
}

/** One block of a text: what stands behind BEGIN, and its base64 without white space. */
export interface PemBlock {
  readonly label: string;
  readonly base64: string;
}

/** Every whole block of a text, in order; text around them is passed over (RFC 7468 section 2). */
export function pemBlocksIn(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, label = '', body = ''] of text.matchAll(
    /-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----/g,
  )) {
    blocks.push({ label, base64: body.replaceAll(/[\s]/g, '') });
  }
  return blocks;
}

/** Strict base64 (RFC 4648 section 4, with padding, no stray bits), or undefined. */
export function octetsFromBase64(base64: string): Uint8Array | undefined {
  const octets = Buffer.from(base64, 'base64');
  return octets.length > 0 && octets.toString('base64') === base64 ? octets : undefined;
}

/**
 * The DER in a text that holds exactly one block, of this label.
 *
 * @throws Error where there is none, another one, or more than one: for texts that we or AWS wrote
 */
export function derFromPem(label: PemLabel, text: string): Uint8Array {
  const blocks = pemBlocksIn(text);
  const [block] = blocks;
  if (block === undefined || blocks.length !== 1 || block.label !== label) {
    throw new Error(`expected one PEM block "${label}", found ${blocks.length}`);
  }
  const der = octetsFromBase64(block.base64);
  if (der === undefined) throw new Error(`the PEM block "${label}" is not base64`);
  return der;
}
