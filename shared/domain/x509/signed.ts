import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { kept } from '../kept.ts';
import { bitStringDer, sequenceDer } from './der-writer.ts';
import { SHA256_WITH_RSA_ENCRYPTION } from './object-identifiers.ts';
import { pemFrom } from './pem.ts';
import { VerbatimAlgorithmIdentifier } from './verbatim.ts';

/** sha256WithRSAEncryption with its parameters NULL, as RFC 4055 section 5 demands; pkijs alone would leave them out. */
export const SIGNATURE_ALGORITHM = new VerbatimAlgorithmIdentifier(
  new pkijs.AlgorithmIdentifier({
    algorithmId: SHA256_WITH_RSA_ENCRYPTION,
    algorithmParams: new asn1js.Null(),
  }),
);

/** The same as DER. */
export const SIGNATURE_ALGORITHM_DER = new Uint8Array(SIGNATURE_ALGORITHM.toSchema().toBER());

/**
 * Puts a to-be-signed structure and its signature together; a certificate and a list have the same outer form
 * (RFC 5280 sections 4.1.1 and 5.1.1). Without pkijs, which would encode again what was signed, or parse it first and
 * fail beyond 1,245 entries.
 */
export function assembleSigned(tbs: Uint8Array, signature: Uint8Array): Uint8Array {
  if (signature.length !== 256) throw new Error('a signature of an RSA-2048 key has 256 octets');
  return sequenceDer(tbs, SIGNATURE_ALGORITHM_DER, bitStringDer(signature));
}

/**
 * A public key for node:crypto. As PEM, since of DER in an object Node first asks, by way of two exceptions, whether it
 * is a key already: that takes longer than to read the key, and than to check a signature with it.
 */
const publicKeyFrom = (subjectPublicKeyInfoDer: Uint8Array): KeyObject =>
  createPublicKey(pemFrom('PUBLIC KEY', subjectPublicKeyInfoDer));

/** Whether a PKCS #1 v1.5 signature with SHA-256 is of this key. Throws where the key cannot be read. */
export const isSignatureOf = (
  subjectPublicKeyInfoDer: Uint8Array,
  tbs: Uint8Array,
  signature: Uint8Array,
): boolean => verify('sha256', tbs, publicKeyFrom(subjectPublicKeyInfoDer), signature);

const keptPublicKey = kept((hex) => publicKeyFrom(Buffer.from(hex, 'hex')));

/** The same for a key that checks again and again: a CA's own, never one that a caller sent. */
export const isSignatureOfCa = (
  subjectPublicKeyInfoDer: Uint8Array,
  tbs: Uint8Array,
  signature: Uint8Array,
): boolean =>
  verify('sha256', tbs, keptPublicKey(Buffer.from(subjectPublicKeyInfoDer).toString('hex')), signature);
