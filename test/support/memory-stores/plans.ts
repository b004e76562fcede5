import type { Person } from '../../../shared/domain/person.ts';
import { whomText, type PlannedOffboarding } from '../../../shared/domain/planned-offboarding.ts';
import type { CancelledPlan, PlanStore } from '../../../shared/ports/plan-store.ts';
import { keepEvent } from './events.ts';
import { aliasText, eventText, noteTelling, present, sortedValues, type MemoryState } from './state.ts';

/** What is kept with one person or one alias. */
export const plansAt = (state: MemoryState, whom: PlannedOffboarding['whom']): PlannedOffboarding[] =>
  sortedValues(state.plans).filter((plan) => whomText(plan.whom) === whomText(whom));

export const plansOf = (
  state: MemoryState,
  { personId, aliases }: Pick<Person, 'personId' | 'aliases'>,
): PlannedOffboarding[] =>
  [{ personId }, ...aliases.map((alias) => ({ alias }))]
    .flatMap((whom) => plansAt(state, whom))
    .sort((a, b) => (a.planId < b.planId ? -1 : 1));

export const cancelledPlan = ({ planId, source }: PlannedOffboarding): CancelledPlan => ({
  planId,
  source,
});

/** Offboardings whose day lies ahead, in memory. */
export const memoryPlans = (state: MemoryState): PlanStore => ({
  plan: async (plan, event) => {
    if (state.events.has(eventText(event))) return 'duplicate';
    const { whom, source, eventTime, planId } = plan;
    if ('alias' in whom) {
      const owner = state.aliases.get(aliasText(whom.alias));
      if (owner?.personId !== undefined && owner.held.size === 0) return 'aliasOwned';
    }
    const known = 'personId' in whom ? present(state.people.get(whom.personId), 'person') : undefined;
    const earlier = plansAt(state, whom).find((one) => one.source === source);
    if ((known?.takenBack.get(source) ?? -1) > eventTime || (earlier?.eventTime ?? -1) > eventTime) {
      keepEvent(state, event);
      return 'stale';
    }
    keepEvent(state, event, { planId });
    if (earlier !== undefined) state.plans.delete(earlier.planId);
    state.plans.set(planId, plan);
    noteTelling(state, { kind: 'planned', id: planId });
    return 'planned';
  },
  cancelPlan: async ({ planId }) => (state.plans.delete(planId) ? 'cancelled' : 'gone'),
  findPlan: async (planId) => state.plans.get(planId),
  listPlans: async ({ limit, until = Number.POSITIVE_INFINITY, after = '' }) => {
    const found = sortedValues(state.plans).filter(
      ({ planId, effectiveAt }) => planId > after && effectiveAt <= until,
    );
    const plans = found.slice(0, limit);
    const next = plans.length < limit ? undefined : plans.at(-1)?.planId;
    return { plans, ...(next === undefined ? {} : { next }) };
  },
  listPlansOf: async (person) => plansOf(state, person),
});
