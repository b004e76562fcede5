import { datedIdFrom } from './dated-id.ts';
import { DomainError } from './errors.ts';
import type { Alias, PersonId } from './identity.ts';
import type { OffboardingEvent } from './offboarding.ts';
import { SECONDS_PER_DAY, type EpochMilliseconds } from './time.ts';

/**
 * What a source said of a last day that lies ahead. Until it is over, the person is as she was; a later word of the
 * same source takes its place, a return takes it back.
 */
export interface PlannedOffboarding extends Pick<
  OffboardingEvent,
  'source' | 'eventId' | 'eventTime' | 'receivedAt' | 'whom' | 'actor' | 'comment'
> {
  /** Sorts by `effectiveAt`. */
  readonly planId: string;
  /** The day as it was said, `YYYY-MM-DD`. */
  readonly lastDay: string;
  /** When that day is over, where it was meant. */
  readonly effectiveAt: EpochMilliseconds;
}

/** An id of a plan that falls due at this time. @param random 10 octets */
export const planIdFrom = datedIdFrom;

/** Not less than the id of any plan that is due by then. */
export const lastPlanIdAt = (at: EpochMilliseconds): string => datedIdFrom(at, new Uint8Array(10).fill(0xff));

/** Whom a plan is about, as text: one source has one plan for each. */
export const whomText = (whom: { readonly alias: Alias } | { readonly personId: PersonId }): string =>
  'alias' in whom ? `alias#${whom.alias.kind}#${whom.alias.value}` : `person#${whom.personId}`;

/** A last day that is further off than this is a slip of the keyboard. */
export const FURTHEST_LAST_DAY_MILLISECONDS = 3_660 * SECONDS_PER_DAY * 1000;

/**
 * Whether an event speaks of a day that is not over yet.
 *
 * @throws DomainError malformedRequest for a day that is more than ten years off
 */
export function isPlanned(
  event: OffboardingEvent,
): event is OffboardingEvent & Required<Pick<OffboardingEvent, 'lastDay' | 'effectiveAt'>> {
  const { kind, lastDay, effectiveAt, receivedAt } = event;
  if (kind !== 'left' || lastDay === undefined || effectiveAt === undefined) return false;
  if (effectiveAt > receivedAt + FURTHEST_LAST_DAY_MILLISECONDS) {
    throw new DomainError('malformedRequest', 'the last day is more than ten years off');
  }
  return effectiveAt > receivedAt;
}
