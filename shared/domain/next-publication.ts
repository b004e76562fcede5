import {
  ANSWER_SECONDS,
  changedSinceOf,
  decidePublication,
  firstQuietAt,
  halfLifeOf,
  PENDING_SECONDS,
  RESEND_SECONDS,
  UNSEEN_SECONDS,
  type PublicationPolicy,
  type PublicationReason,
  type PublicationSituation,
} from './publication.ts';
import type { EpochMilliseconds } from './time.ts';

export interface NextPublication {
  readonly at: EpochMilliseconds;
  readonly reason: PublicationReason;
}

/**
 * When the next list is due if nothing else happens, found by asking the rule itself at each time at which its answer
 * can change.
 *
 * @returns undefined while the endpoint has a list of ours and says "pending": it is waited for however long
 */
export function nextPublication(
  situation: PublicationSituation,
  policy: PublicationPolicy,
): NextPublication | undefined {
  const { now } = situation;
  const turns = turnsOf(situation, policy).filter((at) => at > now);
  const quiet = [now, ...turns].map((at) => firstQuietAt(at, policy.quietHours));
  for (const at of [now, ...turns, ...quiet].sort((one, other) => one - other)) {
    const { publish, reason } = decidePublication({ ...situation, now: at }, policy);
    if (publish) return { at, reason };
  }
  return undefined;
}

/** Each time named in the rule, but for quiet hours. */
function turnsOf(situation: PublicationSituation, policy: PublicationPolicy): EpochMilliseconds[] {
  const { attempt, confirmed, lastUnplannedImportAt } = situation;
  const after = (at: EpochMilliseconds | undefined, ...seconds: number[]): EpochMilliseconds[] =>
    at === undefined ? [] : seconds.map((wait) => at + wait * 1000);
  const changedSince = confirmed && changedSinceOf(situation, confirmed);
  return [
    ...after(attempt?.at, PENDING_SECONDS, RESEND_SECONDS, UNSEEN_SECONDS),
    ...after(lastUnplannedImportAt, policy.spacingSeconds, ANSWER_SECONDS),
    ...after(confirmed?.importedAt, ANSWER_SECONDS),
    ...after(confirmed?.confirmedAt, RESEND_SECONDS),
    ...after(changedSince, policy.longestWaitSeconds),
    ...(confirmed === undefined ? [] : [halfLifeOf(confirmed)]),
  ];
}
