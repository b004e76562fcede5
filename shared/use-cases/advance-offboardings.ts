import { stateOf, type CertificateRecord } from '../domain/certificate-record.ts';
import type { ConfirmedCrl, Endpoint } from '../domain/endpoint.ts';
import { openSteps, type OffboardingRecord } from '../domain/offboarding.ts';
import { secondsFrom } from '../domain/time.ts';
import { endpointIdsTrusting } from './concerned-endpoints.ts';
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

export interface AdvanceResult {
  /** How many are still open. */
  readonly open: number;
  readonly failures: readonly { readonly offboardingId: string; readonly error: unknown }[];
}

/**
 * Brings every open offboarding as far as it can go: revocation rows for each certificate, or their undoing after a
 * reinstatement; then what was published, and the end. What keeps people out comes first, for everybody. Each step
 * asks what is there, so it can be run at any time, twice, and after any crash; one record that fails does not hold
 * up the others.
 */
export async function advanceOffboardings(deps: AdvanceOffboardingsDeps): Promise<AdvanceResult> {
  const endpointIds = (await deps.endpoints.list()).map(({ endpointId }) => endpointId);
  const failures: { offboardingId: string; error: unknown }[] = [];
  const each = async (
    records: readonly OffboardingRecord[],
    step: (record: OffboardingRecord) => Promise<unknown>,
  ): Promise<void> => {
    for (const record of records) {
      const { offboardingId } = record;
      await step(record).catch((error: unknown) => failures.push({ offboardingId, error }));
    }
  };
  await each(await deps.offboardings.listOpen(), (record) => settleRevocations(deps, record, endpointIds));
  const open = await deps.offboardings.listOpen();
  const listed = await readListed(deps, open, endpointIds);
  await each(open, (record) => conclude(deps, record, endpointIds, listed));
  return { open: (await deps.offboardings.listOpen()).length, failures };
}

async function settleRevocations(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  endpointIds: readonly string[],
): Promise<void> {
  const steps = openSteps(record, endpointIds);
  if (steps.includes('undo')) {
    await undoRevocations(deps, record);
    await deps.offboardings.close(record.offboardingId, deps.clock.now());
  } else if (steps.includes('revoke') || steps.includes('publish')) {
    // Also while it waits for the list: a reinstatement that raced with this denial may have undone a revocation.
    await revokeCertificates(deps, record);
  }
}

/** Notes what was published, and closes what has nothing left. */
async function conclude(
  { offboardings, clock }: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  endpointIds: readonly string[],
  listed: Listed,
): Promise<void> {
  const { offboardingId } = record;
  const isWaiting = openSteps(record, endpointIds).includes('publish') && record.revokedAt !== undefined;
  for (const endpointId of endpointIds) {
    const crl = isWaiting && record.publishedAt[endpointId] === undefined && listed(record, endpointId);
    if (crl) await offboardings.markPublished(offboardingId, endpointId, crl.crlNumber, crl.confirmedAt);
  }
  const now = await offboardings.find(offboardingId);
  if (now !== undefined && openSteps(now, endpointIds).length > 0) return;
  await offboardings.close(offboardingId, clock.now());
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
 * Reserved certificates are revoked too: one may have been signed by somebody who died before saying so. Where the
 * denial went away meanwhile nothing is marked; the next run undoes what was done.
 */
async function revokeCertificates(deps: AdvanceOffboardingsDeps, record: OffboardingRecord): Promise<void> {
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
    const alsoAt = await endpointIdsTrusting(deps.endpoints, certificate.caId);
    const outcome = await certificates.revoke(certificate, revocation, clock.now(), alsoAt, record.source);
    if (outcome === 'denialGone') return;
    if (outcome === 'revoked') {
      const { certificateId } = certificate;
      audit.certificateRevoked({ actor: record.source, certificateId, reason: revocation.reason });
    }
  }
  if (record.revokedAt === undefined) {
    await deps.offboardings.markRevoked(offboardingId, clock.now(), unexpired.length);
  }
}

/**
 * After a reinstatement: what no list has taken up is taken back. While another source still says "left", the store
 * hands the revocation on to that denial.
 */
async function undoRevocations(deps: AdvanceOffboardingsDeps, record: OffboardingRecord): Promise<void> {
  for (const certificate of await unexpiredOf(deps, record)) {
    if (certificate.revocation?.by !== 'offboarding') continue;
    if ((await deps.certificates.undoRevocation(certificate, deps.clock.now())) === 'undone') {
      deps.audit.revocationUndone({ actor: record.source, certificateId: certificate.certificateId });
    }
  }
}

/** The list at an endpoint if it has every unexpired certificate of a record's person. */
type Listed = (record: OffboardingRecord, endpointId: string) => ConfirmedCrl | undefined;

/**
 * Listed is what the endpoint was seen to hold: a revocation is pending there until a list with it was read back. The
 * order matters: certificates, then what is pending, then the list, so that nothing counts as listed too early and no
 * number is too low.
 */
async function readListed(
  deps: AdvanceOffboardingsDeps,
  records: readonly OffboardingRecord[],
  endpointIds: readonly string[],
): Promise<Listed> {
  const waiting = records.filter((record) => openSteps(record, endpointIds).includes('publish'));
  const certificates = new Map<string, CertificateRecord[]>();
  for (const record of waiting) certificates.set(record.offboardingId, await unexpiredOf(deps, record));
  const pending = new Map<string, ReadonlySet<string>>();
  const endpoints = new Map<string, Endpoint>();
  for (const endpointId of waiting.length > 0 ? endpointIds : []) {
    const serials = (await deps.revocations.listPending(endpointId)).map(({ serialNumber }) => serialNumber);
    pending.set(endpointId, new Set(serials));
    const endpoint = await deps.endpoints.find(endpointId);
    if (endpoint !== undefined) endpoints.set(endpointId, endpoint);
  }
  return (record, endpointId) => {
    const endpoint = endpoints.get(endpointId);
    const concerned = certificates.get(record.offboardingId)?.filter(({ caId }) => caId === endpoint?.caId);
    const isListed = concerned?.every(
      ({ revocation, serialNumber }) =>
        revocation !== undefined && pending.get(endpointId)?.has(serialNumber) === false,
    );
    return isListed === true ? endpoint?.crl : undefined;
  };
}
