import { contextDer, sequenceDer, smallIntegerDer } from './der-writer.ts';
import { assembleSigned } from './signed.ts';

/** `v1`, the only version (RFC 2986 section 4.1). */
const VERSION_DER = smallIntegerDer(0);

/** RDNSequence and attributes without any: the certificate profile decides the subject and all that follows. */
const EMPTY_NAME_DER = sequenceDer();
const NO_ATTRIBUTES_DER = contextDer(0);

export interface CertificationRequestParts {
  /** Of an RSA-2048 key. */
  readonly subjectPublicKeyInfoDer: Uint8Array;
  /**
   * Signs with that key: PKCS #1 v1.5 with SHA-256.
   *
   * @param certificationRequestInfoDer the whole DER to be signed
   * @returns 256 octets
   */
  readonly sign: (certificationRequestInfoDer: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/**
 * Builds a certification request (PKCS #10, RFC 2986 section 4) for whoever holds the private key: it gives the
 * public key and proof of possession, and asks for nothing else.
 *
 * @returns DER CertificationRequest
 */
export async function buildCertificationRequest({
  subjectPublicKeyInfoDer,
  sign,
}: CertificationRequestParts): Promise<Uint8Array> {
  const certificationRequestInfoDer = sequenceDer(
    VERSION_DER,
    EMPTY_NAME_DER,
    subjectPublicKeyInfoDer,
    NO_ATTRIBUTES_DER,
  );
  return assembleSigned(certificationRequestInfoDer, await sign(certificationRequestInfoDer));
}
