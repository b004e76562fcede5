import { CLIENT_VPN_CRL_QUOTA, type RevokedCertificate } from '../crl-facts.ts';
import type { EpochSeconds } from '../time.ts';
import type { CaFacts } from './ca-facts.ts';
import { readCrl, type ReadCrl } from './crl-reader.ts';
import { isSignatureOf } from './signed.ts';

/** What a list must be before it may reach an endpoint. */
export interface CrlExpectations {
  readonly issuer: CaFacts;
  readonly now: EpochSeconds;
  /** Exactly what must be on it, with date and reason. */
  readonly mustContain: readonly RevokedCertificate[];
  /** Its number must be higher than this. */
  readonly numberAbove: number;
}

const SHA256_WITH_RSA_DER_HEX = '300d06092a864886f70d01010b0500';
/** Of several thousand faults of one kind a log needs a few. */
const SHOWN_SERIAL_NUMBERS = 5;

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * Reads a signed list by code that did not build it, and holds it against everything that would let a revoked
 * certificate in or lock everybody out.
 *
 * Stock OpenVPN logs and accepts when a list's issuer or authority key identifier does not match the CA, so that a
 * wrong list would revoke nobody; an expired one refuses everybody.
 *
 * @param crlDer DER CertificateList
 * @returns the list as it was read
 * @throws Error naming every fault
 */
export function verifyCrl(crlDer: Uint8Array, expectations: CrlExpectations): ReadCrl {
  const crl = readCrl(crlDer);
  const faults = [...formFaults(crl, expectations), ...entryFaults(crl, expectations.mustContain)];
  if (faults.length > 0) throw new Error(`the list must not be imported: ${faults.join('; ')}`);
  return crl;
}

function formFaults(crl: ReadCrl, { issuer, now, numberAbove }: CrlExpectations): string[] {
  const { thisUpdate, nextUpdate = 0, crlNumber = -1 } = crl;
  const checks: readonly (readonly [isRight: boolean, fault: string])[] = [
    [crl.version === 2, 'it is not of version 2'],
    [isSame(crl.issuerNameDer, issuer.subjectNameDer), 'its issuer is not the CA'],
    [
      crl.authorityKeyIdentifierHex === issuer.subjectKeyIdentifierHex,
      'its authority key identifier is not that of the CA',
    ],
    [
      Buffer.from(crl.outerSignatureAlgorithmDer).toString('hex') === SHA256_WITH_RSA_DER_HEX &&
        isSame(crl.signatureAlgorithmDer, crl.outerSignatureAlgorithmDer),
      'its signature algorithm is not sha256WithRSAEncryption with NULL, inside and outside',
    ],
    [
      isSignatureOf(issuer.subjectPublicKeyInfoDer, crl.tbsCertListDer, crl.signature),
      'its signature is not of the CA',
    ],
    [thisUpdate <= now, 'it is not valid yet'],
    [nextUpdate > now, 'it has expired or says no nextUpdate'],
    [nextUpdate <= issuer.notAfter, 'it outlives its CA'],
    [crlNumber > numberAbove, `its number ${crlNumber} is not above ${numberAbove}`],
    [crl.extensions.every(({ critical }) => !critical), 'it has a critical extension'],
    [crl.entries.size <= CLIENT_VPN_CRL_QUOTA, `it has ${crl.entries.size} entries, above the quota`],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, fault]) => fault);
}

function entryFaults(crl: ReadCrl, mustContain: readonly RevokedCertificate[]): string[] {
  const missing: string[] = [];
  const different: string[] = [];
  const expected = new Set<string>();
  for (const { serialNumber, revocationDate, reason } of mustContain) {
    expected.add(serialNumber);
    const entry = crl.entries.get(serialNumber);
    if (entry === undefined) missing.push(serialNumber);
    else if (entry.revocationDate !== revocationDate || entry.reason !== reason) different.push(serialNumber);
  }
  const unexpected =
    crl.entries.size === expected.size && missing.length === 0
      ? []
      : [...crl.entries.keys()].filter((serialNumber) => !expected.has(serialNumber));
  return [
    ...listed('missing', missing),
    ...listed('with another date or reason', different),
    ...listed('not expected', unexpected),
    ...listed('listed twice', crl.repeatedSerialNumbers),
  ];
}

function listed(what: string, serialNumbers: readonly string[]): string[] {
  if (serialNumbers.length === 0) return [];
  const shown = serialNumbers.slice(0, SHOWN_SERIAL_NUMBERS).join(', ');
  const rest = serialNumbers.length > SHOWN_SERIAL_NUMBERS ? ', …' : '';
  return [`${serialNumbers.length} ${what}: ${shown}${rest}`];
}
