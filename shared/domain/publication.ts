import { CLIENT_VPN_CRL_QUOTA } from './crl-facts.ts';
import type { ConfirmedCrl, ImportAttempt, PublicationRequest } from './endpoint.ts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type EpochMilliseconds, type EpochSeconds } from './time.ts';

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
  /** The entries that an endpoint takes; AWS's number, which nobody can have raised. */
  readonly mostEntries: number;
}

export const DEFAULT_PUBLICATION_POLICY: PublicationPolicy = {
  crlLifeSeconds: 60 * SECONDS_PER_DAY,
  longestWaitSeconds: SECONDS_PER_DAY,
  spacingSeconds: 6 * SECONDS_PER_HOUR,
  quietHours: { fromHour: 2, toHour: 4 },
  mostEntries: CLIENT_VPN_CRL_QUOTA,
};

export const PUBLICATION_REASONS = [
  'firstList',
  'requested',
  'drift',
  'overwritten',
  'gateOff',
  'due',
  'refresh',
  // reasons to leave the list alone
  'unchanged',
  'otherPublisher',
  'endpointRetired',
  'waitsForEndpoint',
  'waitsForWindow',
  'waitsForRefresh',
  'waitsForSpacing',
  'waitsForQuietHours',
] as const;
export type PublicationReason = (typeof PUBLICATION_REASONS)[number];

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
  /** What the endpoint says that it holds, against what we recorded; `older`: of our CA, with a lower number. */
  readonly exported: 'same' | 'none' | 'other' | 'older';
  readonly exportedStatus: 'pending' | 'active' | undefined;
  /** A list that was sent and not seen at the endpoint since. */
  readonly attempt: ImportAttempt | undefined;
  /** The endpoint has that list already and says "pending". */
  readonly isAttemptHeld: boolean;
  /** When the oldest revocation that the endpoint does not hold began to wait for it, which may be later than now. */
  readonly oldestPendingSince: EpochMilliseconds | undefined;
  /** The list there lacks somebody who is held while the gate is off, or has somebody who need not be held there. */
  readonly doHoldsDiffer: boolean;
  readonly isGateOn: boolean;
  /** Somebody is about to switch the gate off, and needs a list that ends at this time or later. */
  readonly gateGoesOff: { readonly nextUpdateFrom: EpochSeconds } | undefined;
  readonly request: PublicationRequest | undefined;
  readonly lastUnplannedImportAt: EpochMilliseconds | undefined;
  /** The publisher saw that it, or another, put an older list over a newer one. */
  readonly isRepair?: boolean;
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

/**
 * Past half of its life a list is signed again, in the first quiet hours; once those have gone by without it, at any
 * hour. A list that was sent and not seen is waited for, so that tries are an hour apart.
 */
function refreshDecision(
  crl: ConfirmedCrl,
  now: EpochMilliseconds,
  { quietHours }: PublicationPolicy,
): PublicationDecision {
  const halfAt = halfLifeOf(crl);
  if (now < halfAt) return leave('unchanged');
  return now < firstQuietAt(halfAt, quietHours) ? leave('waitsForQuietHours') : publish('refresh', false);
}

/** When half of a list's life is over. */
export const halfLifeOf = ({ thisUpdate, nextUpdate }: ConfirmedCrl): EpochMilliseconds =>
  ((thisUpdate + nextUpdate) / 2) * 1000;

/** The first quiet moment from a time on; a day later where no hour is quiet. */
export function firstQuietAt(
  from: EpochMilliseconds,
  quietHours: PublicationPolicy['quietHours'],
): EpochMilliseconds {
  const hourMilliseconds = SECONDS_PER_HOUR * 1000;
  let at = from;
  for (let hour = 0; hour < 24; hour += 1) {
    if (isQuietHour(at, quietHours)) return at;
    at = (Math.floor(at / hourMilliseconds) + 1) * hourMilliseconds;
  }
  return from + SECONDS_PER_DAY * 1000;
}

function pendingDecision(
  since: EpochMilliseconds,
  situation: PublicationSituation,
  policy: PublicationPolicy,
): PublicationDecision {
  const { now, lastUnplannedImportAt } = situation;
  // A certificate that was replaced waits for a list that is made for another reason, until its own time comes.
  if (now < since) return leave('waitsForRefresh');
  const isSpaced =
    lastUnplannedImportAt === undefined || now >= lastUnplannedImportAt + policy.spacingSeconds * 1000;
  if (!isSpaced) return leave('waitsForSpacing');
  const isDue = now >= since + policy.longestWaitSeconds * 1000 || isQuietHour(now, policy.quietHours);
  return isDue ? publish('due') : leave('waitsForWindow');
}

