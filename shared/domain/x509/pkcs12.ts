import { createPrivateKey, webcrypto } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

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
/** RFC 2985 section 5.5.1. */
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
/** RFC 2985 section 5.5.2: ties the key to its certificate. */
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
/** RFC 7292 section 4.2. */
const PKCS8_SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';

/**
 * Builds a PKCS #12 file: PBES2 with AES-256 and PBKDF2-SHA-256, MAC with SHA-256.
 *
 * @returns DER
 */
export async function buildPkcs12(contents: Pkcs12Contents): Promise<Uint8Array> {
  const { random, passphrase } = contents;
  const crypto = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto });
  const password = new Uint8Array(Buffer.from(passphrase, 'ascii')).buffer;
  const protection = {
    password,
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: ITERATIONS,
  };
  const localKeyId = Uint8Array.from(random(20)).buffer;
  const keyBag = new pkijs.PKCS8ShroudedKeyBag({ parsedValue: privateKeyInfo(contents.privateKeyPem) });
  await keyBag.makeInternalValues(protection, crypto);
  const pfx = new pkijs.PFX({
    parsedValue: {
      integrityMode: 0,
      authenticatedSafe: new pkijs.AuthenticatedSafe({
        parsedValue: {
          safeContents: [
            {
              privacyMode: 0,
              value: safeContents([bag(PKCS8_SHROUDED_KEY_BAG, keyBag, contents, localKeyId)]),
            },
            { privacyMode: 1, value: safeContents(certificateBags(contents, localKeyId)) },
          ],
        },
      }),
    },
  });
  const { authenticatedSafe } = pfx.parsedValue ?? {};
  if (authenticatedSafe === undefined) throw new Error('PFX lost its authenticated safe');
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, protection] }, crypto);
  const mac = {
    password,
    iterations: ITERATIONS,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  };
  await pfx.makeInternalValues(mac, crypto);
  return new Uint8Array(pfx.toSchema().toBER());
}

const privateKeyInfo = (privateKeyPem: string): pkijs.PrivateKeyInfo =>
  pkijs.PrivateKeyInfo.fromBER(
    new Uint8Array(createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' })),
  );

const safeContents = (safeBags: pkijs.SafeBag[]): pkijs.SafeContents => new pkijs.SafeContents({ safeBags });

function certificateBags(contents: Pkcs12Contents, localKeyId: ArrayBuffer): pkijs.SafeBag[] {
  const certBag = (der: Uint8Array): pkijs.CertBag =>
    new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(Uint8Array.from(der)) });
  return [
    bag(CERT_BAG, certBag(contents.certificateDer), contents, localKeyId),
    ...contents.chainDer.map((der) => new pkijs.SafeBag({ bagId: CERT_BAG, bagValue: certBag(der) })),
  ];
}

const bag = (
  bagId: string,
  bagValue: pkijs.PKCS8ShroudedKeyBag | pkijs.CertBag,
  { friendlyName }: Pkcs12Contents,
  localKeyId: ArrayBuffer,
): pkijs.SafeBag =>
  new pkijs.SafeBag({
    bagId,
    bagValue,
    bagAttributes: [
      new pkijs.Attribute({ type: FRIENDLY_NAME, values: [new asn1js.BmpString({ value: friendlyName })] }),
      new pkijs.Attribute({ type: LOCAL_KEY_ID, values: [new asn1js.OctetString({ valueHex: localKeyId })] }),
    ],
  });
