import type { SerialNumber } from '../../domain/certificate-id.ts';
import type { SignedCrl } from '../../domain/crl-facts.ts';
import type { ConfirmedCrl, Endpoint } from '../../domain/endpoint.ts';
import { readCrl, type ReadCrl } from '../../domain/x509/crl-reader.ts';
import { pemFrom } from '../../domain/x509/pem.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { Lease } from '../../ports/endpoint-store.ts';
import type { PublicationOptions, PublishDeps } from './deps.ts';
import { ownNumberOf, readHeldList, type HeldList } from './endpoint-reading.ts';
import { signList } from './sign-list.ts';
import type { Reading } from './situation.ts';

/** Longer than the publisher's time-out, so that nobody else starts while it may still be alive. */
export const LEASE_MILLISECONDS = 6 * 60_000;
/** An endpoint is asked soon, then less and less often, for about a minute. */
const READ_BACK_PAUSES_MILLISECONDS = [200, 400, 800, 1_600, ...Array.from({ length: 19 }, () => 3_000)];

/**
 * Two publishers were at work at one endpoint, and an older list may have been imported over a newer one: EC2 takes no
 * condition. Whoever notices publishes again.
 */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** A lease, and until when it was given: what was decided under it is too old from then on, whoever holds it. */
export interface TimedLease extends Lease {
  readonly until: EpochMilliseconds;
}

/**
 * Signs the next list and imports it, under the lease that is held.
 *
 * EC2 takes no fencing token. So the store is asked as the last thing before the import and as the first after it, and
 * the list is read back: a publisher that slept in between notices what it did. The clock is asked too: where nobody
 * took over, a publisher that slept could renew its lease, and would import what was decided before it slept.
 *
 * @returns undefined where the list would say nothing new, and nothing was imported
 * @throws Error before the import when somebody took over, or the lease is over; Overtaken when that showed only after it
 */
export async function importList(
  deps: PublishDeps,
  lease: TimedLease,
  reading: Reading,
  { isUnplanned, ...options }: PublicationOptions & Record<'isUnplanned' | 'isForEntries', boolean>,
): Promise<{ crlNumber: number; entries: number; isConfirmed: boolean } | undefined> {
  const { endpoint } = reading;
  const { endpointId } = endpoint;
  const signed = await signList(deps, reading, options);
  if (signed === undefined) return undefined;
  const { crl, leftOff } = signed;
  const { crlNumber, sha256Hex, entries } = crl;
  const isCurrent = await deps.crls.activate(endpoint.caId, crl);
  // Current or not, the store said what became of it.
  deps.audit.signatureRecorded();
  if (!isCurrent) {
    throw new Error(`a newer list than ${crl.crlNumber} of ${endpoint.caId} is there already`);
  }
  const renewed = { ...lease, until: deps.clock.now() + LEASE_MILLISECONDS };
  if (!(await deps.endpoints.renewLease(lease, renewed.until))) throw tookOver(lease);
  assertInTime(deps, lease);
  const importedAt = deps.clock.now();
  // Written first: whoever comes next waits for this list instead of sending another, which resets everybody again.
  if (!(await deps.endpoints.recordImportAttempt(lease, { crlNumber, sha256Hex, at: importedAt }))) {
    throw tookOver(lease);
  }
  assertInTime(deps, renewed);
  await deps.vpnCrl.import(endpointId, pemFrom('X509 CRL', crl.der), options.signal);
  if (!(await deps.endpoints.renewLease(lease, deps.clock.now() + LEASE_MILLISECONDS))) {
    throw new Overtaken(`list ${crlNumber} was imported at ${endpointId} after another publisher took over`);
  }
  const isConfirmed = await readBack(deps, reading, crl, options.signal);
  if (isConfirmed) {
    await confirmList(deps, lease, crl, importedAt, isUnplanned);
    await clearPending(deps, endpointId, new Set(leftOff.map(({ serialNumber }) => serialNumber)));
  }
  return { crlNumber, entries, isConfirmed };
}

/** Whoever comes next decides anew. */
function assertInTime({ clock }: PublishDeps, { endpointId, until }: TimedLease): void {
  if (clock.now() >= until) throw new Error(`the publisher of ${endpointId} slept past its lease`);
}

