import { DomainError } from '../errors.ts';
import { DerError, DerReader } from './der-reader.ts';
import { keyFaultOf } from './key-policy.ts';
import { RSA_ENCRYPTION, SHA256_WITH_RSA_ENCRYPTION } from './object-identifiers.ts';
import { octetsFromBase64, pemBlocksIn } from './pem.ts';
import {
  publicKeySha256HexOf,
  readRsaPublicKey,
  subjectPublicKeyInfoDerFrom,
  type RsaPublicKey,
} from './rsa-public-key.ts';
import { isSignatureOf } from './signed.ts';

/** What we take from a certification request: the key. Everything else in it is the profile's to decide. */
export interface CertificationRequest {
  /** The key's one encoding, whatever encoding it came in. */
  readonly subjectPublicKeyInfoDer: Uint8Array;
  /** SHA-256 of it, hex. */
  readonly publicKeySha256Hex: string;
}

/** A line that makes a request which is accepted; every refusal shows it. */
export const OPENSSL_REQUEST_LINE =
  'openssl req -new -newkey rsa:2048 -nodes -sha256 -keyout vpn.key -out vpn.csr -subj /CN=vpn';

/** As text or as DER; a request for an RSA-2048 key is about 1 KiB. */
export const MAXIMUM_REQUEST_OCTETS = 16_384;

/** `[0] IMPLICIT SET OF Attribute`. */
const ATTRIBUTES = 0xa0;
const NULL = 0x05;

const ACCEPTED_ALGORITHMS: ReadonlySet<string> = new Set([RSA_ENCRYPTION, SHA256_WITH_RSA_ENCRYPTION]);

/** The object identifiers that people meet, in the words in which their tools show them. */
const ALGORITHM_WORDS: ReadonlyMap<string, string> = new Map([
  ['1.2.840.10045.2.1', 'an EC key'],
  ['1.3.101.112', 'an Ed25519 key'],
  ['1.3.101.113', 'an Ed448 key'],
  ['1.2.840.113549.1.1.10', 'RSASSA-PSS'],
  ['1.2.840.10040.4.1', 'a DSA key'],
  ['1.2.840.113549.1.1.4', 'MD5 with RSA'],
  ['1.2.840.113549.1.1.5', 'SHA-1 with RSA'],
  ['1.2.840.113549.1.1.12', 'SHA-384 with RSA'],
  ['1.2.840.113549.1.1.13', 'SHA-512 with RSA'],
]);

const inWords = (oid: string): string => ALGORITHM_WORDS.get(oid) ?? `algorithm ${oid.slice(0, 64)}`;

function refusal(
  code: 'badCsr' | 'badSignatureAlgorithm' | 'badPublicKey',
  fault: string,
  cause?: unknown,
): DomainError {
  return new DomainError(
    code,
    `${fault}. This makes a request that is accepted: ${OPENSSL_REQUEST_LINE}`,
    cause === undefined ? {} : { cause },
  );
}

/**
 * The DER in the text of a request: one PEM block, or base64 of the DER. Text around the block is passed over, as
 * RFC 7468 section 2 demands.
 *
 * @throws DomainError badCsr
 */
export function certificationRequestDerFrom(text: string): Uint8Array {
  if (text.length > MAXIMUM_REQUEST_OCTETS) throw refusal('badCsr', 'The request is larger than 16 KiB');
  if (text.includes('PRIVATE KEY')) {
    throw refusal(
      'badCsr',
      'The text holds a private key, which must never leave your computer; make a new one',
    );
  }
  const begins = text.split('-----BEGIN').length - 1;
  const blocks = pemBlocksIn(text);
  if (begins > 1) throw refusal('badCsr', 'The text holds more than one PEM block');
  if (begins !== blocks.length) throw refusal('badCsr', 'The PEM block is cut off or damaged');
  const [block] = blocks;
  if (block !== undefined && !/^(NEW )?CERTIFICATE REQUEST$/.test(block.label)) {
    throw refusal('badCsr', 'The PEM block is not a CERTIFICATE REQUEST');
  }
  const der = octetsFromBase64(block?.base64 ?? text.replaceAll(/\s/g, ''));
  // A request begins with a SEQUENCE; many a word is base64 by chance.
  if (der?.[0] !== 0x30) throw refusal('badCsr', 'The request is neither PEM nor base64 of DER');
  return der;
}

/**
 * Parses a request, holds its key against the policy, and checks that whoever asks has the private key.
 *
 * The requested subject and extensions are dropped.
 *
 * @param der DER CertificationRequest (RFC 2986)
 * @throws DomainError badCsr, badPublicKey, badSignatureAlgorithm
 */
