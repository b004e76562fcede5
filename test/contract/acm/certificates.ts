import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { newRsaKey } from '../../support/rsa-keys.ts';

/** How a certificate of these tests differs from a good server certificate. */
export interface CertificateOptions {
  readonly commonName?: string;
  readonly dnsNames?: readonly string[];
  readonly key?: KeyPair;
  readonly issuer?: { readonly commonName: string; readonly key: KeyPair };
  /** Milliseconds since the Unix epoch. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** The octet of the keyUsage bits; 0xa0 is digitalSignature and keyEncipherment. */
  readonly keyUsage?: number;
  readonly extendedKeyUsage?: readonly string[];
}

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export const ecKey = (namedCurve = 'P-256'): KeyPair => generateKeyPairSync('ec', { namedCurve });
export function rsaKey(): KeyPair {
  const privateKey = newRsaKey();
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
export const privateKeyPem = ({ privateKey }: KeyPair): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A certificate as PEM; self-signed without an issuer. */
export function makeCertificate(key: KeyPair, options: CertificateOptions = {}): string {
  const commonName = options.commonName ?? 'vpn.example.com';
  const issuer = options.issuer ?? { commonName, key };
  const certificate = new pkijs.Certificate({
    version: 2,
    serialNumber: new asn1js.Integer({ value: 7 }),
    notBefore: new pkijs.Time({ value: new Date(options.notBefore ?? Date.now() - 60_000) }),
    notAfter: new pkijs.Time({ value: new Date(options.notAfter ?? Date.now() + 86_400_000) }),
    extensions: extensionsOf(options),
  });
  certificate.subject.typesAndValues.push(commonNameOf(commonName));
  certificate.issuer.typesAndValues.push(commonNameOf(issuer.commonName));
  const spkiDer = Uint8Array.from(key.publicKey.export({ type: 'spki', format: 'der' }));
  certificate.subjectPublicKeyInfo = pkijs.PublicKeyInfo.fromBER(spkiDer);
  const algorithm = algorithmOf(issuer.key);
  certificate.signature = algorithm;
  certificate.signatureAlgorithm = algorithm;
  const tbs = certificate.encodeTBS().toBER();
  certificate.tbsView = new Uint8Array(tbs);
  certificate.signatureValue = new asn1js.BitString({
    valueHex: Uint8Array.from(sign('sha256', Buffer.from(tbs), issuer.key.privateKey)).buffer,
  });
  const base64 = Buffer.from(certificate.toSchema().toBER()).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const algorithmOf = ({ publicKey }: KeyPair): pkijs.AlgorithmIdentifier =>
  publicKey.asymmetricKeyType === 'rsa'
    ? new pkijs.AlgorithmIdentifier({
        algorithmId: '1.2.840.113549.1.1.11',
        algorithmParams: new asn1js.Null(),
      })
    : new pkijs.AlgorithmIdentifier({ algorithmId: '1.2.840.10045.4.3.2' });

const commonNameOf = (value: string): pkijs.AttributeTypeAndValue =>
  new pkijs.AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1js.Utf8String({ value }) });

function extensionsOf({
  dnsNames = [],
  keyUsage,
  extendedKeyUsage = [],
}: CertificateOptions): pkijs.Extension[] {
  const extensions: pkijs.Extension[] = [];
  const add = (extnID: string, schema: asn1js.BaseBlock) =>
    extensions.push(new pkijs.Extension({ extnID, extnValue: schema.toBER() }));
  if (dnsNames.length > 0) {
    const altNames = dnsNames.map((value) => new pkijs.GeneralName({ type: 2, value }));
    add('2.5.29.17', new pkijs.GeneralNames({ names: altNames }).toSchema());
  }
  if (keyUsage !== undefined) {
    add('2.5.29.15', new asn1js.BitString({ valueHex: Uint8Array.of(keyUsage).buffer, unusedBits: 5 }));
  }
  if (extendedKeyUsage.length > 0) {
    add('2.5.29.37', new pkijs.ExtKeyUsage({ keyPurposes: [...extendedKeyUsage] }).toSchema());
  }
  return extensions;
}
