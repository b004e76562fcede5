import { createPublicKey, verify } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { bitStringDer, sequenceDer } from './der-writer.ts';
import { SHA256_WITH_RSA_ENCRYPTION } from './object-identifiers.ts';
import { VerbatimAlgorithmIdentifier } from './verbatim.ts';

/** sha256WithRSAEncryption with its parameters NULL, as RFC 4055 section 5 demands; pkijs alone would leave them out. */
export const SIGNATURE_ALGORITHM = new VerbatimAlgorithmIdentifier(
  new pkijs.AlgorithmIdentifier({
    algorithmId: SHA256_WITH_RSA_ENCRYPTION,
    algorithmParams: new asn1js.Null(),
  }),
);

const SIGNATURE_ALGORITHM_DER = new Uint8Array(SIGNATURE_ALGORITHM.toSchema().toBER());

/**
 * Puts a to-be-signed structure and its signature together; a certificate and a list have the same outer form
 * (RFC 5280 sections 4.1.1 and 5.1.1). Without pkijs, which would encode again what was signed, or parse it first and
 * fail beyond 1,245 entries.
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
