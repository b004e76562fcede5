import {
  decidePublication,
  type PublicationDecision,
  type PublicationReason,
} from '../../domain/publication.ts';
import { SECONDS_PER_DAY, secondsFrom } from '../../domain/time.ts';
import type { PublicationOptions, PublishDeps } from './deps.ts';
import { FOREIGN_LIST_WORDS, noteEndpointIncident } from './endpoint-incidents.ts';
import { ownListOf, readHeldList } from './endpoint-reading.ts';
import { isFullAndSame } from './full-list.ts';
import { readForecast } from './forecast.ts';
import { adoptHeldList, importList, LEASE_MILLISECONDS, Overtaken, type TimedLease } from './import-list.ts';
import { mergeHeldList } from './merge-list.ts';
import { isForItsEntries } from './same-entries.ts';
import { readSituation, type Reading } from './situation.ts';

export interface PublishResult extends PublicationDecision {
  readonly endpointId: string;
  readonly crlNumber?: number;
  readonly entries?: number;
  /** The endpoint was seen to hold the list; else the next run looks again. */
  readonly isConfirmed?: boolean;
}

/**
 * Brings the endpoint's list up to date if it is due: build from the table, sign, verify by other code than built
 * it, import, read back until active, record. The one path for urgent, windowed, scheduled and manual publication.
 *
 * Dying anywhere is safe: a number may be lost, a list may be imported and not recorded; the next run sees both. Where
 * two publishers met at the endpoint, the one that notices puts a newer list over whatever is there.
 *
 * @throws Error when our own list does not verify, or somebody took over: whoever called tries again
 */
export async function publish(
  deps: PublishDeps,
  endpointId: string,
  options: PublicationOptions = {},
): Promise<PublishResult> {
  try {
    return await publishOnce(deps, endpointId, options, false);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    return publishOnce(deps, endpointId, options, true);
  }
}

async function publishOnce(
  deps: PublishDeps,
  endpointId: string,
  options: PublicationOptions,
  isRepair: boolean,
): Promise<PublishResult> {
  const now = deps.clock.now();
  const until = now + LEASE_MILLISECONDS;
  const lease = await deps.endpoints.acquireLease(endpointId, now, until);
  if (lease === undefined) return leftAlone(endpointId, 'otherPublisher');
  try {
    return await publishUnder(deps, { ...lease, until }, options, isRepair);
  } finally {
    await deps.endpoints.releaseLease(lease);
  }
}

const leftAlone = (endpointId: string, reason: PublicationReason): PublishResult => ({
  endpointId,
  publish: false,
  unplanned: false,
  reason,
});

async function publishUnder(
  deps: PublishDeps,
  lease: TimedLease,
  options: PublicationOptions,
  isRepair: boolean,
): Promise<PublishResult> {
  const { endpointId } = lease;
  const found = await deps.endpoints.find(endpointId);
  if (found === undefined) throw new Error(`the endpoint ${endpointId} is not set up`);
  if (found.retiredAt !== undefined) return leftAlone(endpointId, 'endpointRetired');
  const held = await readHeldList(deps, endpointId);
  const endpoint = await adoptHeldList(deps, lease, found, held);
  const reading = await readSituation(deps, endpoint, held, options);
  const { situation } = reading;
  const decided = decidePublication({ ...situation, isRepair }, deps.policy);
  const isSame = await isFullAndSame(deps, reading, decided);
  // Its age counts all the same.
  const unchanged = { ...situation, oldestPendingSince: undefined, doHoldsDiffer: false };
  const decision = isSame ? decidePublication(unchanged, deps.policy) : decided;
  deps.audit.publicationDecided({ endpointId, publish: decision.publish, reason: decision.reason });
  // Before anything is done about it: operators hear of it also when replacing the list fails.
  const isGateMissing = !situation.isGateOn && options.gateGoesOff === undefined;
  await noteEndpointIncident(deps, endpointId, 'gateOff', isGateMissing);
  await noteDrift(deps, reading);
  if (decision.publish && situation.exported !== 'same') await mergeHeldList(deps, reading);
  const isForEntries = isForItsEntries(reading, decision);
  const published = decision.publish
    ? await importList(deps, lease, reading, { ...options, isUnplanned: decision.unplanned, isForEntries })
    : undefined;
  if (published !== undefined) await noteForecast(deps, endpoint.caId);
  // An administrator's "now" is answered also when nothing had changed; while a list is waited for, it waits with it.
  if (endpoint.publicationRequest !== undefined && decision.reason !== 'waitsForEndpoint') {
    await deps.endpoints.endPublicationRequest(endpointId, endpoint.publicationRequest);
  }
  return decision.publish && published === undefined
    ? unchangedSince(deps, endpointId)
    : { endpointId, ...decision, ...published };
}

/** What was pending when it was decided was taken back before a list could have it. */
function unchangedSince({ audit }: PublishDeps, endpointId: string): PublishResult {
  audit.publicationDecided({ endpointId, publish: false, reason: 'unchanged' });
  return leftAlone(endpointId, 'unchanged');
}

async function noteForecast(deps: PublishDeps, caId: string): Promise<void> {
  const { entries, liveCertificates, reachedAt } = await readForecast(deps, caId);
  const now = secondsFrom(deps.clock.now());
  const daysLeft = reachedAt === undefined ? undefined : Math.floor((reachedAt - now) / SECONDS_PER_DAY);
  deps.audit.quotaForecast({ caId, entries, liveCertificates, daysLeft });
}

/** Somebody else's list; one of ours that is on its way is none. */
async function noteDrift(deps: PublishDeps, { endpoint, situation, held, issuer }: Reading): Promise<void> {
  const { confirmed, exported, attempt } = situation;
  const isDrift = confirmed !== undefined && exported !== 'same' && attempt === undefined;
  const words = isDrift && ownListOf(held, issuer) === undefined ? FOREIGN_LIST_WORDS : undefined;
  await noteEndpointIncident(deps, endpoint.endpointId, 'crlDrift', isDrift, words);
}
