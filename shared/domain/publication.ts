import type { ConfirmedCrl, PublicationRequest } from './endpoint.ts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type EpochMilliseconds } from './time.ts';

/** When lists are published at an endpoint. Every import resets every user's connection, so: rarely and surely. */
export interface PublicationPolicy {
  /** From `thisUpdate` to `nextUpdate`. */
  readonly crlLifeSeconds: number;
  /** The longest that a revocation waits; 0 means at once. */
  readonly longestWaitSeconds: number;
  /** The least time between two imports that are made for another reason than the list's age. */
  readonly spacingSeconds: number;
  /** Hours of the day, UTC, in which people are disturbed least; `from` may be after `to`. */
  readonly quietHours: { readonly fromHour: number; readonly toHour: number };
}

export const DEFAULT_PUBLICATION_POLICY: PublicationPolicy = {
  crlLifeSeconds: 60 * SECONDS_PER_DAY,
  longestWaitSeconds: SECONDS_PER_DAY,
  spacingSeconds: 6 * SECONDS_PER_HOUR,
  quietHours: { fromHour: 2, toHour: 4 },
};

export type PublicationReason =
  | 'firstList'
  | 'requested'
  | 'drift'
  | 'gateOff'
  | 'due'
  | 'refresh'
  // reasons to leave the list alone
  | 'unchanged'
  | 'waitsForWindow'
  | 'waitsForSpacing'
  | 'waitsForQuietHours';

export interface PublicationDecision {
  readonly publish: boolean;
  /** Made for another reason than the list's age. */
  readonly unplanned: boolean;
  readonly reason: PublicationReason;
}

/** What is known of an endpoint when the decision is taken. */
export interface PublicationSituation {
  readonly now: EpochMilliseconds;
  /** What we recorded as confirmed there. */
  readonly confirmed: ConfirmedCrl | undefined;
  /** What the endpoint says that it holds, against what we recorded. */
  readonly exported: 'same' | 'none' | 'other';
  /** When the oldest revocation was made that the endpoint does not hold. */
  readonly oldestPendingSince: EpochMilliseconds | undefined;
  readonly isGateOn: boolean;
  readonly request: PublicationRequest | undefined;
  readonly lastUnplannedImportAt: EpochMilliseconds | undefined;
}

export function isQuietHour(
  at: EpochMilliseconds,
  { fromHour, toHour }: PublicationPolicy['quietHours'],
): boolean {
  const hour = new Date(at).getUTCHours();
  return fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
}

const publish = (reason: PublicationReason, unplanned = true): PublicationDecision => ({
  publish: true,
  unplanned,
  reason,
});
const leave = (reason: PublicationReason): PublicationDecision => ({
  publish: false,
  unplanned: false,
  reason,
});

/** Past half of its life a list is signed again in quiet hours; past two thirds at any hour. */
function refreshDecision(
  crl: ConfirmedCrl,
  now: EpochMilliseconds,
  policy: PublicationPolicy,
): PublicationDecision {
  const lifeSeconds = crl.nextUpdate - crl.thisUpdate;
  const ageSeconds = now / 1000 - crl.thisUpdate;
  if (ageSeconds < lifeSeconds / 2) return leave('unchanged');
  const canWait = ageSeconds < (lifeSeconds * 2) / 3;
  return canWait && !isQuietHour(now, policy.quietHours)
    ? leave('waitsForQuietHours')
    : publish('refresh', false);
}

function pendingDecision(
  since: EpochMilliseconds,
  situation: PublicationSituation,
  policy: PublicationPolicy,
): PublicationDecision {
  const { now, lastUnplannedImportAt } = situation;
  const isSpaced =
    lastUnplannedImportAt === undefined || now >= lastUnplannedImportAt + policy.spacingSeconds * 1000;
  if (!isSpaced) return leave('waitsForSpacing');
  const isDue = now >= since + policy.longestWaitSeconds * 1000 || isQuietHour(now, policy.quietHours);
  return isDue ? publish('due') : leave('waitsForWindow');
}

/**
 * Whether a list is to be published at an endpoint now, and why or why not. Only an administrator's word means
 * "now"; and even then nothing is imported when nothing would change.
 */
export function decidePublication(
  situation: PublicationSituation,
  policy: PublicationPolicy,
): PublicationDecision {
  const { confirmed, exported, oldestPendingSince, now } = situation;
  if (confirmed === undefined) return publish('firstList');
  if (exported !== 'same') return publish('drift');
  const refresh = refreshDecision(confirmed, now, policy);
  if (oldestPendingSince !== undefined) {
    if (situation.request !== undefined) return publish('requested');
    if (!situation.isGateOn) return publish('gateOff');
    if (refresh.publish) return refresh;
    return pendingDecision(oldestPendingSince, situation, policy);
  }
  return refresh;
}
