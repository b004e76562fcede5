import type { SerialNumber } from '../certificate-id.ts';
import type { RevokedCertificate } from '../crl-facts.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../revocation-reason.ts';
import type { EpochSeconds } from '../time.ts';
import {
  readAuthorityKeyIdentifier,
  readExtensions,
  type CertificateExtension,
} from './certificate-reader.ts';
import { DerReader } from './der-reader.ts';

/** What the envelope of a list says; of its entries only where they are. */
export interface CertListFacts {
  /** 2 for what is written as 1; a list without a version is of version 1. */
  readonly version: number;
  readonly signatureAlgorithmDer: Uint8Array;
  readonly issuerNameDer: Uint8Array;
  readonly thisUpdate: EpochSeconds;
  readonly nextUpdate?: EpochSeconds;
  /** The content of `revokedCertificates`, undefined where it is absent. */
  readonly entriesDer?: Uint8Array;
  readonly extensions: readonly CertificateExtension[];
  readonly authorityKeyIdentifierHex?: string;
  readonly crlNumber?: number;
}

/** A list as it was read, with what its signature covers. */
export interface ReadCrl extends CertListFacts {
  /** By serial number, 20 digits of hex or more. */
  readonly entries: ReadonlyMap<SerialNumber, RevokedCertificate>;
  /** Those that are on the list more than once. */
  readonly repeatedSerialNumbers: readonly SerialNumber[];
  readonly tbsCertListDer: Uint8Array;
  /** The algorithm outside the signed part. */
  readonly outerSignatureAlgorithmDer: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * One entry while a list is walked: where its serial number stands, and its reason as written.
 *
 * @param reasonCode undefined where the extension is absent
 */
export type EntryVisitor = (
  serialNumberStart: number,
  serialNumberEnd: number,
  revocationDate: EpochSeconds,
  reasonCode: number | undefined,
) => void;

const [INTEGER, ENUMERATED, OCTET_STRING, EXPLICIT_0] = [0x02, 0x0a, 0x04, 0xa0];
const [CRL_NUMBER, AUTHORITY_KEY_IDENTIFIER] = ['2.5.29.20', '2.5.29.35'];
/** 2.5.29.21 as it is written, so that no text is made of it 20,000 times. */
const REASON_CODE_OCTETS = Uint8Array.of(0x55, 0x1d, 0x15);
const SERIAL_NUMBER_DIGITS = 20;

const REASON_OF_CODE = new Map<number, RevocationReason>(
  (Object.keys(REVOCATION_REASONS) as RevocationReason[]).map((reason) => [
    REVOCATION_REASONS[reason].reasonCode,
    reason,
  ]),
);

/**
 * Reads the envelope of a DER TBSCertList (RFC 5280 section 5.1), skipping its entries.
 *
 * @throws DerError where it is not DER or not of that form
 */
export function readTbsCertList(tbsCertListDer: Uint8Array): CertListFacts {
  const reader = new DerReader(tbsCertListDer);
  const end = reader.openSequence(tbsCertListDer.length);
  const version = reader.peek(end) === INTEGER ? reader.smallInteger(end) + 1 : 1;
  const signatureAlgorithmDer = reader.element(end);
  const issuerNameDer = reader.element(end);
  const thisUpdate = reader.time(end);
  const nextTag = reader.peek(end);
  const nextUpdate = nextTag === 0x17 || nextTag === 0x18 ? reader.time(end) : undefined;
  const entriesDer = reader.peek(end) === 0x30 ? reader.content(0x30, end) : undefined;
  const extensions = reader.peek(end) === EXPLICIT_0 ? readExtensions(reader, end) : [];
  reader.close(end);
  reader.close(tbsCertListDer.length);
  return {
    version,
    signatureAlgorithmDer,
    issuerNameDer,
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    ...(entriesDer === undefined ? {} : { entriesDer }),
    extensions,
    ...readListExtensions(extensions),
  };
}

function readListExtensions(
  extensions: readonly CertificateExtension[],
): Pick<CertListFacts, 'crlNumber' | 'authorityKeyIdentifierHex'> {
  const crlNumberDer = extensions.find(({ oid }) => oid === CRL_NUMBER)?.valueDer;
  const authorityDer = extensions.find(({ oid }) => oid === AUTHORITY_KEY_IDENTIFIER)?.valueDer;
  return {
    ...(crlNumberDer === undefined ? {} : { crlNumber: readWholeInteger(crlNumberDer) }),
    ...(authorityDer === undefined
      ? {}
      : { authorityKeyIdentifierHex: readAuthorityKeyIdentifier(authorityDer) }),
  };
}

function readWholeInteger(valueDer: Uint8Array, tag = INTEGER): number {
  const reader = new DerReader(valueDer);
  const value = reader.smallInteger(valueDer.length, tag);
  reader.close(valueDer.length);
  return value;
}

/**
 * Walks the entries of a list without making an object of any.
 *
 * @param entriesDer the content of `revokedCertificates`; the visitor's offsets are into it
 * @throws DerError
 */
export function walkEntries(entriesDer: Uint8Array, visit: EntryVisitor): void {
  const reader = new DerReader(entriesDer);
  while (reader.position < entriesDer.length) {
    const end = reader.openSequence(entriesDer.length);
    const serialNumberEnd = reader.openInteger(end);
    const serialNumberStart = reader.position;
    reader.position = serialNumberEnd;
    const revocationDate = reader.time(end);
    const reasonCode = reader.position < end ? readReasonCode(reader, end) : undefined;
    visit(serialNumberStart, serialNumberEnd, revocationDate, reasonCode);
  }
}

/** Reads crlEntryExtensions (RFC 5280 section 5.3): others are passed over unless they are critical. */
function readReasonCode(reader: DerReader, entryEnd: number): number | undefined {
  const end = reader.openSequence(entryEnd);
  if (end !== entryEnd) throw new Error('an entry goes on behind its extensions');
  let reasonCode: number | undefined;
  while (reader.position < end) {
    const extensionEnd = reader.openSequence(end);
    const isReasonCode = reader.isObjectIdentifier(REASON_CODE_OCTETS, extensionEnd);
    const critical = reader.optionalTrue(extensionEnd);
    if (isReasonCode) {
      const valueEnd = reader.open(OCTET_STRING, extensionEnd);
      reasonCode = reader.smallInteger(valueEnd, ENUMERATED);
      reader.close(valueEnd);
    } else {
      if (critical) throw new Error('an entry has a critical extension that is not known');
      reader.content(OCTET_STRING, extensionEnd);
    }
    reader.close(extensionEnd);
  }
  return reasonCode;
}

/**
 * Reads a whole list, ours or another's, and holds it to DER. It does not judge it; `verifyCrl` does.
 *
 * It is made for 20,000 entries in some 10 ms, because every list is read before it is imported.
 *
 * @param crlDer DER CertificateList (RFC 5280 section 5.1)
 * @throws Error where it cannot be read
 */
export function readCrl(crlDer: Uint8Array): ReadCrl {
  const reader = new DerReader(crlDer);
  const end = reader.openSequence(crlDer.length);
  const tbsCertListDer = reader.element(end);
  const outerSignatureAlgorithmDer = reader.element(end);
  const signature = reader.bitString(end);
  reader.close(end);
  reader.close(crlDer.length);
  const facts = readTbsCertList(tbsCertListDer);
  const entries = readEntries(facts.entriesDer ?? new Uint8Array());
  return { ...facts, ...entries, tbsCertListDer, outerSignatureAlgorithmDer, signature };
}

function readEntries(entriesDer: Uint8Array): Pick<ReadCrl, 'entries' | 'repeatedSerialNumbers'> {
  const octets = Buffer.from(entriesDer.buffer, entriesDer.byteOffset, entriesDer.byteLength);
  const entries = new Map<SerialNumber, RevokedCertificate>();
  const repeatedSerialNumbers: SerialNumber[] = [];
  walkEntries(entriesDer, (start, end, revocationDate, reasonCode) => {
    const reason = REASON_OF_CODE.get(reasonCode ?? 0);
    if (reason === undefined) throw new Error(`an entry has the unassigned reason code ${reasonCode}`);
    if ((octets[start] ?? 0) >= 0x80) throw new Error('an entry has a negative serial number');
    const shortest = end - start > 1 && octets[start] === 0 ? start + 1 : start;
    const hex = octets.toString('hex', shortest, end).padStart(SERIAL_NUMBER_DIGITS, '0');
    const serialNumber = hex as SerialNumber;
    if (entries.has(serialNumber)) repeatedSerialNumbers.push(serialNumber);
    entries.set(serialNumber, { serialNumber, revocationDate, reason });
  });
  return { entries, repeatedSerialNumbers };
}
