import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { pemBlocksIn, pemFrom, octetsFromBase64 } from '../x509/pem.ts';
import type { CertificateFacts, ImportedCertificateFacts } from './facts.ts';

/**
 * What a certificate says, ours or another's. Read by Node's own parser, which takes what public CAs issue.
 *
 * @param certificate DER or PEM
 * @throws Error where it is none
 */
export function certificateFactsFrom(certificate: Uint8Array | string): CertificateFacts {
  const read = new X509Certificate(certificate);
  return {
    commonName: /^CN=(.*)$/m.exec(read.subject)?.[1] ?? '',
    dnsNames: (read.subjectAltName ?? '')
      .split(', ')
      .flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : [])),
    notBefore: Math.floor(Date.parse(read.validFrom) / 1000),
    notAfter: Math.floor(Date.parse(read.validTo) / 1000),
    key: keyWords(read.publicKey),
    sha256Hex: createHash('sha256').update(read.raw).digest('hex'),
    publicKeySha256Hex: publicKeySha256Hex(read.publicKey.export({ type: 'spki', format: 'der' })),
  };
}

/** SHA-256 of a DER SubjectPublicKeyInfo, hex. */
export const publicKeySha256Hex = (subjectPublicKeyInfoDer: Uint8Array): string =>
  createHash('sha256').update(subjectPublicKeyInfoDer).digest('hex');

/** @param chainPem empty where there is none */
export const importedCertificateFactsFrom = (
  certificatePem: string,
  chainPem: string,
): ImportedCertificateFacts => ({
  certificate: certificateFactsFrom(certificatePem),
  chain: pemBlocksIn(chainPem).flatMap(({ base64 }) => {
    const der = octetsFromBase64(base64);
    return der === undefined ? [] : [certificateFactsFrom(pemFrom('CERTIFICATE', der))];
  }),
});

function keyWords({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return `RSA-${asymmetricKeyDetails.modulusLength ?? 0}`;
  if (asymmetricKeyType === 'ec') return `EC-${asymmetricKeyDetails.namedCurve ?? 'unknown'}`;
  return asymmetricKeyType ?? 'unknown';
}
