import { invalidValue } from './ec2-error.ts';

const CRL_PEM = /^-----BEGIN X509 CRL-----\s+([A-Za-z0-9+/=\s]+)-----END X509 CRL-----\s*/;
/** AWS's quota; not adjustable. */
export const MAX_ENTRIES = 20_000;

const INTEGER = 0x02;
const SEQUENCE = 0x30;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/**
 * Refuses what is no list at all, or too long a one. Nothing else is checked: whether AWS looks at issuer,
 * signature or dates is documented nowhere, so a foreign, expired or badly signed list gets in here.
 *
 * @throws Ec2Error InvalidParameterValue
 */
export function checkCertificateList(crlPem: string): void {
  let rest = crlPem.trimStart();
  let entries = 0;
  do {
    const found = CRL_PEM.exec(rest);
    if (!found) throw invalidValue('The certificate revocation list is not in PEM format');
    entries += countEntries(Buffer.from(found[1] ?? '', 'base64'));
    rest = rest.slice(found[0].length);
  } while (rest !== '');
  if (entries > MAX_ENTRIES) {
    throw invalidValue(`The certificate revocation list has ${entries} entries; the limit is ${MAX_ENTRIES}`);
  }
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** What follows it. */
  readonly rest: Buffer;
}

/** The `revokedCertificates` of a CertificateList, RFC 5280 section 5.1, counted without building anything. */
function countEntries(crlDer: Buffer): number {
  const list = read(crlDer, SEQUENCE);
  let rest = read(list.content, SEQUENCE).content;
  if (rest[0] === INTEGER) rest = read(rest, INTEGER).rest;
  rest = read(rest, SEQUENCE).rest; // signature
  rest = read(rest, SEQUENCE).rest; // issuer
  rest = read(rest, UTC_TIME, GENERALIZED_TIME).rest; // thisUpdate
  if (rest[0] === UTC_TIME || rest[0] === GENERALIZED_TIME) rest = read(rest).rest; // nextUpdate
  if (rest[0] !== SEQUENCE) return 0;
  let entries = 0;
  for (let revoked = read(rest, SEQUENCE).content; revoked.length > 0; entries += 1) {
    revoked = read(revoked, SEQUENCE).rest;
  }
  return entries;
}

/** One DER element with a definite length, X.690 section 8.1. */
function read(der: Buffer, ...tags: readonly number[]): Element {
  const tag = der[0];
  let length = der[1];
  if (tag === undefined || length === undefined || (tags.length > 0 && !tags.includes(tag)))
    throw malformed();
  let start = 2;
  if (length > 0x7f) {
    const octets = length & 0x7f;
    if (octets === 0 || octets > 4 || der.length < 2 + octets) throw malformed();
    length = der.readUIntBE(2, octets);
    start += octets;
  }
  if (start + length > der.length) throw malformed();
  return { tag, content: der.subarray(start, start + length), rest: der.subarray(start + length) };
}

const malformed = (): Error => invalidValue('The certificate revocation list cannot be read');