export function parseCertificationRequest(der: Uint8Array): CertificationRequest {
  const request = readRequest(der);
  const key = readKey(request);
  if (request.signatureAlgorithm !== SHA256_WITH_RSA_ENCRYPTION) {
    throw refusal(
      'badSignatureAlgorithm',
      `The request is signed with ${inWords(request.signatureAlgorithm)}; it must be signed with SHA-256 with RSA`,
    );
  }
  const subjectPublicKeyInfoDer = subjectPublicKeyInfoDerFrom(key);
  if (!isPossessionProven(request, subjectPublicKeyInfoDer)) {
    throw refusal('badCsr', 'The signature of the request does not verify with its key');
  }
  return { subjectPublicKeyInfoDer, publicKeySha256Hex: publicKeySha256HexOf(subjectPublicKeyInfoDer) };
}

/** A CertificationRequest (RFC 2986 section 4.2), as far as it matters here. */
interface ReadRequest {
  /** The octets that the signature covers, as received: encoding them again first would check another message. */
  readonly certificationRequestInfoDer: Uint8Array;
  readonly keyAlgorithm: string;
  readonly subjectPublicKey: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
}

/**
 * Read by our own strict reader and not by pkijs, which takes as long to parse a request as the CA to sign, stops at
 * no trailing octets or padded lengths, and reads what we drop. The tests hold the two against each other.
 */
function readRequest(der: Uint8Array): ReadRequest {
  if (der.length > MAXIMUM_REQUEST_OCTETS) throw refusal('badCsr', 'The request is larger than 16 KiB');
  const reader = new DerReader(der);
  try {
    const end = reader.openSequence(der.length);
    if (end !== der.length) throw new DerError('something follows the request', end);
    const certificationRequestInfoDer = reader.element(end);
    const signatureAlgorithm = readAlgorithm(reader, end);
    const signature = reader.bitString(end);
    reader.close(end);
    return {
      certificationRequestInfoDer,
      ...readInfo(certificationRequestInfoDer),
      signatureAlgorithm,
      signature,
    };
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw refusal('badCsr', `The text is not a whole certification request in DER (${cause.message})`, cause);
  }
}

function readInfo(infoDer: Uint8Array): Pick<ReadRequest, 'keyAlgorithm' | 'subjectPublicKey'> {
  const reader = new DerReader(infoDer);
  const end = reader.openSequence(infoDer.length);
  if (reader.smallInteger(end) !== 0) throw new DerError('unknown version', reader.position);
  // The subject: what it says is not ours to use, so that it is not read.
  reader.position = reader.openSequence(end);
  const keyInfoEnd = reader.openSequence(end);
  const keyAlgorithm = readAlgorithm(reader, keyInfoEnd);
  const subjectPublicKey = reader.bitString(keyInfoEnd);
  reader.close(keyInfoEnd);
  // The attributes, likewise. Some clients leave the empty set out.
  if (reader.position < end) reader.position = reader.open(ATTRIBUTES, end);
  reader.close(end);
  return { keyAlgorithm, subjectPublicKey };
}

/**
 * The algorithm of an AlgorithmIdentifier. With those that we take, parameters are NULL or absent (RFC 4055 sections
 * 1.2 and 5); another has what it likes, and is refused by name later.
 */
function readAlgorithm(reader: DerReader, limit: number): string {
  const end = reader.openSequence(limit);
  const algorithm = reader.objectIdentifier(end);
  if (reader.position < end) {
    const parameters = reader.element(end);
    const isNull = parameters.length === 2 && parameters[0] === NULL;
    if (ACCEPTED_ALGORITHMS.has(algorithm) && !isNull) {
      throw new DerError('parameters that are not NULL', reader.position);
    }
  }
  reader.close(end);
  return algorithm;
}

function readKey({ keyAlgorithm, subjectPublicKey }: ReadRequest): RsaPublicKey {
  if (keyAlgorithm !== RSA_ENCRYPTION) {
    throw refusal(
      'badPublicKey',
      `The request is for ${inWords(keyAlgorithm)}; AWS Client VPN takes RSA keys with 2048 bits`,
    );
  }
  let key: RsaPublicKey;
  try {
    key = readRsaPublicKey(subjectPublicKey);
  } catch (cause) {
    throw refusal('badPublicKey', 'The public key cannot be read', cause);
  }
  const fault = keyFaultOf({
    modulus: numberFrom(key.modulus),
    publicExponent: numberFrom(key.publicExponent),
  });
  if (fault !== undefined) throw refusal('badPublicKey', `The key is refused: ${fault}`);
  return key;
}

const numberFrom = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`);

function isPossessionProven(request: ReadRequest, subjectPublicKeyInfoDer: Uint8Array): boolean {
  try {
    return isSignatureOf(subjectPublicKeyInfoDer, request.certificationRequestInfoDer, request.signature);
  } catch (cause) {
    throw refusal('badPublicKey', 'The public key cannot be read', cause);
  }
}
