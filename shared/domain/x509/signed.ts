import { createPublicKey, verify } from 'node:crypto';
import { bitStringDer, NULL_DER, objectIdentifierDer, sequenceDer } from './der-writer.ts';
import { SHA256_WITH_RSA_ENCRYPTION } from './object-identifiers.ts';

/** sha256WithRSAEncryption with its parameters NULL, as RFC 4055 section 5 demands. */
export const SIGNATURE_ALGORITHM_DER = sequenceDer(objectIdentifierDer(SHA256_WITH_RSA_ENCRYPTION), NULL_DER);

/**
 * Puts a to-be-signed structure and its signature together; a certificate and a list have the same outer form
 * (RFC 5280 sections 4.1.1 and 5.1.1).
 */
export function assembleSigned(tbs: Uint8Array, signature: Uint8Array): Uint8Array {
  if (signature.length !== 256) throw new Error('a signature of an RSA-2048 key has 256 octets');
  return sequenceDer(tbs, SIGNATURE_ALGORITHM_DER, bitStringDer(signature));
}

/** Whether a PKCS #1 v1.5 signature with SHA-256 is of this key. Throws where the key cannot be read. */
export function isSignatureOf(
  subjectPublicKeyInfoDer: Uint8Array,
  tbs: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = createPublicKey({ key: Buffer.from(subjectPublicKeyInfoDer), format: 'der', type: 'spki' });
  return verify('sha256', tbs, key, signature);
}
