import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as asn1js from 'asn1js';
import { Certificate } from 'pkijs';
import { AwsError } from '../protocol.ts';

/** ImportCertificate, botocore acm 2015-12-08. */
const MAX_OCTETS = { certificate: 32_768, privateKey: 5_120, chain: 2_097_152 } as const;
const MAX_OCSP_URL_LETTERS = 1_000;

/** Key algorithms that ACM imports, as it names them. */
const KEY_ALGORITHMS: readonly string[] = [
  'RSA_1024',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
];

/** keyUsage, RFC 5280 section 4.2.1.3: bit names in their order, as ACM spells them. */
const KEY_USAGES = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
] as const;

export interface CertificateMaterial {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Empty where there is no chain. */
  readonly chainPem: string;
}

/** What ACM knows of a certificate beyond its text. */
export interface CertificateFacts {
  readonly certificate: X509Certificate;
  readonly keyAlgorithm: string;
  readonly domainNames: readonly string[];
  readonly keyUsages: readonly string[];
  readonly extendedKeyUsageOids: readonly string[];
}

/**
 * Checks what ImportCertificate was given as ACM does (user guide, "Prerequisites" and "Certificate and key
 * format"): sizes, PEM, an unencrypted key that belongs to the certificate, validity, order of the chain.
 *
 * @param now milliseconds since the Unix epoch
 * @throws AwsError ValidationException
 */
export function checkMaterial(material: CertificateMaterial, now: number): CertificateFacts {
  const { certificatePem, privateKeyPem, chainPem } = material;
  if (certificatePem.length > MAX_OCTETS.certificate) throw invalid('The certificate is too large.');
  if (privateKeyPem.length > MAX_OCTETS.privateKey) throw invalid('The private key is too large.');
  if (chainPem.length > MAX_OCTETS.chain) throw invalid('The certificate chain is too large.');

  const [certificate, ...surplus] = certificatesFrom(certificatePem, 'certificate');
  if (certificate === undefined || surplus.length > 0) {
    throw invalid('The certificate field contains more than one certificate.');
  }
  checkCertificate(certificate, now);
  checkPrivateKey(certificate, privateKeyPem);
  if (chainPem !== '') checkChain(certificate, certificatesFrom(chainPem, 'certificate chain'));
  return factsOf(certificate);
}

/**
 * What a re-import has to keep (user guide, "Reimport a certificate"): key type and size, the key usages, and at
 * least one domain name.
 *
 * @throws AwsError ValidationException
 */
export function checkReimport(before: CertificateFacts, after: CertificateFacts): void {
  if (before.keyAlgorithm !== after.keyAlgorithm) {
    throw invalid(`The key algorithm has to stay ${before.keyAlgorithm}.`);
  }
  const lost = [
    ...before.keyUsages.filter((usage) => !after.keyUsages.includes(usage)),
    ...before.extendedKeyUsageOids.filter((oid) => !after.extendedKeyUsageOids.includes(oid)),
  ];
  if (lost.length > 0) throw invalid(`Key usages cannot be removed: ${lost.join(', ')}.`);
  if (before.domainNames.length > 0 && !before.domainNames.some((name) => after.domainNames.includes(name))) {
    throw invalid('At least one of the domain names has to stay.');
  }
}

/** Reads what was imported before, without judging it again. */
export const factsFrom = (certificatePem: string): CertificateFacts =>
  factsOf(new X509Certificate(certificatePem));

function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    certificate,
    keyAlgorithm: keyAlgorithmOf(certificate.publicKey),
    domainNames: domainNamesOf(certificate),
    keyUsages: keyUsagesOf(certificate.raw),
    extendedKeyUsageOids: certificate.keyUsage ?? [],
  };
}

/** Blocks of PEM with nothing before, between or after them: ACM refuses trailing spaces too. */
function certificatesFrom(pem: string, name: string): X509Certificate[] {
  const block = /-----BEGIN CERTIFICATE-----\r?\n(?:[A-Za-z0-9+/=]{1,76}\r?\n)+-----END CERTIFICATE-----/;
  if (!new RegExp(`^(?:${block.source}(?:\\r?\\n)?)+$`).test(pem)) {
    throw invalid(`The ${name} is not a valid PEM-encoded certificate.`);
  }
  return (pem.match(new RegExp(block, 'g')) ?? []).map((text) => {
    try {
      return new X509Certificate(text);
    } catch {
      throw invalid(`The ${name} field contains a certificate that cannot be parsed.`);
    }
  });
}

function checkCertificate(certificate: X509Certificate, now: number): void {
  if (now < Date.parse(certificate.validFrom)) throw invalid('The certificate is not yet valid.');
  if (now > Date.parse(certificate.validTo)) throw invalid('The certificate has expired.');
  if (certificate.issuer === undefined || certificate.issuer === '') {
    throw invalid('The certificate must have an issuer.');
  }
  const algorithm = keyAlgorithmOf(certificate.publicKey);
  if (!KEY_ALGORITHMS.includes(algorithm)) throw invalid(`The key algorithm ${algorithm} is not supported.`);
  const ocspUrl = /OCSP - URI:(\S+)/.exec(certificate.infoAccess ?? '')?.[1] ?? '';
  if (ocspUrl.length > MAX_OCSP_URL_LETTERS) throw invalid('The OCSP URL is too long.');
}

function checkPrivateKey(certificate: X509Certificate, privateKeyPem: string): void {
  if (privateKeyPem.includes('ENCRYPTED')) throw invalid('The private key must not be encrypted.');
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(privateKeyPem);
  } catch {
    throw invalid('The private key is not a valid PEM-encoded private key.');
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid('The private key does not match the certificate.');
  }
}

function checkChain(leaf: X509Certificate, chain: readonly X509Certificate[]): void {
  let subject = leaf;
  for (const issuer of chain) {
    if (issuer.fingerprint256 === leaf.fingerprint256) {
      throw invalid('The certificate chain contains the certificate itself.');
    }
    if (!subject.checkIssued(issuer) || !subject.verify(issuer.publicKey)) {
      throw invalid('Each certificate of the chain must certify the one before it.');
    }
    if (subject === leaf && leaf.publicKey.asymmetricKeyType !== issuer.publicKey.asymmetricKeyType) {
      throw invalid("The certificate's key algorithm must match its issuer's.");
    }
    subject = issuer;
  }
}

function keyAlgorithmOf(publicKey: KeyObject): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (publicKey.asymmetricKeyType === 'rsa') return `RSA_${modulusLength ?? 0}`;
  if (publicKey.asymmetricKeyType === 'ec') return `EC_${namedCurve ?? 'unknown'}`;
  return publicKey.asymmetricKeyType ?? 'unknown';
}

/** The dNSNames, else the common name. */
function domainNamesOf(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : []));
  if (names.length > 0) return names;
  const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
  return commonName === undefined ? [] : [commonName];
}

function keyUsagesOf(certificateDer: Uint8Array): string[] {
  const extension = Certificate.fromBER(Uint8Array.from(certificateDer)).extensions?.find(
    ({ extnID }) => extnID === '2.5.29.15',
  );
  const bits: unknown = extension?.parsedValue;
  if (!(bits instanceof asn1js.BitString)) return [];
  const octets = bits.valueBlock.valueHexView;
  return KEY_USAGES.filter((_, bit) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
