import type { Alias, PersonId } from '../domain/identity.ts';
import type { PlannedOffboarding } from '../domain/planned-offboarding.ts';
import type { EpochMilliseconds } from '../domain/time.ts';
import type { EventIdentity } from './event-identity.ts';

export type CancelledPlan = Pick<PlannedOffboarding, 'planId' | 'source'>;

export type PlanOutcome =
  | 'planned'
  /** The source said something later before; the event is remembered. */
  | 'stale'
  | 'duplicate'
  /** It was to be kept with a name that has become exactly one person's: resolve again. */
  | 'aliasOwned';

/** Offboardings whose day lies ahead. Every read sees every earlier write. */
export interface PlanStore {
  /**
   * Keeps a plan with its person, or with an alias that is not exactly one person's, and a row by which it is found
   * when it is due, in one transaction. It takes the place of what the same source planned there before.
   */
  plan(plan: PlannedOffboarding, event: EventIdentity): Promise<PlanOutcome>;
  /** Takes a plan back, once. */
  cancelPlan(plan: PlannedOffboarding): Promise<'cancelled' | 'gone'>;
  findPlan(planId: string): Promise<PlannedOffboarding | undefined>;
  /**
   * Those that fall due first, first. One that cannot be read is reported by the store and left out.
   *
   * @param until only what is due by then
   * @param after the plan behind which to go on
   */
  listPlans(page: {
    readonly limit: number;
    readonly until?: EpochMilliseconds;
    readonly after?: string;
  }): Promise<{ readonly plans: PlannedOffboarding[]; readonly next?: string }>;
  /** What is planned for a person, and for her aliases from before she was known. */
  listPlansOf(person: {
    readonly personId: PersonId;
    readonly aliases: readonly Alias[];
  }): Promise<PlannedOffboarding[]>;
}
