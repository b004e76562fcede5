import { X509Certificate } from 'node:crypto';
import { invalidValue } from './ec2-error.ts';

/** What is imported in ACM under an ARN. */
export interface ImportedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly chainPem?: string | undefined;
}

/** Where EC2 looks certificates up. */
export interface ServerCertificateSource {
  find(certificateArn: string): ImportedCertificate | undefined;
}

const RSA_BITS = [1024, 2048];

/**
 * A server certificate that Client VPN takes.
 *
 * @throws Ec2Error InvalidParameterValue when it is not there, has no domain name, or a key of another kind
 */
export function usableServerCertificate(source: ServerCertificateSource, arn: string): ImportedCertificate {
  const found = findCertificate(source, arn);
  const certificate = new X509Certificate(found.certificatePem);
  const names = [commonNameOf(certificate), ...dnsNamesOf(certificate)];
  if (!names.some((name) => name.includes('.'))) {
    throw invalidValue(`Certificate ${arn} does not have a domain`);
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType !== 'rsa' || !RSA_BITS.includes(asymmetricKeyDetails?.modulusLength ?? 0)) {
    throw invalidValue(`Certificate ${arn} must have an RSA key of 1024 or 2048 bits`);
  }
  return found;
}

/** The CA that an ARN stands for as a client root: the last of its chain, or what has no chain itself. */
export function clientRootPem(source: ServerCertificateSource, arn: string): string {
  const { chainPem, certificatePem } = findCertificate(source, arn);
  const root = pemCertificates(chainPem ?? '').at(-1) ?? certificatePem;
  if (!new X509Certificate(root).ca) throw invalidValue(`Certificate ${arn} has no certification authority`);
  return chainPem?.trim() ? chainPem : root;
}

/** The name that AWS writes into `verify-x509-name`. */
export const serverNameOf = (certificatePem: string): string =>
  commonNameOf(new X509Certificate(certificatePem));

function findCertificate(source: ServerCertificateSource, arn: string): ImportedCertificate {
  const found = source.find(arn);
  if (!found) throw invalidValue(`Certificate ${arn} does not exist`);
  return found;
}

function commonNameOf(certificate: X509Certificate): string {
  const line = certificate.subject.split('\n').findLast((part) => part.startsWith('CN='));
  return line?.slice('CN='.length) ?? '';
}

const dnsNamesOf = (certificate: X509Certificate): string[] =>
  (certificate.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : []));

const pemCertificates = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
