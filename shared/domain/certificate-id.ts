import { base32From, octetsFromBase32 } from './base32.ts';

/** A certificate's serial number as 16 letters of Crockford base32: what names and URLs show. */
export type CertificateId = string & { readonly __brand: 'CertificateId' };

/** The same number as 20 lower-case hex digits: what X.509 tools show (RFC 5280 section 4.1.2.2). */
export type SerialNumber = string & { readonly __brand: 'SerialNumber' };

/** 80 bits: 79 random ones under a clear top bit, so that the DER INTEGER is positive in 10 octets. */
export const SERIAL_NUMBER_OCTETS = 10;

/**
 * Makes an identifier of random octets.
 *
 * The top bit is cleared: a positive INTEGER, of at most 10 octets.
 *
 * @param random exactly 10 octets from a cryptographic source
 */
export function certificateIdFrom(random: Uint8Array): CertificateId {
  if (random.length !== SERIAL_NUMBER_OCTETS) throw new Error('a serial number needs exactly 10 octets');
  const octets = Uint8Array.from(random);
  octets[0] = (octets[0] ?? 0) & 0x7f;
  return base32From(octets) as CertificateId;
}

/** The identifier in a text, in either case, or undefined. */
export function parseCertificateId(text: string): CertificateId | undefined {
  if (!/^[0-9A-Za-z]{16}$/.test(text)) return undefined;
  const upper = text.toUpperCase();
  const octets = octetsFromBase32(upper);
  return octets !== undefined && (octets[0] ?? 0x80) < 0x80 ? (upper as CertificateId) : undefined;
}

export function serialNumberOf(certificateId: CertificateId): SerialNumber {
  const octets = octetsFromBase32(certificateId);
  if (octets === undefined) throw new Error('not a certificate id');
  return Buffer.from(octets).toString('hex') as SerialNumber;
}

export function certificateIdOf(serialNumber: SerialNumber): CertificateId {
  return base32From(Buffer.from(serialNumber, 'hex')) as CertificateId;
}

/**
 * The identifiers that a serial number as tools print it can mean: hex with or without `0x`, colons or leading
 * zeros, or decimal as OpenVPN's `tls_serial_0` has it. Digits alone can be both; the caller looks for each.
 */
export function certificateIdsFromSerial(text: string): CertificateId[] {
  const compact = text.replaceAll(/[:\s]/g, '').toLowerCase().replace(/^0x/, '');
  const readings: string[] = [];
  if (/^[0-9a-f]{1,22}$/.test(compact)) readings.push(compact);
  if (/^[0-9]{1,24}$/.test(compact)) readings.push(BigInt(compact).toString(16));
  const limit = 1n << 79n;
  return readings
    .map((hex) => BigInt(`0x${hex}`))
    .filter((value, index, all) => value < limit && all.indexOf(value) === index)
    .map((value) =>
      certificateIdOf(value.toString(16).padStart(2 * SERIAL_NUMBER_OCTETS, '0') as SerialNumber),
    );
}
