import { stateOf, type CertificateRecord } from '../domain/certificate-record.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { openSteps, type OffboardingRecord } from '../domain/offboarding.ts';
import { secondsFrom } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { PersonStore } from '../ports/person-store.ts';
import type { RevocationStore } from '../ports/revocation-store.ts';

export interface AdvanceOffboardingsDeps {
  readonly offboardings: OffboardingStore;
  readonly certificates: CertificateStore;
  readonly revocations: Pick<RevocationStore, 'find'>;
  readonly people: PersonStore;
  readonly endpoints: Pick<EndpointStore, 'list'>;
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
  if (steps.has('undo')) await undoRevocations(deps, record);
  if (steps.has('revoke') && !(await revokeCertificates(deps, record))) return false;
  if (steps.has('publish')) {
    for (const endpoint of endpoints.filter(
      ({ endpointId }) => record.publishedAt[endpointId] === undefined,
    )) {
      await notePublication(deps, record, endpoint);
    }
  }
  const now = await offboardings.find(offboardingId);
  const left = now === undefined ? [] : openSteps(now, endpointIds);
  if (left.some((step) => step !== 'undo')) return false;
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

/** After a reinstatement: what no list has taken up is taken back, unless another source still says "left". */
async function undoRevocations(deps: AdvanceOffboardingsDeps, record: OffboardingRecord): Promise<void> {
  const person = await deps.people.find(record.personId);
  if (person?.denials.some(({ kind }) => kind === 'left')) return;
  for (const certificate of await unexpiredOf(deps, record)) {
    if (certificate.revocation?.offboardingId !== record.offboardingId) continue;
    if ((await deps.certificates.undoRevocation(certificate)) === 'undone') {
      deps.audit.revocationUndone({ actor: record.source, certificateId: certificate.certificateId });
    }
  }
}

/** Published is what the endpoint was seen to hold: every unexpired serial, on a list that was read back. */
async function notePublication(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  endpoint: Endpoint,
): Promise<void> {
  if (endpoint.crl === undefined) return;
  const { crlNumber, confirmedAt } = endpoint.crl;
  for (const certificate of await unexpiredOf(deps, record)) {
    if (certificate.caId !== endpoint.caId) continue;
    const row = await deps.revocations.find(endpoint.caId, certificate.notAfter, certificate.serialNumber);
    if (row?.crlNumber === undefined || row.crlNumber > crlNumber) return;
  }
  await deps.offboardings.markPublished(record.offboardingId, endpoint.endpointId, crlNumber, confirmedAt);
}
