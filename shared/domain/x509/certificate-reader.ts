import type { EpochSeconds } from '../time.ts';
import { DerReader } from './der-reader.ts';

/** What a certificate says, read from its octets by code that did not write them. */
export interface CertificateFacts {
  /** 3 for what is written as 2. */
  readonly version: number;
  /** The content of the INTEGER: two's complement, hex. */
  readonly serialNumberHex: string;
  readonly signatureAlgorithmDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly notBefore: EpochSeconds;
  readonly notAfter: EpochSeconds;
  readonly subjectDer: Uint8Array;
  readonly subject: readonly SubjectAttribute[];
  readonly subjectPublicKeyInfoDer: Uint8Array;
  /** In order. */
  readonly extensions: readonly CertificateExtension[];
  readonly subjectKeyIdentifierHex?: string;
  readonly authorityKeyIdentifierHex?: string;
  /** The numbers of the bits that are set, RFC 5280 section 4.2.1.3. */
  readonly keyUsageBits?: readonly number[];
  readonly extKeyUsage?: readonly string[];
  readonly basicConstraints?: { readonly cA: boolean; readonly pathLenConstraint?: number };
  readonly subjectAltName?: readonly { readonly tag: number; readonly text: string }[];
}

export interface SubjectAttribute {
  readonly type: string;
  readonly tag: number;
  readonly text: string;
}

export interface CertificateExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly valueDer: Uint8Array;
}

const [SET, OCTET_STRING, BIT_STRING, EXPLICIT_0, EXPLICIT_3] = [0x31, 0x04, 0x03, 0xa0, 0xa3];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a DER TBSCertificate (RFC 5280 section 4.1).
 *
 * @throws DerError where it is not DER or not of that form
 */
export function readTbsCertificate(tbsCertificateDer: Uint8Array): CertificateFacts {
  const reader = new DerReader(tbsCertificateDer);
  const end = reader.openSequence(tbsCertificateDer.length);
  let version = 1;
  if (reader.peek(end) === EXPLICIT_0) {
    const versionEnd = reader.openAny(end);
    version = reader.smallInteger(versionEnd) + 1;
    reader.close(versionEnd);
  }
  const serialNumberHex = reader.integerHex(end);
  const signatureAlgorithmDer = reader.element(end);
  const issuerDer = reader.element(end);
  const validityEnd = reader.openSequence(end);
  const notBefore = reader.time(validityEnd);
  const notAfter = reader.time(validityEnd);
  reader.close(validityEnd);
  const subjectDer = reader.element(end);
  const subjectPublicKeyInfoDer = reader.element(end);
  const extensions = reader.peek(end) === EXPLICIT_3 ? readExtensions(reader, end) : [];
  reader.close(end);
  reader.close(tbsCertificateDer.length);
  return {
    version,
    serialNumberHex,
    signatureAlgorithmDer,
    issuerDer,
    notBefore,
    notAfter,
    subjectDer,
    subject: readName(subjectDer),
    subjectPublicKeyInfoDer,
    extensions,
    ...readKnownExtensions(extensions),
  };
}

/**
 * Reads a DER Certificate (RFC 5280 section 4.1).
 *
 * @throws DerError
 */
export function readCertificate(certificateDer: Uint8Array): {
  readonly facts: CertificateFacts;
  readonly tbsCertificateDer: Uint8Array;
  readonly signatureAlgorithmDer: Uint8Array;
  readonly signature: Uint8Array;
} {
  const reader = new DerReader(certificateDer);
  const end = reader.openSequence(certificateDer.length);
  const tbsCertificateDer = reader.element(end);
  const signatureAlgorithmDer = reader.element(end);
  const signature = reader.bitString(end);
  reader.close(end);
  reader.close(certificateDer.length);
  return {
    facts: readTbsCertificate(tbsCertificateDer),
    tbsCertificateDer,
    signatureAlgorithmDer,
    signature,
  };
}

function readName(nameDer: Uint8Array): SubjectAttribute[] {
  const reader = new DerReader(nameDer);
  const end = reader.openSequence(nameDer.length);
  const attributes: SubjectAttribute[] = [];
  while (reader.position < end) {
    const setEnd = reader.open(SET, end);
    while (reader.position < setEnd) {
      const attributeEnd = reader.openSequence(setEnd);
      const type = reader.objectIdentifier(attributeEnd);
      const tag = reader.peek(attributeEnd) ?? 0;
      const textEnd = reader.openAny(attributeEnd);
      const text = utf8.decode(reader.octets.subarray(reader.position, textEnd));
      reader.position = textEnd;
      reader.close(attributeEnd);
      attributes.push({ type, tag, text });
    }
  }
  return attributes;
}

