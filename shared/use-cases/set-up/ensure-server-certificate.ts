import type { CertificationAuthority } from '../../domain/endpoint.ts';
import { secondsFrom } from '../../domain/time.ts';
import type { EnsureAuthorityDeps } from './ensure-authority.ts';
import {
  issueServerCertificate,
  type IssueServerCertificateDeps,
  type ServerCertificateRequest,
} from './issue-server-certificate.ts';

export type EnsureServerCertificateDeps = EnsureAuthorityDeps & IssueServerCertificateDeps;

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
  const made = await issueServerCertificate(deps, authority, request);
  if (made === undefined) throw new Error('a first server certificate waits for nobody');
  const kept = await deps.endpoints.keepServerCertificate(caId, made.arn);
  // Of two that raced one stays in ACM, and nobody uses it.
  if (kept !== made.arn) return kept;
  await deps.serverCertificateStore.markImported(caId, made.serialNumber, secondsFrom(deps.clock.now()));
  deps.audit.serverCertificateImported({ caId, serialNumber: made.serialNumber, arn: made.arn });
  return kept;
}
