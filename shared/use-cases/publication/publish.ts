import type { ConfirmedCrl, Endpoint } from '../../domain/endpoint.ts';
import { decidePublication, type PublicationDecision } from '../../domain/publication.ts';
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
}

/** Longer than the publisher's time-out, so that nobody else starts while it may still be alive. */
const LEASE_MILLISECONDS = 16 * 60_000;
const READ_BACK_ATTEMPTS = 60;
const READ_BACK_PAUSE_MILLISECONDS = 1_000;

/**
 * Brings the endpoint's list up to date if it is due: build from the table, sign, verify by other code than built
 * it, import, read back until active, record. The one path for urgent, windowed, scheduled and manual publication.
 *
 * Dying anywhere is safe: a number may be lost, a list may be imported and not recorded; the next run sees both.
 *
 * @throws Error when another publisher holds the endpoint, when our own list does not verify, when the endpoint
 *   does not show the list: whoever called tries again
 */
export async function publish(
  deps: PublishDeps,
  endpointId: string,
  signal?: AbortSignal,
): Promise<PublishResult> {
  const now = deps.clock.now();
  const lease = await deps.endpoints.acquireLease(endpointId, now, now + LEASE_MILLISECONDS);
  if (lease === undefined) throw new Error(`another publisher works at ${endpointId}`);
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
  const decision = await decide(deps, endpoint, held);
  deps.audit.publicationDecided({ endpointId, publish: decision.publish, reason: decision.reason });
  const published = decision.publish ? await replaceList(deps, lease, endpoint, held, decision, signal) : {};
  await noteEndpointIncident(deps, endpointId, 'crlDrift', decision.reason === 'drift');
  // An administrator's "now" is answered also when nothing had changed.
  if (endpoint.publicationRequest !== undefined) {
    await deps.endpoints.endPublicationRequest(endpointId, endpoint.publicationRequest);
  }
  return { endpointId, ...decision, ...published };
}

async function decide(
  deps: PublishDeps,
  endpoint: Endpoint,
  held: HeldList | undefined,
): Promise<PublicationDecision> {
  const { endpointId, crl } = endpoint;
  const gateIsOn = await isGateOn(deps, endpoint);
  await noteEndpointIncident(deps, endpointId, 'gateOff', !gateIsOn);
  const [oldest] = await deps.revocations.listPending(endpointId, 1);
  const situation = {
    now: deps.clock.now(),
    confirmed: crl,
    exported: held === undefined ? ('none' as const) : held.sha256Hex === crl?.sha256Hex ? 'same' : 'other',
    oldestPendingSince: oldest?.since,
    isGateOn: gateIsOn,
    request: endpoint.publicationRequest,
    lastUnplannedImportAt: endpoint.lastUnplannedImportAt,
  } as const;
  return decidePublication(situation, deps.policy);
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
  const current = await deps.crls.current(endpoint.caId);
  if (held === undefined || current?.sha256Hex !== held.sha256Hex) return endpoint;
  if (held.sha256Hex === endpoint.crl?.sha256Hex) {
    await clearPending(deps, endpoint.endpointId, current);
    return endpoint;
  }
  await readBack(deps, endpoint.endpointId, current);
  await confirm(deps, lease, endpoint, current, deps.clock.now(), true);
  return (await deps.endpoints.find(endpoint.endpointId)) ?? endpoint;
}

async function replaceList(
  deps: PublishDeps,
  lease: Lease,
  endpoint: Endpoint,
  held: HeldList | undefined,
  decision: PublicationDecision,
  signal?: AbortSignal,
): Promise<{ crlNumber: number; entries: number }> {
  const { endpointId } = endpoint;
  const crl = await signList(deps, endpoint, held?.crlNumber ?? 0);
  if (!(await deps.crls.activate(endpoint.caId, crl))) {
    throw new Error(`a newer list than ${crl.crlNumber} of ${endpoint.caId} is there already`);
  }
  // The last look before the one effect that cannot be fenced: who lost the lease imports nothing.
  if (!(await deps.endpoints.renewLease(lease, deps.clock.now() + LEASE_MILLISECONDS))) {
    throw new Error(`another publisher took over at ${endpointId}`);
  }
  const importedAt = deps.clock.now();
  await deps.vpnCrl.import(endpointId, pemFrom('X509 CRL', crl.der));
  await readBack(deps, endpointId, crl, signal);
  await confirm(deps, lease, endpoint, crl, importedAt, decision.unplanned);
  return { crlNumber: crl.crlNumber, entries: crl.entries };
}

/** Reads the endpoint's list until it is active and is the one that was imported. */
async function readBack(
  deps: PublishDeps,
  endpointId: string,
  crl: SignedCrl,
  signal?: AbortSignal,
): Promise<void> {
  for (let attempt = 0; attempt < READ_BACK_ATTEMPTS; attempt += 1) {
    const held = await readHeldList(deps, endpointId);
    if (held?.status === 'active' && held.sha256Hex === crl.sha256Hex) return;
    await deps.clock.sleep(READ_BACK_PAUSE_MILLISECONDS, signal);
  }
  throw new Error(`${endpointId} does not show list ${crl.crlNumber} as active yet`);
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
  await clearPending(deps, endpointId, crl);
}

/**
 * What was pending and is on the list is pending no more. The list itself is asked, not the numbers of its rows: a
 * publisher that slept may have given a row a number whose list was never imported.
 */
async function clearPending(deps: PublishDeps, endpointId: string, crl: SignedCrl): Promise<void> {
  const pending = await deps.revocations.listPending(endpointId);
  if (pending.length === 0) return;
  const { entries } = readCrl(crl.der);
  const done = pending.filter(({ serialNumber }) => entries.has(serialNumber));
  if (done.length > 0) await deps.revocations.clearPending(endpointId, done);
}
