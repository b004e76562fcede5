import type { OffboardingEvent } from '../domain/offboarding.ts';
import type { PlannedOffboarding } from '../domain/planned-offboarding.ts';
import { receiveEvent, type ReceiveEventDeps } from './receive-event.ts';

export type FirePlansDeps = ReceiveEventDeps;

export interface FiredPlans {
  readonly fired: number;
  readonly failures: readonly { readonly planId: string; readonly error: unknown }[];
}

const AT_ONCE = 10;
const PAGE_PLANS = 200;
/** What is left then is found by the next sweep, a minute later. */
const LONGEST_MILLISECONDS = 30_000;

/**
 * Carries out every plan whose day is over, in the order of their ends, as an event of its source that is as old as
 * what the source said: what it took back since makes it come too late. The denial takes the plan's place in one
 * transaction, so that none is carried out twice, or after it was changed; one that fails does not hold up the others.
 */
export async function firePlans(deps: FirePlansDeps): Promise<FiredPlans> {
  const { offboardings, clock } = deps;
  const startedAt = clock.now();
  const failures: { planId: string; error: unknown }[] = [];
  let fired = 0;
  let after: string | undefined;
  do {
    const page = await offboardings.listPlans({
      limit: PAGE_PLANS,
      until: startedAt,
      ...(after === undefined ? {} : { after }),
    });
    for (let first = 0; first < page.plans.length; first += AT_ONCE) {
      const batch = page.plans.slice(first, first + AT_ONCE).map(async (plan) => {
        const { planId } = plan;
        await fire(deps, plan).catch((error: unknown) => failures.push({ planId, error }));
      });
      await Promise.all(batch);
      fired += batch.length;
    }
    after = page.next;
  } while (after !== undefined && clock.now() - startedAt < LONGEST_MILLISECONDS);
  return { fired: fired - failures.length, failures };
}

async function fire(deps: FirePlansDeps, plan: PlannedOffboarding): Promise<void> {
  if (!(await isOutAlready(deps, plan))) {
    const { outcome } = await receiveEvent(deps, eventOf(plan), plan);
    if (outcome === 'denied' || outcome === 'held') return;
  }
  // Too late, on the break-glass list, or an incident now: whatever became of it is written, and it is not due again.
  await deps.offboardings.cancelPlan(plan);
}

/** Her source has said meanwhile that she left. */
async function isOutAlready(
  { people }: Pick<FirePlansDeps, 'people'>,
  { whom, source }: PlannedOffboarding,
): Promise<boolean> {
  if ('alias' in whom) return false;
  const person = await people.find(whom.personId);
  return person?.denials.some((denial) => denial.source === source && denial.kind === 'left') ?? false;
}

const eventOf = (plan: PlannedOffboarding): OffboardingEvent => ({
  source: plan.source,
  // A source's own ids have no spaces, so none can take it.
  eventId: `${plan.planId} due`,
  kind: 'left',
  eventTime: plan.eventTime,
  whom: plan.whom,
  bodySha256Hex: '',
  receivedAt: plan.effectiveAt,
  ...(plan.actor === undefined ? {} : { actor: plan.actor }),
  ...(plan.comment === undefined ? {} : { comment: plan.comment }),
});
