import type { ConfirmedCrl, Endpoint } from '../../domain/endpoint.ts';
import {
  decidePublication,
  type PublicationDecision,
  type PublicationSituation,
} from '../../domain/publication.ts';
import type { SerialNumber } from '../../domain/certificate-id.ts';
import type { SignedCrl } from '../../domain/crl-facts.ts';
import { readCrl } from '../../domain/x509/crl-reader.ts';
import { pemFrom } from '../../domain/x509/pem.ts';
import type { Lease } from '../../ports/endpoint-store.ts';
import type { PublishDeps } from './deps.ts';
import { noteEndpointIncident } from './endpoint-incidents.ts';
import { isGateOn, readHeldList, type HeldList } from './endpoint-reading.ts';
import { signList } from './sign-list.ts';

export interface PublishResult extends PublicationDecision {
  readonly endpointId: string;
  readonly crlNumber?: number;
  readonly entries?: number;
  /** The endpoint was seen to hold the list; else the next run looks again. */
  readonly isConfirmed?: boolean;
}

/** Longer than the publisher's time-out, so that nobody else starts while it may still be alive. */
const LEASE_MILLISECONDS = 6 * 60_000;
/** An endpoint is asked soon, then less and less often, for about a minute. */
const READ_BACK_PAUSES_MILLISECONDS = [200, 400, 800, 1_600, ...Array.from({ length: 19 }, () => 3_000)];

/**
 * Brings the endpoint's list up to date if it is due: build from the table, sign, verify by other code than built
 * it, import, read back until active, record. The one path for urgent, windowed, scheduled and manual publication.
 *
 * Dying anywhere is safe: a number may be lost, a list may be imported and not recorded; the next run sees both.
 *
 * @throws Error when our own list does not verify, or somebody took over: whoever called tries again
 */
export async function publish(
  deps: PublishDeps,
  endpointId: string,
  signal?: AbortSignal,
): Promise<PublishResult> {
  const now = deps.clock.now();
  const lease = await deps.endpoints.acquireLease(endpointId, now, now + LEASE_MILLISECONDS);
  if (lease === undefined) return { endpointId, publish: false, unplanned: false, reason: 'otherPublisher' };
  try {
    return await publishUnder(deps, lease, signal);
  } finally {
    await deps.endpoints.releaseLease(lease);
  }
}

async function publishUnder(deps: PublishDeps, lease: Lease, signal?: AbortSignal): Promise<PublishResult> {
  const { endpointId } = lease;
  const found = await deps.endpoints.find(endpointId);
  if (found === undefined) throw new Error(`the endpoint ${endpointId} is not set up`);
  const held = await readHeldList(deps, endpointId);
  const endpoint = await adopt(deps, lease, found, held);
  const situation = await situationOf(deps, endpoint, held);
  const decision = decidePublication(situation, deps.policy);
  deps.audit.publicationDecided({ endpointId, publish: decision.publish, reason: decision.reason });
  // Before anything is done about it: operators hear of it also when replacing the list fails.
  await noteEndpointIncident(deps, endpointId, 'gateOff', !situation.isGateOn);
  await noteEndpointIncident(deps, endpointId, 'crlDrift', isDrift(situation));
  const published = decision.publish ? await replaceList(deps, lease, endpoint, held, decision, signal) : {};
  // An administrator's "now" is answered also when nothing had changed.
  if (endpoint.publicationRequest !== undefined) {
    await deps.endpoints.endPublicationRequest(endpointId, endpoint.publicationRequest);
  }
  return { endpointId, ...decision, ...published };
}

/** Somebody else's list; one of ours that is on its way is none. */
const isDrift = ({ confirmed, exported, attempt }: PublicationSituation): boolean =>
  confirmed !== undefined && exported !== 'same' && attempt === undefined;

async function situationOf(
  deps: PublishDeps,
  endpoint: Endpoint,
  held: HeldList | undefined,
): Promise<PublicationSituation> {
  const { endpointId, crl, importAttempt } = endpoint;
  const [oldest] = await deps.revocations.listPending(endpointId, 1);
  const isUnseen = importAttempt !== undefined && importAttempt.crlNumber > (crl?.crlNumber ?? 0);
  return {
    now: deps.clock.now(),
    confirmed: crl,
    exported: held === undefined ? 'none' : held.sha256Hex === crl?.sha256Hex ? 'same' : 'other',
    exportedStatus: held?.status,
    attempt: isUnseen ? importAttempt : undefined,
    isAttemptHeld: isUnseen && held?.sha256Hex === importAttempt.sha256Hex,
    oldestPendingSince: oldest?.since,
    isGateOn: await isGateOn(deps, endpoint),
    request: endpoint.publicationRequest,
    lastUnplannedImportAt: endpoint.lastUnplannedImportAt,
  };
}

/**
 * Ends what a publisher that died left half done: a list of ours that the endpoint holds and nobody recorded, or one
 * that was recorded and whose revocations still count as pending. Either would cause a needless import.
 */
