import type { AccessPolicy, Caller } from '../domain/caller.ts';
import type { CertificateRecord } from '../domain/certificate-record.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import { findOwnCertificate } from './own-certificates.ts';
import { revokeRecord, type RevokeRecordDeps } from './revoke-record.ts';

export interface RevokeCertificateDeps extends RevokeRecordDeps {
  readonly certificates: CertificateStore;
  readonly access: AccessPolicy;
}

/**
 * Revokes one of the caller's own certificates. It needs no fresh sign-in: who lost a laptop must not be held up.
 *
 * @throws DomainError notAllowed, certificateNotFound, badRevocationReason, alreadyRevoked, certificateNotActive
 */
export async function revokeOwnCertificate(
  deps: RevokeCertificateDeps,
  request: { readonly caller: Caller; readonly certificateId: string; readonly reason: string },
): Promise<CertificateRecord> {
  const record = await findOwnCertificate(deps, request.caller, request.certificateId);
  const { reason, caller } = request;
  return revokeRecord(deps, record, { reason, by: 'owner', actor: caller.personId });
}