/** Reads Extensions behind their explicit tag; a list's have the same form (RFC 5280 sections 4.1 and 5.1). */
export function readExtensions(reader: DerReader, limit: number): CertificateExtension[] {
  const explicitEnd = reader.openAny(limit);
  const end = reader.openSequence(explicitEnd);
  if (end !== explicitEnd) throw new Error('something follows the extensions');
  const extensions: CertificateExtension[] = [];
  while (reader.position < end) {
    const extensionEnd = reader.openSequence(end);
    const oid = reader.objectIdentifier(extensionEnd);
    const critical = reader.optionalTrue(extensionEnd);
    const valueDer = reader.content(OCTET_STRING, extensionEnd);
    reader.close(extensionEnd);
    extensions.push({ oid, critical, valueDer });
  }
  return extensions;
}

type KnownExtensions = Pick<
  CertificateFacts,
  | 'subjectKeyIdentifierHex'
  | 'authorityKeyIdentifierHex'
  | 'keyUsageBits'
  | 'extKeyUsage'
  | 'basicConstraints'
  | 'subjectAltName'
>;

const hexFrom = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

/** Whoever reads an extension must read all of it. */
function readWhole<T>(valueDer: Uint8Array, read: (reader: DerReader, end: number) => T): T {
  const reader = new DerReader(valueDer);
  const value = read(reader, valueDer.length);
  reader.close(valueDer.length);
  return value;
}

const EXTENSION_READERS: Readonly<Record<string, (valueDer: Uint8Array) => KnownExtensions>> = {
  '2.5.29.14': (valueDer) => ({
    subjectKeyIdentifierHex: readWhole(valueDer, (reader, end) => hexFrom(reader.content(OCTET_STRING, end))),
  }),
  '2.5.29.35': (valueDer) => ({ authorityKeyIdentifierHex: readAuthorityKeyIdentifier(valueDer) }),
  '2.5.29.15': (valueDer) => ({ keyUsageBits: readWhole(valueDer, readNamedBits) }),
  '2.5.29.37': (valueDer) => ({
    extKeyUsage: readWhole(valueDer, (reader, limit) => {
      const end = reader.openSequence(limit);
      const purposes: string[] = [];
      while (reader.position < end) purposes.push(reader.objectIdentifier(end));
      return purposes;
    }),
  }),
  '2.5.29.19': (valueDer) => ({
    basicConstraints: readWhole(valueDer, (reader, limit) => {
      const end = reader.openSequence(limit);
      const cA = reader.optionalTrue(end);
      const isLimited = reader.position < end;
      const constraints = isLimited ? { cA, pathLenConstraint: reader.smallInteger(end) } : { cA };
      reader.close(end);
      return constraints;
    }),
  }),
  '2.5.29.17': (valueDer) => ({
    subjectAltName: readWhole(valueDer, (reader, limit) => {
      const end = reader.openSequence(limit);
      const names: { tag: number; text: string }[] = [];
      while (reader.position < end) {
        const tag = (reader.peek(end) ?? 0) & 0x1f;
        const nameEnd = reader.openAny(end);
        names.push({
          tag,
          text: Buffer.from(reader.octets.subarray(reader.position, nameEnd)).toString('latin1'),
        });
        reader.position = nameEnd;
      }
      return names;
    }),
  }),
};

function readKnownExtensions(extensions: readonly CertificateExtension[]): KnownExtensions {
  let known: KnownExtensions = {};
  for (const { oid, valueDer } of extensions) known = { ...known, ...EXTENSION_READERS[oid]?.(valueDer) };
  return known;
}

/** The key identifier alone; issuer and serial number beside it are refused (RFC 5280 section 4.2.1.1). */
export const readAuthorityKeyIdentifier = (valueDer: Uint8Array): string =>
  readWhole(valueDer, (reader, limit) => {
    const end = reader.openSequence(limit);
    const keyIdentifier = reader.content(0x80, end);
    reader.close(end);
    return hexFrom(keyIdentifier);
  });

function readNamedBits(reader: DerReader, limit: number): number[] {
  const [unusedBits = 8, ...octets] = reader.content(BIT_STRING, limit);
  const bits: number[] = [];
  for (const [index, octet] of octets.entries()) {
    for (let bit = 0; bit < 8; bit += 1) if ((octet & (0x80 >> bit)) !== 0) bits.push(index * 8 + bit);
  }
  const isTight = octets.length > 0 && unusedBits < 8 && bits.at(-1) === octets.length * 8 - unusedBits - 1;
  if (!isTight) throw new Error('a named bit list ends at its last set bit');
  return bits;
}
