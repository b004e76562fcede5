import type { RevokedCertificate } from '../crl-facts.ts';
import { REVOCATION_REASONS } from '../revocation-reason.ts';
import type { EpochSeconds } from '../time.ts';
import type { CaFacts } from './ca-facts.ts';
import {
  contextDer,
  elementDer,
  objectIdentifierDer,
  octetStringDer,
  sequenceDer,
  smallIntegerDer,
  TAG,
} from './der-writer.ts';
import { authorityKeyIdentifierDer, crlNumberDer } from './extensions.ts';
import { REASON_CODE } from './object-identifiers.ts';
import { assembleSigned, SIGNATURE_ALGORITHM_DER } from './signed.ts';
import { MAXIMUM_TIME_OCTETS, timeDer, writeTime } from './x509-time.ts';

export { crlValidity } from './validity.ts';

export interface CertListRequest {
  readonly issuer: CaFacts;
  readonly crlNumber: number;
  readonly thisUpdate: EpochSeconds;
  readonly nextUpdate: EpochSeconds;
  /** In any order, each serial number once. */
  readonly revoked: readonly RevokedCertificate[];
}

/** Version 2 is written as 1 (RFC 5280 section 5.1.2.1). */
const VERSION_2_DER = smallIntegerDer(1);

/** crlEntryExtensions with one reasonCode, whose last octet is the code (RFC 5280 section 5.3.1). */
const REASON_EXTENSION_DER = sequenceDer(
  sequenceDer(objectIdentifierDer(REASON_CODE), octetStringDer(elementDer(TAG.enumerated, Uint8Array.of(0)))),
);

const SERIAL_NUMBER_DIGITS = 20;

/** Tag and length, a sign octet, 10 octets of serial number, a time, the reason: below 128, so lengths are one octet. */
const MAXIMUM_ENTRY_OCTETS = 2 + 3 + 10 + MAXIMUM_TIME_OCTETS + REASON_EXTENSION_DER.length;

/** The value of a lower-case hex digit by its character code; far below zero for anything else. */
const HEX_DIGITS = new Int16Array(128).fill(-1000);
for (const [value, digit] of [...'0123456789abcdef'].entries()) HEX_DIGITS[digit.charCodeAt(0)] = value;

const hexDigit = (text: string, index: number): number => HEX_DIGITS[text.charCodeAt(index)] ?? -1000;

/** Writes the shortest positive INTEGER of a serial number. @returns the offset behind it */
function writeSerialNumber(target: Uint8Array, offset: number, serialNumberHex: string): number {
  if (serialNumberHex.length !== SERIAL_NUMBER_DIGITS) throw new Error('not a serial number');
  let end = offset + 2;
  for (let digit = 0; digit < SERIAL_NUMBER_DIGITS; digit += 2) {
    const octet = 16 * hexDigit(serialNumberHex, digit) + hexDigit(serialNumberHex, digit + 1);
    if (octet < 0) throw new Error('not a serial number');
    const isFirst = end === offset + 2;
    const isLast = digit === SERIAL_NUMBER_DIGITS - 2;
    if (isFirst && octet === 0 && !isLast) continue;
    if (isFirst && octet >= 0x80) target[end++] = 0;
    target[end++] = octet;
  }
  target[offset] = TAG.integer;
  target[offset + 1] = end - offset - 2;
  return end;
}

/** Writes one entry of revokedCertificates (RFC 5280 section 5.1). @returns the offset behind it */
function writeEntry(target: Uint8Array, offset: number, revoked: RevokedCertificate): number {
  let end = writeSerialNumber(target, offset + 2, revoked.serialNumber);
  end = writeTime(target, end, revoked.revocationDate);
  const { reasonCode } = REVOCATION_REASONS[revoked.reason];
  // "unspecified" is said by saying nothing: RFC 5280 section 5.3.1.
  if (reasonCode !== 0) {
    // A loop: `set` costs more than it saves for so few octets.
    for (let index = 0; index < REASON_EXTENSION_DER.length; index += 1, end += 1) {
      target[end] = REASON_EXTENSION_DER[index] ?? 0;
    }
    target[end - 1] = reasonCode;
  }
  target[offset] = TAG.sequence;
  target[offset + 1] = end - offset - 2;
  return end;
}

/**
 * Serial numbers are hex of one length, so that text order is the order of the numbers. They are random, so that each
 * bucket of those that begin alike has a few, and this takes half the time of one long sort.
 */
function bySerialNumber(revoked: readonly RevokedCertificate[]): RevokedCertificate[] {
  const buckets: RevokedCertificate[][] = Array.from({ length: 4096 }, () => []);
  for (const entry of revoked) {
    const { serialNumber } = entry;
    const prefix =
      256 * hexDigit(serialNumber, 0) + 16 * hexDigit(serialNumber, 1) + hexDigit(serialNumber, 2);
    const bucket = buckets[prefix];
    if (bucket === undefined) throw new Error('not a serial number');
    bucket.push(entry);
  }
  const sorted: RevokedCertificate[] = [];
  for (const bucket of buckets) {
    bucket.sort((a, b) => (a.serialNumber < b.serialNumber ? -1 : 1));
    for (const entry of bucket) sorted.push(entry);
  }
  return sorted;
}

/** All entries in one pass into one buffer; an object per entry costs a hundred times as much. */
function entriesDer(revoked: readonly RevokedCertificate[]): Uint8Array {
  const target = new Uint8Array(revoked.length * MAXIMUM_ENTRY_OCTETS);
  let end = 0;
  let previous = '';
  for (const entry of bySerialNumber(revoked)) {
    if (entry.serialNumber === previous) throw new Error('a serial number is on the list twice');
    previous = entry.serialNumber;
    end = writeEntry(target, end, entry);
  }
  return target.subarray(0, end);
}

/**
 * A complete list: no delta, no issuingDistributionPoint, which OpenSSL would not take for one of the whole CA.
 *
 * @returns DER TBSCertList (RFC 5280 section 5.1)
 */
export function buildTbsCertList(request: CertListRequest): Uint8Array {
  const { issuer, crlNumber, thisUpdate, nextUpdate, revoked } = request;
  return sequenceDer(
    VERSION_2_DER,
    SIGNATURE_ALGORITHM_DER,
    issuer.subjectNameDer,
    timeDer(thisUpdate),
    timeDer(nextUpdate),
    // Absent when nothing is revoked: RFC 5280 section 5.1.2.6.
    ...(revoked.length > 0 ? [sequenceDer(entriesDer(revoked))] : []),
    contextDer(
      0,
      sequenceDer(authorityKeyIdentifierDer(issuer.subjectKeyIdentifierHex), crlNumberDer(crlNumber)),
    ),
  );
}

/** @param signature PKCS #1 v1.5 with SHA-256, 256 octets. @returns DER CertificateList */
export const assembleCertList = (tbsCertListDer: Uint8Array, signature: Uint8Array): Uint8Array =>
  assembleSigned(tbsCertListDer, signature);
