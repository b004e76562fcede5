import { isSignatureOfCa } from '../domain/x509/signed.ts';
import type { Signer } from '../ports/signer.ts';

/**
 * Signs, and checks the signature against the CA's public key before anybody is given it: a wrong key behind the
 * right id must be noticed here, not on the endpoint.
 *
 * @throws Error when the signature is not of that key
 */
export async function signVerified(
  signer: Signer,
  ca: { readonly keyId: string; readonly subjectPublicKeyInfoDer: Uint8Array },
  tbs: Uint8Array,
): Promise<Uint8Array> {
  const signature = await signer.sign(ca.keyId, tbs);
  if (!isSignatureOfCa(ca.subjectPublicKeyInfoDer, tbs, signature)) {
    throw new Error(`the signature is not of the CA's key: ${ca.keyId} is another`);
  }
  return signature;
}
