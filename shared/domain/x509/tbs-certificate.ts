import type { SerialNumber } from '../certificate-id.ts';
import { contextDer, integerDer, sequenceDer, smallIntegerDer } from './der-writer.ts';
import { nameDer } from './distinguished-name.ts';
import { authorityKeyIdentifierDer, subjectKeyIdentifierDer } from './extensions.ts';
import { keyIdentifierOf } from './rsa-public-key.ts';
import { SIGNATURE_ALGORITHM_DER } from './signed.ts';
import type { Validity } from './validity.ts';
import { timeDer } from './x509-time.ts';

/** Version 3 is written as 2 (RFC 5280 section 4.1.2.1). */
const VERSION_3_DER = contextDer(0, smallIntegerDer(2));

/** What every certificate of ours is made of. */
export interface CertificateSubject extends Validity {
  readonly serialNumber: SerialNumber;
  readonly commonName: string;
  readonly organization: string;
  readonly subjectPublicKeyInfoDer: Uint8Array;
}

/** DER TBSCertificate (RFC 5280 section 4.1), which leaf, server and CA fill with different extensions. */
export function tbsCertificateDer(
  subject: CertificateSubject,
  issuerNameDer: Uint8Array,
  extensions: readonly Uint8Array[],
): Uint8Array {
  if (!/^([0-9a-f]{2}){1,20}$/.test(subject.serialNumber)) throw new Error('not a serial number');
  return sequenceDer(
    VERSION_3_DER,
    integerDer(Buffer.from(subject.serialNumber, 'hex')),
    SIGNATURE_ALGORITHM_DER,
    issuerNameDer,
    sequenceDer(timeDer(subject.notBefore), timeDer(subject.notAfter)),
    nameDer(subject),
    subject.subjectPublicKeyInfoDer,
    contextDer(3, sequenceDer(...extensions)),
  );
}

/** Both key identifiers. @param authorityHex the CA's own, hex */
export const keyIdentifiersDer = (subject: CertificateSubject, authorityHex: string): Uint8Array[] => [
  subjectKeyIdentifierDer(keyIdentifierOf(subject.subjectPublicKeyInfoDer)),
  authorityKeyIdentifierDer(authorityHex),
];
