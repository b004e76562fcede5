import { createHash } from 'node:crypto';
import { certificateIdFrom, SERIAL_NUMBER_OCTETS, serialNumberOf } from '../../domain/certificate-id.ts';
import type { CertificationAuthority } from '../../domain/endpoint.ts';
import { secondsFrom } from '../../domain/time.ts';
import { buildTbsCaCertificate } from '../../domain/x509/authority-certificates.ts';
import { readCaFacts } from '../../domain/x509/ca-facts.ts';
import { assembleCertificate } from '../../domain/x509/certificate.ts';
import { assertCaCertificateLints } from '../../domain/x509/certificate-lints.ts';
import { caValidity } from '../../domain/x509/validity.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { RandomOctets } from '../../ports/random.ts';
import type { Signer } from '../../ports/signer.ts';
import { signVerified } from '../sign-verified.ts';

export interface EnsureAuthorityDeps {
  readonly endpoints: EndpointStore;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
}

export interface AuthorityRequest {
  readonly caId: string;
  readonly keyId: string;
  readonly organization: string;
}

/**
 * The CA of that name. Its certificate is made and signed where there is none yet; of two that race the store keeps
 * one, and later requests change nothing.
 */
export async function ensureAuthority(
  deps: EnsureAuthorityDeps,
  { caId, keyId, organization }: AuthorityRequest,
): Promise<CertificationAuthority> {
  const existing = await deps.endpoints.findAuthority(caId);
  if (existing !== undefined) return existing;
  const subjectPublicKeyInfoDer = await deps.signer.publicKey(keyId);
  const tbs = buildTbsCaCertificate({
    serialNumber: serialNumberOf(certificateIdFrom(deps.random(SERIAL_NUMBER_OCTETS))),
    commonName: `${organization} VPN CA ${caId}`,
    organization,
    subjectPublicKeyInfoDer,
    ...caValidity(secondsFrom(deps.clock.now())),
  });
  assertCaCertificateLints(tbs);
  const signature = await signVerified(deps.signer, { keyId, subjectPublicKeyInfoDer }, tbs);
  const certificateDer = assembleCertificate(tbs, signature);
  const { subjectKeyIdentifierHex, notAfter } = readCaFacts(certificateDer);
  const kept = await deps.endpoints.addAuthority({
    caId,
    keyId,
    certificateDer,
    subjectKeyIdentifierHex,
    notAfter,
  });
  deps.audit.signatureRecorded();
  if (Buffer.from(kept.certificateDer).equals(certificateDer)) {
    const fingerprintSha256Hex = createHash('sha256').update(certificateDer).digest('hex');
    deps.audit.authoritySigned({ caId, fingerprintSha256Hex, notAfter });
  }
  return kept;
}
