import type { EpochSeconds } from '../time.ts';
import { kept } from '../kept.ts';
import { readCertificate } from './certificate-reader.ts';

/** What is needed of a CA to write what it will sign, and to check what it has signed. */
export interface CaFacts {
  /** The subject's octets, which become the issuer of everything it signs, verbatim. */
  readonly subjectNameDer: Uint8Array;
  readonly subjectKeyIdentifierHex: string;
  readonly subjectPublicKeyInfoDer: Uint8Array;
  readonly notBefore: EpochSeconds;
  readonly notAfter: EpochSeconds;
}

/**
 * Reads the CA's own certificate.
 *
 * @throws Error when it has no subject key identifier, which our CAs have
 */
export const readCaFacts = (caCertificateDer: Uint8Array): CaFacts =>
  keptFacts(Buffer.from(caCertificateDer).toString('hex'));

const keptFacts = kept((caCertificateHex): CaFacts => {
  const { facts } = readCertificate(Buffer.from(caCertificateHex, 'hex'));
  if (facts.subjectKeyIdentifierHex === undefined)
    throw new Error('the CA certificate has no key identifier');
  return {
    subjectNameDer: facts.subjectDer,
    subjectKeyIdentifierHex: facts.subjectKeyIdentifierHex,
    subjectPublicKeyInfoDer: facts.subjectPublicKeyInfoDer,
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
  };
});
