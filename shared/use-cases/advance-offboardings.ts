import { stateOf, type CertificateRecord } from '../domain/certificate-record.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { openSteps, type OffboardingRecord } from '../domain/offboarding.ts';
import { secondsFrom } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { RevocationStore } from '../ports/revocation-store.ts';

export interface AdvanceOffboardingsDeps {
  readonly offboardings: OffboardingStore;
  readonly certificates: CertificateStore;
  readonly revocations: Pick<RevocationStore, 'listPending'>;
  readonly endpoints: Pick<EndpointStore, 'list' | 'find'>;
  readonly clock: Clock;
  readonly audit: Audit;
}

/**
 * Brings every open offboarding as far as it can go: revocation rows for each certificate, or their undoing after
 * a reinstatement; what was published; the end. Each step asks what is there, so it can be run at any time, twice,
 * and after any crash. One record that fails does not hold up the others.
 *
 * @returns how many are still open, and why any failed
 */
export async function advanceOffboardings(
  deps: AdvanceOffboardingsDeps,
): Promise<{ open: number; failures: { offboardingId: string; error: unknown }[] }> {
  const endpoints = await deps.endpoints.list();
  const records = await deps.offboardings.listOpen();
  const failures: { offboardingId: string; error: unknown }[] = [];
  let open = 0;
  for (const record of records) {
    try {
      if (!(await advance(deps, record, endpoints))) open += 1;
    } catch (error) {
      open += 1;
      failures.push({ offboardingId: record.offboardingId, error });
    }
  }
  return { open, failures };
}

/** @returns whether the record could be closed */
async function advance(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  endpoints: readonly Endpoint[],
): Promise<boolean> {
  const { offboardings, clock } = deps;
  const { offboardingId } = record;
  const endpointIds = endpoints.map((endpoint) => endpoint.endpointId);
  const steps = new Set(openSteps(record, endpointIds));
  if (steps.has('undo')) {
    await undoRevocations(deps, record);
    await offboardings.close(offboardingId, clock.now());
    return true;
  }
  // Also while it waits for the list: a reinstatement that raced with this denial may have undone a revocation.
  const mustRevoke = steps.has('revoke') || steps.has('publish');
  if (mustRevoke && !(await revokeCertificates(deps, record))) return false;
  if (steps.has('publish')) {
    for (const endpointId of endpointIds.filter((id) => record.publishedAt[id] === undefined)) {
      await notePublication(deps, record, endpointId);
    }
  }
  const now = await offboardings.find(offboardingId);
  // A reinstatement that came meanwhile leaves 'undo' to the next run.
  if (now !== undefined && openSteps(now, endpointIds).length > 0) return false;
  await offboardings.close(offboardingId, clock.now());
  return true;
}

async function unexpiredOf(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
): Promise<CertificateRecord[]> {
  const now = secondsFrom(deps.clock.now());
  const certificates = await deps.certificates.listByPerson(record.personId);
  return certificates.filter((certificate) => certificate.notAfter >= now);
}

/**
 * Reserved certificates are revoked too: one may have been signed by somebody who died before saying so.
 *
 * @returns false when the denial went away meanwhile; the next run undoes what was done
 */
async function revokeCertificates(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
): Promise<boolean> {
  const { certificates, clock, audit } = deps;
  const { offboardingId } = record;
  const unexpired = await unexpiredOf(deps, record);
  for (const certificate of unexpired) {
    if (stateOf(certificate, secondsFrom(clock.now())) === 'revoked') continue;
    const revocation = {
      revocationDate: secondsFrom(clock.now()),
      reason: 'cessationOfOperation' as const,
      by: 'offboarding' as const,
      offboardingId,
    };
    const outcome = await certificates.revoke(certificate, revocation, clock.now());
    if (outcome === 'denialGone') return false;
    if (outcome === 'revoked') {
      const { certificateId } = certificate;
      audit.certificateRevoked({ actor: record.source, certificateId, reason: revocation.reason });
    }
  }
  await deps.offboardings.markRevoked(offboardingId, clock.now(), unexpired.length);
  return true;
}

/**
 * After a reinstatement: what no list has taken up is taken back. While another source still says "left", the store
 * hands the revocation on to that denial.
 */
async function undoRevocations(deps: AdvanceOffboardingsDeps, record: OffboardingRecord): Promise<void> {
  for (const certificate of await unexpiredOf(deps, record)) {
    if (certificate.revocation?.by !== 'offboarding') continue;
    if ((await deps.certificates.undoRevocation(certificate)) === 'undone') {
      deps.audit.revocationUndone({ actor: record.source, certificateId: certificate.certificateId });
    }
  }
}

/**
 * Published is what the endpoint was seen to hold: a revocation is pending there until a list with it was read back.
 * The endpoint is asked after what is pending, so that the number noted is never too low.
 */
async function notePublication(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  endpointId: string,
): Promise<void> {
  const pending = new Set(
    (await deps.revocations.listPending(endpointId)).map(({ serialNumber }) => serialNumber),
  );
  const endpoint = await deps.endpoints.find(endpointId);
  if (endpoint?.crl === undefined) return;
  const concerned = (await unexpiredOf(deps, record)).filter(({ caId }) => caId === endpoint.caId);
  const isListed = concerned.every(
    ({ revocation, serialNumber }) => revocation !== undefined && !pending.has(serialNumber),
  );
  if (!isListed) return;
  const { crlNumber, confirmedAt } = endpoint.crl;
  await deps.offboardings.markPublished(record.offboardingId, endpointId, crlNumber, confirmedAt);
}
