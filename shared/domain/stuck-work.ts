import type { Endpoint } from './endpoint.ts';
import { openSteps, type OffboardingRecord } from './offboarding.ts';
import type { EpochMilliseconds } from './time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The publisher comes every five minutes. */
const ANSWER_MILLISECONDS = 20 * MINUTE;
/** A revocation waits a day for its window at most, and six hours after an unplanned import. */
const PENDING_MILLISECONDS = 31 * HOUR;
/** Then the publisher sends the list again. */
const UNCONFIRMED_MILLISECONDS = 5 * HOUR;
/** Cutting and revoking take seconds. */
const URGENT_MILLISECONDS = 15 * MINUTE;

/** Whether somebody who left waits to be cut or revoked, or somebody who came back to be let in. */
export function isStuck(
  record: OffboardingRecord,
  endpointIds: readonly string[],
  now: EpochMilliseconds,
): boolean {
  const steps = openSteps(record, endpointIds);
  const isUrgent = steps.includes('cut') || steps.includes('revoke') || steps.includes('undo');
  return isUrgent && now - (record.liftedAt ?? record.receivedAt) > URGENT_MILLISECONDS;
}

/** What waits at one endpoint too long, and since when. */
export interface LatePublication {
  readonly fault: 'unanswered' | 'unconfirmed' | 'overdue';
  readonly since: EpochMilliseconds;
  /** Of a list that was sent and is not confirmed. */
  readonly crlNumber?: number;
}

/** @param oldestPendingSince of the revocations that the endpoint does not hold yet */
export function latePublications(
  { publicationRequest: request, importAttempt: attempt, crl }: Partial<Endpoint>,
  oldestPendingSince: EpochMilliseconds | undefined,
  now: EpochMilliseconds,
): LatePublication[] {
  const late: LatePublication[] = [];
  if (request !== undefined && now - request.requestedAt > ANSWER_MILLISECONDS)
    late.push({ fault: 'unanswered', since: request.requestedAt });
  const isUnseen = attempt !== undefined && attempt.crlNumber > (crl?.crlNumber ?? 0);
  if (isUnseen && now - attempt.at > UNCONFIRMED_MILLISECONDS)
    late.push({ fault: 'unconfirmed', since: attempt.at, crlNumber: attempt.crlNumber });
  if (oldestPendingSince !== undefined && now - oldestPendingSince > PENDING_MILLISECONDS)
    late.push({ fault: 'overdue', since: oldestPendingSince });
  return late;
}