async function adopt(
  deps: PublishDeps,
  lease: Lease,
  endpoint: Endpoint,
  held: HeldList | undefined,
): Promise<Endpoint> {
  if (held?.der === undefined || held.status === 'pending') return endpoint;
  if (held.sha256Hex === endpoint.crl?.sha256Hex) {
    await clearPending(deps, endpoint.endpointId, readCrl(held.der).entries);
    return endpoint;
  }
  if (held.sha256Hex !== endpoint.importAttempt?.sha256Hex) return endpoint;
  const list = signedCrlFrom(held.der, held.sha256Hex);
  await confirm(deps, lease, endpoint, list, endpoint.importAttempt.at, true);
  return (await deps.endpoints.find(endpoint.endpointId)) ?? endpoint;
}

/** What a list of ours says of itself. */
function signedCrlFrom(der: Uint8Array, sha256Hex: string): SignedCrl {
  const { crlNumber = 0, thisUpdate, nextUpdate = thisUpdate, entries } = readCrl(der);
  return { crlNumber, thisUpdate, nextUpdate, entries: entries.size, der, sha256Hex };
}

async function replaceList(
  deps: PublishDeps,
  lease: Lease,
  endpoint: Endpoint,
  held: HeldList | undefined,
  decision: PublicationDecision,
  signal?: AbortSignal,
): Promise<{ crlNumber: number; entries: number; isConfirmed: boolean }> {
  const { endpointId } = endpoint;
  const { crl, leftOff } = await signList(deps, endpoint, held);
  const { crlNumber, sha256Hex, entries } = crl;
  if (!(await deps.crls.activate(endpoint.caId, crl))) {
    throw new Error(`a newer list than ${crl.crlNumber} of ${endpoint.caId} is there already`);
  }
  // The last look before the one effect that cannot be fenced: who lost the lease imports nothing.
  if (!(await deps.endpoints.renewLease(lease, deps.clock.now() + LEASE_MILLISECONDS))) {
    throw new Error(`another publisher took over at ${endpointId}`);
  }
  const importedAt = deps.clock.now();
  // Written first: whoever comes next waits for this list instead of sending another, which resets everybody again.
  if (!(await deps.endpoints.recordImportAttempt(lease, { crlNumber, sha256Hex, at: importedAt }))) {
    throw new Error(`another publisher took over at ${endpointId}`);
  }
  await deps.vpnCrl.import(endpointId, pemFrom('X509 CRL', crl.der), signal);
  const isConfirmed = await readBack(deps, endpointId, crl, signal);
  if (isConfirmed) {
    await confirm(deps, lease, endpoint, crl, importedAt, decision.unplanned);
    await clearPending(deps, endpointId, new Set(leftOff.map(({ serialNumber }) => serialNumber)));
  }
  return { crlNumber, entries, isConfirmed };
}

/**
 * Reads the endpoint's list until it is active and is the one that was imported.
 *
 * @returns false when the endpoint takes longer; the next run looks again
 */
async function readBack(
  deps: PublishDeps,
  endpointId: string,
  crl: SignedCrl,
  signal?: AbortSignal,
): Promise<boolean> {
  for (const pauseMilliseconds of READ_BACK_PAUSES_MILLISECONDS) {
    await deps.clock.sleep(pauseMilliseconds, signal);
    const held = await readHeldList(deps, endpointId);
    if (held?.status === 'active' && held.sha256Hex === crl.sha256Hex) return true;
  }
  return false;
}

async function confirm(
  deps: PublishDeps,
  lease: Lease,
  { endpointId }: Endpoint,
  crl: SignedCrl,
  importedAt: number,
  unplanned: boolean,
): Promise<void> {
  const { crlNumber, thisUpdate, nextUpdate, sha256Hex, entries } = crl;
  const confirmed: ConfirmedCrl = {
    crlNumber,
    thisUpdate,
    nextUpdate,
    sha256Hex,
    entries,
    importedAt,
    confirmedAt: deps.clock.now(),
  };
  if (!(await deps.endpoints.recordCrl(lease, confirmed, unplanned))) {
    throw new Error(`list ${crlNumber} could not be recorded at ${endpointId}: another publisher took over`);
  }
  deps.audit.crlConfirmed({ endpointId, crlNumber, sha256Hex });
  await clearPending(deps, endpointId, readCrl(crl.der).entries);
}

/**
 * What was pending and is on the list is pending no more. The list itself is asked, not the numbers of its rows: a
 * publisher that slept may have given a row a number whose list was never imported.
 */
async function clearPending(
  deps: PublishDeps,
  endpointId: string,
  listed: { has(serialNumber: SerialNumber): boolean },
): Promise<void> {
  const pending = await deps.revocations.listPending(endpointId);
  const done = pending.filter(({ serialNumber }) => listed.has(serialNumber));
  if (done.length > 0) await deps.revocations.clearPending(endpointId, done);
}
