import type * as asn1js from 'asn1js';
import type * as pkijs from 'pkijs';
import type { SerialNumber } from '../certificate-id.ts';
import { contextDer, integerDer, sequenceDer, smallIntegerDer } from './der-writer.ts';
import { DistinguishedName } from './distinguished-name.ts';
import { authorityKeyIdentifier, subjectKeyIdentifier } from './extensions.ts';
import { keyIdentifierOf } from './rsa-public-key.ts';
import { SIGNATURE_ALGORITHM_DER } from './signed.ts';
import type { Validity } from './validity.ts';
import { x509TimeDer } from './x509-time.ts';

/** Version 3 is written as 2 (RFC 5280 section 4.1.2.1), in `[0]`. */
const VERSION_3_DER = contextDer(0, smallIntegerDer(2));
const EXTENSIONS = 3;

/** What every certificate of ours is made of. */
export interface CertificateSubject extends Validity {
  readonly serialNumber: SerialNumber;
  readonly commonName: string;
  readonly organization: string;
  readonly subjectPublicKeyInfoDer: Uint8Array;
}

/** The shortest positive INTEGER. */
function serialNumberDer(serialNumber: SerialNumber): Uint8Array {
  if (!/^([0-9a-f]{2}){1,20}$/.test(serialNumber)) throw new Error('not a serial number');
  return integerDer(Buffer.from(serialNumber, 'hex'));
}

const derOf = (part: { toSchema(): asn1js.BaseBlock }): Uint8Array => new Uint8Array(part.toSchema().toBER());

/**
 * DER TBSCertificate (RFC 5280 section 4.1), which leaf, server and CA fill with different extensions.
 *
 * The names and extensions are pkijs's; the frame around them, all of whose parts are octets already, is not: pkijs
 * makes a tree of objects of it and takes half as long as the CA's signature.
 */
export const tbsCertificateDer = (
  subject: CertificateSubject,
  issuer: pkijs.RelativeDistinguishedNames,
  extensions: readonly pkijs.Extension[],
): Uint8Array =>
  sequenceDer(
    VERSION_3_DER,
    serialNumberDer(subject.serialNumber),
    SIGNATURE_ALGORITHM_DER,
    derOf(issuer),
    sequenceDer(x509TimeDer(subject.notBefore), x509TimeDer(subject.notAfter)),
    derOf(new DistinguishedName(subject)),
    subject.subjectPublicKeyInfoDer,
    contextDer(EXTENSIONS, sequenceDer(...extensions.map(derOf))),
  );

/** Both key identifiers. @param authorityHex the CA's own, hex */
export const keyIdentifiers = (subject: CertificateSubject, authorityHex: string): pkijs.Extension[] => [
  subjectKeyIdentifier(keyIdentifierOf(subject.subjectPublicKeyInfoDer)),
  authorityKeyIdentifier(authorityHex),
];
