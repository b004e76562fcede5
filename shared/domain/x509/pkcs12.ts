import { createPrivateKey, webcrypto } from 'node:crypto';
import * as pkijs from 'pkijs';
import {
  contextDer,
  elementDer,
  NULL_DER,
  objectIdentifierDer,
  sequenceDer,
  smallIntegerDer,
  TAG,
} from './der-writer.ts';
import { SHA256 } from './object-identifiers.ts';

/** RFC 7292: what a key store needs of one person, under one passphrase. */
export interface Pkcs12Contents {
  /** PKCS #8 PEM, unencrypted. */
  readonly privateKeyPem: string;
  readonly certificateDer: Uint8Array;
  /** The authorities above it. */
  readonly chainDer: readonly Uint8Array[];
  readonly friendlyName: string;
  /** Printable ASCII: beyond it programs differ in how they make octets of it. */
  readonly passphrase: string;
  /** Octets from a cryptographic source. */
  readonly random: (count: number) => Uint8Array;
}

/** OWASP's floor for PBKDF2 with SHA-256 is 600,000 for passwords at rest; this file is on its way once. */
const ITERATIONS = 100_000;
const SALT_OCTETS = 32;
/** RFC 2985 section 5.5.1. */
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
/** RFC 2985 section 5.5.2: ties the key to its certificate. */
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
/** RFC 7292 sections 4.2.2, 4.2.3. */
const PKCS8_SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
/** RFC 5652 sections 4 and 8. */
const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';

/**
 * Builds a PKCS #12 file: PBES2 with AES-256 and PBKDF2-SHA-256, MAC with SHA-256. pkijs encrypts and computes the
 * MAC; the frame around it is ours, since its own brings all of CMS into the bundle.
 *
 * @returns DER
 */
export async function buildPkcs12(contents: Pkcs12Contents): Promise<Uint8Array> {
  const { random, passphrase, privateKeyPem } = contents;
  const crypto = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto });
  const password = new Uint8Array(Buffer.from(passphrase, 'ascii')).buffer;
  const encrypt = async (octets: Uint8Array): Promise<pkijs.EncryptedContentInfo> =>
    crypto.encryptEncryptedContentInfo({
      password,
      contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
      hmacHashAlgorithm: 'SHA-256',
      iterationCount: ITERATIONS,
      contentType: DATA,
      contentToEncrypt: Uint8Array.from(octets).buffer,
    });
  const attributes = [
    attribute(FRIENDLY_NAME, elementDer(TAG.bmpString, bmpOctets(contents.friendlyName))),
    attribute(LOCAL_KEY_ID, elementDer(TAG.octetString, random(20))),
  ];
  const privateKeyInfo = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' });
  const keyBag = safeBag(PKCS8_SHROUDED_KEY_BAG, shroudedKey(await encrypt(privateKeyInfo)), attributes);
  const certificateBags = [
    safeBag(CERT_BAG, certificateBag(contents.certificateDer), attributes),
    ...contents.chainDer.map((der) => safeBag(CERT_BAG, certificateBag(der))),
  ];
  const authenticatedSafe = sequenceDer(
    contentInfo(DATA, elementDer(TAG.octetString, sequenceDer(keyBag))),
    contentInfo(ENCRYPTED_DATA, encryptedData(await encrypt(sequenceDer(...certificateBags)))),
  );
  const salt = random(SALT_OCTETS);
  const mac = await crypto.stampDataWithPassword({
    password,
    hashAlgorithm: 'SHA-256',
    iterationCount: ITERATIONS,
    salt: Uint8Array.from(salt).buffer,
    contentToStamp: Uint8Array.from(authenticatedSafe).buffer,
  });
  return sequenceDer(
    smallIntegerDer(3),
    contentInfo(DATA, elementDer(TAG.octetString, authenticatedSafe)),
    macData(new Uint8Array(mac), salt),
  );
}

const contentInfo = (type: string, content: Uint8Array): Uint8Array =>
  sequenceDer(objectIdentifierDer(type), contextDer(0, content));

/** RFC 5652 section 8. */
const encryptedData = (encrypted: pkijs.EncryptedContentInfo): Uint8Array =>
  sequenceDer(smallIntegerDer(0), new Uint8Array(encrypted.toSchema().toBER()));

/** EncryptedPrivateKeyInfo, RFC 5958 section 3. */
function shroudedKey({
  contentEncryptionAlgorithm,
  encryptedContent,
}: pkijs.EncryptedContentInfo): Uint8Array {
  if (encryptedContent === undefined) throw new Error('the key was not encrypted');
  return sequenceDer(
    new Uint8Array(contentEncryptionAlgorithm.toSchema().toBER()),
    elementDer(TAG.octetString, new Uint8Array(encryptedContent.getValue())),
  );
}

const certificateBag = (der: Uint8Array): Uint8Array =>
  sequenceDer(objectIdentifierDer(X509_CERTIFICATE), contextDer(0, elementDer(TAG.octetString, der)));

const safeBag = (type: string, value: Uint8Array, attributes: readonly Uint8Array[] = []): Uint8Array =>
  sequenceDer(
    objectIdentifierDer(type),
    contextDer(0, value),
    ...(attributes.length === 0 ? [] : [setOfDer(attributes)]),
  );

const attribute = (type: string, value: Uint8Array): Uint8Array =>
  sequenceDer(objectIdentifierDer(type), elementDer(TAG.set, value));

/** X.690 section 11.6: in the order of the encodings. */
const setOfDer = (elements: readonly Uint8Array[]): Uint8Array =>
  elementDer(TAG.set, ...[...elements].sort((a, b) => Buffer.compare(a, b)));

/** UTF-16, the high octet first. */
const bmpOctets = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();

/** RFC 7292 section 4: DigestInfo, salt and count. */
const macData = (mac: Uint8Array, salt: Uint8Array): Uint8Array =>
  sequenceDer(
    sequenceDer(sequenceDer(objectIdentifierDer(SHA256), NULL_DER), elementDer(TAG.octetString, mac)),
    elementDer(TAG.octetString, salt),
    smallIntegerDer(ITERATIONS),
  );
