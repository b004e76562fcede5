import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import type { SerialNumber } from '../certificate-id.ts';
import { DistinguishedName } from './distinguished-name.ts';
import { authorityKeyIdentifier, subjectKeyIdentifier } from './extensions.ts';
import { keyIdentifierOf } from './rsa-public-key.ts';
import { SIGNATURE_ALGORITHM } from './signed.ts';
import type { Validity } from './validity.ts';
import { VerbatimPublicKeyInfo } from './verbatim.ts';
import { x509Time } from './x509-time.ts';

/** Version 3 is written as 2 (RFC 5280 section 4.1.2.1). */
const VERSION_3 = 2;

/** Never written: whoever signs has the key elsewhere. pkijs would make one anew each time. */
const NO_SIGNATURE_YET = new asn1js.BitString();

/** What every certificate of ours is made of. */
export interface CertificateSubject extends Validity {
  readonly serialNumber: SerialNumber;
  readonly commonName: string;
  readonly organization: string;
  readonly subjectPublicKeyInfoDer: Uint8Array;
}

/** The shortest positive INTEGER: asn1js writes the octets that it is given. */
function serialNumberInteger(serialNumber: SerialNumber): asn1js.Integer {
  if (!/^([0-9a-f]{2}){1,20}$/.test(serialNumber)) throw new Error('not a serial number');
  return asn1js.Integer.fromBigInt(BigInt(`0x${serialNumber}`));
}

/** DER TBSCertificate (RFC 5280 section 4.1), which leaf, server and CA fill with different extensions. */
export function tbsCertificateDer(
  subject: CertificateSubject,
  issuer: pkijs.RelativeDistinguishedNames,
  extensions: readonly pkijs.Extension[],
): Uint8Array {
  const certificate = new pkijs.Certificate({
    version: VERSION_3,
    serialNumber: serialNumberInteger(subject.serialNumber),
    signature: SIGNATURE_ALGORITHM,
    issuer,
    notBefore: x509Time(subject.notBefore),
    notAfter: x509Time(subject.notAfter),
    subject: new DistinguishedName(subject),
    subjectPublicKeyInfo: new VerbatimPublicKeyInfo(subject.subjectPublicKeyInfoDer),
    extensions: [...extensions],
    signatureAlgorithm: SIGNATURE_ALGORITHM,
    signatureValue: NO_SIGNATURE_YET,
  });
  return new Uint8Array(certificate.encodeTBS().toBER());
}

/** Both key identifiers. @param authorityHex the CA's own, hex */
export const keyIdentifiers = (subject: CertificateSubject, authorityHex: string): pkijs.Extension[] => [
  subjectKeyIdentifier(keyIdentifierOf(subject.subjectPublicKeyInfoDer)),
  authorityKeyIdentifier(authorityHex),
];
