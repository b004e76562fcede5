import type { LastDay } from './calendar.ts';
import type { Alias, SourceId } from './identity.ts';
import type { OffboardingEvent } from './offboarding.ts';
import { FURTHEST_LAST_DAY_MILLISECONDS } from './planned-offboarding.ts';
import type { EpochMilliseconds } from './time.ts';

/** An event that names somebody by her id in the vendor's directory alone, which has to be asked. */
export interface Lookup {
  readonly source: SourceId;
  readonly directoryId: string;
  readonly eventId: string;
  readonly eventTime: EpochMilliseconds;
  readonly bodySha256Hex: string;
  readonly receivedAt: EpochMilliseconds;
  /** What the event itself says; absent where something changed, and the directory has to say what is true now. */
  readonly means?: OffboardingEvent['kind'];
}

/** What a vendor's directory has of somebody. */
export interface VendorRecord {
  /** What her status means; absent where the directory shows none, or one that nobody has taught us. */
  readonly standing?: OffboardingEvent['kind'];
  /** The vendor's own word for it. */
  readonly word?: string;
  /** Her name of the kind by which the source knows people. */
  readonly alias?: Alias;
  readonly ends?: LastDay;
}

/** What is true of somebody by the directory's word. */
export interface Standing {
  readonly means: OffboardingEvent['kind'];
  readonly ends?: LastDay;
}

/**
 * What a record says now. A last day counts while it lies ahead: she has access until then, also where the status is
 * early. One that is over says nothing beside the status, since directories keep it when somebody comes back.
 *
 * @returns undefined where only a person can tell
 */
export function standingOf(
  { standing, ends }: Pick<VendorRecord, 'standing' | 'ends'>,
  now: EpochMilliseconds,
): Standing | undefined {
  if (standing === undefined) return undefined;
  const aheadMilliseconds = (ends?.effectiveAt ?? now) - now;
  // Some write the end of time where there is none.
  const isAhead = aheadMilliseconds > 0 && aheadMilliseconds < FURTHEST_LAST_DAY_MILLISECONDS;
  return isAhead && ends !== undefined && standing !== 'suspended'
    ? { means: 'left', ends }
    : { means: standing };
}
