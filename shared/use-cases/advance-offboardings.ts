import { stateOf, type CertificateRecord } from '../domain/certificate-record.ts';
import type { ConfirmedCrl, Endpoint } from '../domain/endpoint.ts';
import { openSteps, type OffboardingRecord } from '../domain/offboarding.ts';
import { secondsFrom, type EpochMilliseconds } from '../domain/time.ts';
import { endpointIdsTrusting } from './concerned-endpoints.ts';
import { eachAtOnce } from './each-at-once.ts';
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

const AT_ONCE = 16;
/** So many are looked at together: what is listed is read once for each. */
const LOOKED_AT_TOGETHER = 500;
/** What is left then is found by the next run. */
const LONGEST_MILLISECONDS = 40_000;

/**
 * Brings every open offboarding as far as it can go: revocation rows for each certificate, or their undoing after a
 * reinstatement; then what was published, and the end. What keeps people out comes first, for everybody. Each step
 * asks what is there, so it can be run at any time, twice, and after any crash; one record that fails does not hold
 * up the others, and where there are too many for one run the next ones go on.
 *
 * @param longestMilliseconds nothing new is begun later
 */
export async function advanceOffboardings(
  deps: AdvanceOffboardingsDeps,
  longestMilliseconds = LONGEST_MILLISECONDS,
): Promise<AdvanceResult> {
  const startedAt = deps.clock.now();
  const isTimeLeft = (): boolean => deps.clock.now() - startedAt < longestMilliseconds;
  const endpointIds = (await deps.endpoints.list()).map(({ endpointId }) => endpointId);
  const failures: { offboardingId: string; error: unknown }[] = [];
  const each = (
    records: readonly OffboardingRecord[],
    step: (record: OffboardingRecord) => Promise<unknown>,
  ): Promise<unknown> => {
    const tryStep = async (record: OffboardingRecord): Promise<void> => {
      const { offboardingId } = record;
      await step(record).catch((error: unknown) => failures.push({ offboardingId, error }));
    };
    return eachAtOnce(records, AT_ONCE, tryStep, isTimeLeft);
  };
  const unsettled = (await deps.offboardings.listOpen()).filter((record) => {
    const steps = openSteps(record, endpointIds);
    return steps.includes('undo') || steps.includes('revoke');
  });
  await each(unsettled, (record) => settleRevocations(deps, record, endpointIds));
  const open = await deps.offboardings.listOpen();
  let closed = 0;
  for (const together of inTurn([...chunksOf(open, LOOKED_AT_TOGETHER)], startedAt)) {
    if (!isTimeLeft()) break;
    const listed = await readListed(deps, together, endpointIds);
    await each(together, async (record) => {
      if (await conclude(deps, record, endpointIds, listed)) closed += 1;
    });
  }
  return { open: open.length - closed, failures };
}

/** Each minute another one is the first: where the time is never enough for all, each has its turn. */
function inTurn<T>(all: readonly T[], at: EpochMilliseconds): T[] {
  const first = Math.floor(at / 60_000) % Math.max(1, all.length);
  return [...all.slice(first), ...all.slice(0, first)];
}

function* chunksOf<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}

async function settleRevocations(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  endpointIds: readonly string[],
): Promise<void> {
  const steps = openSteps(record, endpointIds);
  if (steps.includes('undo')) {
    await undoRevocations(deps, record);
    await deps.offboardings.close(record.offboardingId, deps.clock.now(), record.liftedAt);
  } else if (steps.includes('revoke')) {
    await revokeCertificates(deps, record, await unexpiredOf(deps, record));
  }
}

/**
 * Notes what was published, and closes what has nothing left.
 *
 * @returns whether it was closed
 */
async function conclude(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  endpointIds: readonly string[],
  listed: Listed,
): Promise<boolean> {
  const { offboardings, clock } = deps;
  const { offboardingId } = record;
  const steps = openSteps(record, endpointIds);
  const isWaiting = steps.includes('publish') && record.revokedAt !== undefined;
  const unexpired = listed.certificatesOf(record);
  // While it waits for the list: a reinstatement that raced with this denial may have undone a revocation.
  if (isWaiting && unexpired.some(({ revocation }) => revocation === undefined)) {
    await revokeCertificates(deps, record, unexpired);
  }
  let published = 0;
  for (const endpointId of endpointIds) {
    const crl = isWaiting && record.publishedAt[endpointId] === undefined && listed.at(record, endpointId);
    if (!crl) continue;
    await offboardings.markPublished(offboardingId, endpointId, crl.crlNumber, crl.confirmedAt);
    published += 1;
  }
  // Of whom something is missing, and to whom nothing happened here, the record is as it was just read.
  if (steps.length > 0 && published === 0) return false;
  const now = await offboardings.find(offboardingId);
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
 * Reserved certificates are revoked too: one may have been signed by somebody who died before saying so. Where the
 * denial went away meanwhile nothing is marked; the next run undoes what was done.
 */
async function revokeCertificates(
  deps: AdvanceOffboardingsDeps,
  record: OffboardingRecord,
  unexpired: readonly CertificateRecord[],
): Promise<void> {
  const { certificates, clock, audit } = deps;
  const { offboardingId } = record;
  for (const certificate of unexpired) {
    if (stateOf(certificate, secondsFrom(clock.now())) === 'revoked') {
      // One that was only replaced may wait for its list no longer.
      if (certificate.revocation?.by === 'renewal') await certificates.endPatience(certificate, clock.now());
      continue;
    }
    const revocation = {
      revocationDate: secondsFrom(clock.now()),
      reason: 'cessationOfOperation' as const,
      by: 'offboarding' as const,
      offboardingId,
    };
    const alsoAt = await endpointIdsTrusting(deps.endpoints, certificate.caId);
    const outcome = await certificates.revoke(certificate, revocation, clock.now(), alsoAt, record.source);
    if (outcome === 'denialGone') return;
    // Replaced between reading and writing, if so.
    if (outcome === 'alreadyRevoked') await certificates.endPatience(certificate, clock.now());
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

interface Listed {
  /** The list at an endpoint if it has every unexpired certificate of a record's person. */
  at(record: OffboardingRecord, endpointId: string): ConfirmedCrl | undefined;
  /** Those that were read; none for a record that waits for no list. */
  certificatesOf(record: OffboardingRecord): readonly CertificateRecord[];
}

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
  await eachAtOnce(waiting, AT_ONCE, async (record) => {
    certificates.set(record.offboardingId, await unexpiredOf(deps, record));
  });
  const pending = new Map<string, ReadonlySet<string>>();
  const endpoints = new Map<string, Endpoint>();
  for (const endpointId of waiting.length > 0 ? endpointIds : []) {
    const serials = (await deps.revocations.listPending(endpointId)).map(({ serialNumber }) => serialNumber);
    pending.set(endpointId, new Set(serials));
    const endpoint = await deps.endpoints.find(endpointId);
    if (endpoint !== undefined) endpoints.set(endpointId, endpoint);
  }
  return {
    certificatesOf: ({ offboardingId }) => certificates.get(offboardingId) ?? [],
    at: ({ offboardingId }, endpointId) => {
      const endpoint = endpoints.get(endpointId);
      const concerned = certificates.get(offboardingId)?.filter(({ caId }) => caId === endpoint?.caId);
      const isListed = concerned?.every(
        ({ revocation, serialNumber }) =>
          revocation !== undefined && pending.get(endpointId)?.has(serialNumber) === false,
      );
      return isListed === true ? endpoint?.crl : undefined;
    },
  };
}
