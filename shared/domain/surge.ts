import type { AliasKind, PersonId, SourceId } from './identity.ts';
import type { EpochMilliseconds } from './time.ts';

/**
 * How many people one source may offboard or hold in an hour. Above it they are held and nobody is revoked, until an
 * administrator says whether it is true: a directory that lost its scope and a leaked secret look the same.
 */
export interface SurgePolicy {
  /** Held only from the next one on, however small the company is. */
  readonly leastPeople: number;
  /** Of all people who hold certificates, in percent. */
  readonly percentOfHolders: number;
}

export const DEFAULT_SURGE_POLICY: SurgePolicy = { leastPeople: 10, percentOfHolders: 3 };

/** The people of one source are counted over this long. */
export const SURGE_WINDOW_SECONDS = 3_600;

/** What an administrator announced: so many leavers of one source more than usual, until then. */
export interface ExpectedLeavers {
  readonly people: number;
  readonly until: EpochMilliseconds;
  readonly by: PersonId;
}

/** What bears on the limit of one source. */
export interface SurgeContext {
  /** People with a certificate that is not expired, as counted last; undefined before the first count. */
  readonly holders?: number;
  readonly expected?: ExpectedLeavers;
}

/** A source of events, and what it denied lately. */
export interface SourceState extends SurgeContext {
  readonly source: SourceId;
  readonly aliasKind: AliasKind;
  /** Within the last hour, and how many there may be. */
  readonly denied: number;
  readonly limit: number;
  /** Held by a surge that nobody has decided. */
  readonly held: number;
  readonly heldSince?: EpochMilliseconds;
  readonly incidentId?: string;
}

/** How many people the source may deny within the window. */
export function surgeLimit(
  { leastPeople, percentOfHolders }: SurgePolicy,
  { holders = 0, expected }: SurgeContext,
  at: EpochMilliseconds,
): number {
  const usual = Math.max(leastPeople, Math.floor((holders * percentOfHolders) / 100));
  return usual + (expected !== undefined && expected.until > at ? expected.people : 0);
}

/** For the operators' incident. */
export const surgeWords = (source: SourceId): string =>
  `Source ${source} denies more people within an hour than it may. From then on they are held (refused and cut, not revoked) until an administrator confirms it or releases them.`;

/** An administrator's word on a surge: what the source said is true, or none of it is. */
export interface SurgeSettlement {
  readonly settlementId: string;
  readonly source: SourceId;
  readonly decision: 'confirm' | 'release';
  /** What the portal received from then on, and before `at`, is meant. */
  readonly since: EpochMilliseconds;
  readonly at: EpochMilliseconds;
  readonly by: PersonId;
  readonly comment?: string;
  /** Every record is settled. */
  readonly settledAt?: EpochMilliseconds;
}
