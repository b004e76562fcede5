import { createHash } from 'node:crypto';
import { DerReader } from './der-reader.ts';
import { bitStringDer, integerDer, NULL_DER, objectIdentifierDer, sequenceDer } from './der-writer.ts';
import { RSA_ENCRYPTION } from './object-identifiers.ts';

/** An RSA public key as two non-negative numbers, big-endian. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly publicExponent: Uint8Array;
}

/** rsaEncryption with its parameters NULL, as RFC 4055 section 1.2 demands. */
const RSA_ALGORITHM_IDENTIFIER_DER = sequenceDer(objectIdentifierDer(RSA_ENCRYPTION), NULL_DER);

/**
 * Reads an RSAPublicKey (RFC 8017 appendix A.1.1).
 *
 * @throws DerError for anything but two positive integers in DER
 */
export function readRsaPublicKey(rsaPublicKeyDer: Uint8Array): RsaPublicKey {
  const reader = new DerReader(rsaPublicKeyDer);
  const end = reader.openSequence(rsaPublicKeyDer.length);
  const modulus = positiveInteger(reader, end);
  const publicExponent = positiveInteger(reader, end);
  reader.close(end);
  reader.close(rsaPublicKeyDer.length);
  return { modulus, publicExponent };
}

function positiveInteger(reader: DerReader, limit: number): Uint8Array {
  const end = reader.openInteger(limit);
  const isNegative = (reader.octets[reader.position] ?? 0) >= 0x80;
  if (isNegative) throw new Error('negative integer in an RSA public key');
  const octets = reader.octets.subarray(reader.position, end);
  reader.position = end;
  return octets;
}

/** The one encoding of a key's SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): the same key, the same octets. */
export const subjectPublicKeyInfoDerFrom = (key: RsaPublicKey): Uint8Array =>
  sequenceDer(
    RSA_ALGORITHM_IDENTIFIER_DER,
    bitStringDer(sequenceDer(integerDer(key.modulus), integerDer(key.publicExponent))),
  );

/** The content of the BIT STRING `subjectPublicKey`. */
export function subjectPublicKeyOf(subjectPublicKeyInfoDer: Uint8Array): Uint8Array {
  const reader = new DerReader(subjectPublicKeyInfoDer);
  const end = reader.openSequence(subjectPublicKeyInfoDer.length);
  reader.element(end);
  const subjectPublicKey = reader.bitString(end);
  reader.close(end);
  return subjectPublicKey;
}

/** Key identifier by method 1 of RFC 5280 section 4.2.1.2: SHA-1 of the BIT STRING, which here is no signature. */
export const keyIdentifierOf = (subjectPublicKeyInfoDer: Uint8Array): Uint8Array =>
  createHash('sha1').update(subjectPublicKeyOf(subjectPublicKeyInfoDer)).digest();

/** What a public key is known by in the store: SHA-256 of its DER SubjectPublicKeyInfo, hex. */
export const publicKeySha256HexOf = (subjectPublicKeyInfoDer: Uint8Array): string =>
  createHash('sha256').update(subjectPublicKeyInfoDer).digest('hex');