const tookOver = ({ endpointId }: Lease): Error => new Error(`another publisher took over at ${endpointId}`);

/**
 * Reads the endpoint's list until it is active and is the one that was imported.
 *
 * @returns false when the endpoint takes longer; the next run looks again
 * @throws Overtaken when it holds an older list of ours that it did not hold before
 */
async function readBack(
  deps: PublishDeps,
  { endpoint: { endpointId }, held: before, issuer }: Reading,
  crl: SignedCrl,
  signal?: AbortSignal,
): Promise<boolean> {
  let held: HeldList | undefined;
  for (const pauseMilliseconds of READ_BACK_PAUSES_MILLISECONDS) {
    await deps.clock.sleep(pauseMilliseconds, signal);
    held = await readHeldList(deps, endpointId);
    if (held?.status === 'active' && held.sha256Hex === crl.sha256Hex) return true;
  }
  if (held?.status !== 'active' || held.sha256Hex === before?.sha256Hex) return false;
  const number = ownNumberOf(held, issuer);
  if (number > 0 && number < crl.crlNumber) {
    throw new Overtaken(`list ${number} was imported at ${endpointId} over list ${crl.crlNumber}`);
  }
  return false;
}

/** Records what the endpoint was seen to hold, and forgets what is on it as pending. */
async function confirmList(
  deps: PublishDeps,
  lease: Lease,
  crl: SignedCrl,
  importedAt: EpochMilliseconds,
  isUnplanned: boolean,
): Promise<void> {
  const { endpointId } = lease;
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
  if (!(await deps.endpoints.recordCrl(lease, confirmed, isUnplanned))) {
    throw new Overtaken(
      `list ${crlNumber} could not be recorded at ${endpointId}: another publisher took over`,
    );
  }
  deps.audit.crlConfirmed({ endpointId, crlNumber, sha256Hex });
  await clearPending(deps, endpointId, revokedOn(readCrl(crl.der)));
}

/** Who is on a list for good; who is only held comes off it again. */
function revokedOn({ entries }: Pick<ReadCrl, 'entries'>): Pick<ReadonlySet<SerialNumber>, 'has'> {
  return {
    has: (serialNumber) => {
      const entry = entries.get(serialNumber);
      return entry !== undefined && entry.reason !== 'certificateHold';
    },
  };
}

/**
 * What was pending and is on the list is pending no more. The list itself is asked, not the numbers of its rows: a
 * publisher that slept may have given a row a number whose list was never imported.
 */
export async function clearPending(
  deps: PublishDeps,
  endpointId: string,
  listed: Pick<ReadonlySet<SerialNumber>, 'has'>,
): Promise<void> {
  const pending = await deps.revocations.listPending(endpointId);
  const done = pending.filter(({ serialNumber }) => listed.has(serialNumber));
  if (done.length > 0) await deps.revocations.clearPending(endpointId, done);
}

/**
 * Ends what a publisher that died left half done: a list of ours that the endpoint holds and nobody recorded, or one
 * that was recorded and whose revocations still count as pending. Either would cause a needless import.
 *
 * @returns the endpoint as it is recorded now
 */
export async function adoptHeldList(
  deps: PublishDeps,
  lease: Lease,
  endpoint: Endpoint,
  held: HeldList | undefined,
): Promise<Endpoint> {
  if (held?.der === undefined) return endpoint;
  // It was seen as active, whatever an endpoint that answers with what was says now.
  if (held.sha256Hex === endpoint.crl?.sha256Hex) {
    await clearPending(deps, endpoint.endpointId, revokedOn(readCrl(held.der)));
    return endpoint;
  }
  if (held.status === 'pending' || held.sha256Hex !== endpoint.importAttempt?.sha256Hex) return endpoint;
  const list = signedCrlFrom(held.der, held.sha256Hex);
  await confirmList(deps, lease, list, endpoint.importAttempt.at, true);
  return (await deps.endpoints.find(endpoint.endpointId)) ?? endpoint;
}

/** What a list of ours says of itself. */
function signedCrlFrom(der: Uint8Array, sha256Hex: string): SignedCrl {
  const { crlNumber = 0, thisUpdate, nextUpdate = thisUpdate, entries } = readCrl(der);
  return { crlNumber, thisUpdate, nextUpdate, entries: entries.size, der, sha256Hex };
}
