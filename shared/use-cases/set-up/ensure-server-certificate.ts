import { certificateIdFrom, SERIAL_NUMBER_OCTETS, serialNumberOf } from '../../domain/certificate-id.ts';
import type { CertificationAuthority } from '../../domain/endpoint.ts';
import { SECONDS_PER_DAY, secondsFrom } from '../../domain/time.ts';
import { buildTbsServerCertificate } from '../../domain/x509/authority-certificates.ts';
import { readCaFacts } from '../../domain/x509/ca-facts.ts';
import { assembleCertificate } from '../../domain/x509/certificate.ts';
import { assertServerCertificateLints } from '../../domain/x509/certificate-lints.ts';
import { pemFrom } from '../../domain/x509/pem.ts';
import { serverValidity } from '../../domain/x509/validity.ts';
import type { KeyPairs } from '../../ports/key-pairs.ts';
import type { ServerCertificates } from '../../ports/server-certificates.ts';
import { signVerified } from '../sign-verified.ts';
import type { EnsureAuthorityDeps } from './ensure-authority.ts';

/** Long, since every change of it resets every user's connection. */
const SERVER_LIFETIME_SECONDS = 825 * SECONDS_PER_DAY;

export interface EnsureServerCertificateDeps extends EnsureAuthorityDeps {
  readonly keyPairs: KeyPairs;
  readonly serverCertificates: ServerCertificates;
}

export interface ServerCertificateRequest {
  /** A name with a dot: Client VPN wants a server certificate with a domain. */
  readonly serverName: string;
  readonly organization: string;
}

/**
 * The server certificate of a CA, with the CA's own as its chain. It is made and imported where the store knows of
 * none. The ARN is kept before anybody uses it: whoever tries again gets the very same one.
 *
 * @returns its ARN in ACM, which names the CA for clients too (Client VPN administrator guide, mutual authentication)
 */
export async function ensureServerCertificate(
  deps: EnsureServerCertificateDeps,
  request: ServerCertificateRequest,
  authority: CertificationAuthority,
): Promise<string> {
  const { caId } = authority;
  const existing = await deps.endpoints.findServerCertificate(caId);
  if (existing !== undefined) return existing;
  return deps.endpoints.keepServerCertificate(caId, await importServerCertificate(deps, request, authority));
}

/** The server's key is made here, goes to ACM, and is forgotten. */
async function importServerCertificate(
  deps: EnsureServerCertificateDeps,
  { serverName, organization }: ServerCertificateRequest,
  authority: CertificationAuthority,
): Promise<string> {
  const now = secondsFrom(deps.clock.now());
  const { subjectPublicKeyInfoDer, privateKeyPem } = await deps.keyPairs.generate();
  const issuer = readCaFacts(authority.certificateDer);
  const tbs = buildTbsServerCertificate({
    serialNumber: serialNumberOf(certificateIdFrom(deps.random(SERIAL_NUMBER_OCTETS))),
    issuer,
    serverName,
    organization,
    subjectPublicKeyInfoDer,
    ...serverValidity({ now, lifetimeSeconds: SERVER_LIFETIME_SECONDS, caNotAfter: issuer.notAfter }),
  });
  assertServerCertificateLints(tbs, issuer);
  const signature = await signVerified(deps.signer, { ...issuer, keyId: authority.keyId }, tbs);
  return deps.serverCertificates.import({
    certificatePem: pemFrom('CERTIFICATE', assembleCertificate(tbs, signature)),
    privateKeyPem,
    chainPem: pemFrom('CERTIFICATE', authority.certificateDer),
  });
}