/** AWS: changes of an endpoint take up to four hours. */
export const PENDING_SECONDS = 4 * SECONDS_PER_HOUR;
/** An endpoint that shows another list as active may never have got ours; sending again resets everybody. */
export const UNSEEN_SECONDS = SECONDS_PER_HOUR;
/**
 * An endpoint may show for a while what it had, also after it has shown ours; within this not even an administrator's
 * newer word sends again.
 */
export const RESEND_SECONDS = 5 * 60;
/** Between imports that answer to what somebody else does to the endpoint, however often it is done. */
export const ANSWER_SECONDS = SECONDS_PER_HOUR;

/** Whether a list that was sent is still to be waited for. Only a newer word of an administrator sends again. */
function isWaitedFor(situation: PublicationSituation): boolean {
  const { attempt, isAttemptHeld, now, exportedStatus, request } = situation;
  if (attempt === undefined) return false;
  if (isAttemptHeld) return true;
  const isAskedSince = request !== undefined && request.requestedAt > attempt.at;
  const usualSeconds = exportedStatus === 'pending' ? PENDING_SECONDS : UNSEEN_SECONDS;
  return now < attempt.at + (isAskedSince ? RESEND_SECONDS : usualSeconds) * 1000;
}

/**
 * Since when the list there is not what it should be. Who is on it only as held cannot be older than the list: when the
 * gate is on again, they leave it as others come onto it, in the window.
 */
export function changedSinceOf(
  { oldestPendingSince, doHoldsDiffer }: Pick<PublicationSituation, 'oldestPendingSince' | 'doHoldsDiffer'>,
  confirmed: ConfirmedCrl,
): EpochMilliseconds | undefined {
  if (!doHoldsDiffer) return oldestPendingSince;
  return Math.min(oldestPendingSince ?? confirmed.importedAt, confirmed.importedAt);
}

const isWithin = (at: EpochMilliseconds | undefined, seconds: number, now: EpochMilliseconds): boolean =>
  at !== undefined && now < at + seconds * 1000;

/** The endpoint shows another list than ours, which was seen there. */
function driftDecision(
  { importedAt, confirmedAt }: ConfirmedCrl,
  { now, request, gateGoesOff }: PublicationSituation,
): PublicationDecision {
  if (gateGoesOff !== undefined) return publish('drift');
  if (request === undefined && isWithin(importedAt, ANSWER_SECONDS, now)) return leave('waitsForSpacing');
  return isWithin(confirmedAt, RESEND_SECONDS, now) ? leave('waitsForEndpoint') : publish('drift');
}

/**
 * Whether a list is to be published at an endpoint now, and why or why not. Only an administrator's word means
 * "now"; and even then nothing is imported when nothing would change.
 */
export function decidePublication(
  situation: PublicationSituation,
  policy: PublicationPolicy,
): PublicationDecision {
  const { confirmed, exported, now, request, lastUnplannedImportAt, gateGoesOff } = situation;
  if (situation.isRepair === true && exported === 'older') return publish('overwritten');
  if (isWaitedFor(situation)) return leave('waitsForEndpoint');
  if (confirmed === undefined) {
    // Nobody is connected to a new endpoint whom it could disturb; to one that a list was sent to, or that had one, many.
    return publish('firstList', exported !== 'none' || situation.attempt !== undefined);
  }
  if (exported !== 'same') return driftDecision(confirmed, situation);
  const refresh = refreshDecision(confirmed, now, policy);
  const changedSince = changedSinceOf(situation, confirmed);
  if (gateGoesOff !== undefined) {
    const isTooShort = confirmed.nextUpdate < gateGoesOff.nextUpdateFrom;
    return changedSince !== undefined || isTooShort ? publish('gateOff') : leave('unchanged');
  }
  if (changedSince !== undefined) {
    if (request !== undefined) return publish('requested');
    // No employee may cause one reset after the other while the gate is off.
    if (!situation.isGateOn && !isWithin(lastUnplannedImportAt, ANSWER_SECONDS, now))
      return publish('gateOff');
    if (refresh.publish) return refresh;
    return pendingDecision(changedSince, situation, policy);
  }
  return refresh;
}
