import { planIdFrom, type PlannedOffboarding } from '../../../shared/domain/planned-offboarding.ts';
import { ADMINISTRATOR } from '../../../shared/domain/identity.ts';
import {
  denied,
  emailAlias,
  eventOf,
  freshOctets,
  HR,
  incidentOf,
  NOW_MILLISECONDS,
  offboardingOf,
  registered,
  SCIM,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const T = NOW_MILLISECONDS;
const DAY = 86_400_000;
const ZOE = emailAlias('zoe@example.com');

function planOf(
  whom: PlannedOffboarding['whom'],
  changes: Partial<PlannedOffboarding> = {},
): PlannedOffboarding {
  const effectiveAt = changes.effectiveAt ?? T + DAY;
  return {
    planId: planIdFrom(effectiveAt, freshOctets(10)),
    source: HR,
    eventId: 'evt',
    eventTime: T,
    receivedAt: T + 1,
    whom,
    lastDay: '2026-03-02',
    effectiveAt,
    ...changes,
  };
}

async function planned(stores: Stores, plan: PlannedOffboarding): Promise<PlannedOffboarding> {
  const outcome = await stores.offboardings.plan(plan, eventOf(plan.source));
  if (outcome !== 'planned') throw new Error(`not planned: ${outcome}`);
  return plan;
}

const all = async (stores: Stores) => (await stores.offboardings.listPlans({ limit: 100 })).plans;
const returned = (source = HR, eventTime = T + 5) => ({ ...eventOf(source), eventTime, at: eventTime });

/** What every OffboardingStore does with a last day that lies ahead. */
export function planContract(newStores: () => Promise<Stores>): void {
  it('keeps a plan with its event, finds it by id, person and time, and denies nobody', async () => {
    const stores = await newStores();
    const alice = await registered(stores, 'alice');
    const event = eventOf();
    const plan = planOf({ personId: alice.personId }, { actor: alice.personId, comment: 'end of contract' });
    expect(await stores.offboardings.plan(plan, event)).toBe('planned');
    expect(await stores.offboardings.plan(planOf(plan.whom), event)).toBe('duplicate');
    expect(await stores.offboardings.findEvent(HR, event.eventId)).toMatchObject({ planId: plan.planId });
    expect(await stores.offboardings.findPlan(plan.planId)).toEqual(plan);
    expect(await stores.offboardings.findPlan('nonsense')).toBeUndefined();
    expect(await stores.offboardings.listPlansOf(alice)).toEqual([plan]);
    const due = (until: number) => stores.offboardings.listPlans({ limit: 9, until });
    expect(await due(plan.effectiveAt)).toEqual({ plans: [plan] });
    expect(await due(plan.effectiveAt - 1)).toEqual({ plans: [] });
    expect((await stores.people.find(alice.personId))?.denials).toEqual([]);
  });

  it('lists plans by the day they fall due, a page at a time', async () => {
    const stores = await newStores();
    const days = [3, 1, 2];
    for (const day of days) {
      const { personId } = await registered(stores, `p${day}`);
      await planned(stores, planOf({ personId }, { effectiveAt: T + day * DAY }));
    }
    const first = await stores.offboardings.listPlans({ limit: 2 });
    const rest = await stores.offboardings.listPlans({ limit: 2, after: first.next ?? '' });
    expect([...first.plans, ...rest.plans].map(({ effectiveAt }) => (effectiveAt - T) / DAY)).toEqual([
      1, 2, 3,
    ]);
    expect(rest.next).toBeUndefined();
  });

  it.each(['person', 'alias'] as const)(
    'lets a later word of the same source change it: %s',
    async (which) => {
      const stores = await newStores();
      const { personId } = await registered(stores, 'alice');
      const whom = which === 'person' ? { personId } : { alias: ZOE };
      await planned(stores, planOf(whom));
      const later = await planned(stores, planOf(whom, { eventTime: T + 1, effectiveAt: T + 9 * DAY }));
      const other = await planned(stores, planOf(whom, { source: SCIM, effectiveAt: T + 10 * DAY }));
      expect(await stores.offboardings.plan(planOf(whom), eventOf())).toBe('stale');
      expect(await all(stores)).toEqual([later, other]);
    },
  );

  it('goes with a return of its source that is not older, and nobody else’s', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const plan = await planned(stores, planOf({ personId }));
    expect(await stores.offboardings.lift(personId, HR, returned(HR, T - 1))).toEqual({
      outcome: 'nothingToLift',
    });
    expect(await stores.offboardings.lift(personId, SCIM, returned(SCIM))).toEqual({
      outcome: 'nothingToLift',
    });
    expect(await all(stores)).toEqual([plan]);
    expect(await stores.offboardings.lift(personId, HR, returned())).toEqual({
      outcome: 'lifted',
      lifted: [],
      cancelled: [{ planId: plan.planId, source: HR }],
    });
    expect(await all(stores)).toEqual([]);
    expect(await stores.offboardings.plan(planOf({ personId }), eventOf())).toBe('stale');
  });

  it('goes with an administrator’s reinstatement, whosever it is, also from before the person was known', async () => {
    const stores = await newStores();
    const early = await planned(stores, planOf({ alias: ZOE }, { source: SCIM }));
    const zoe = await registered(stores, 'zoe');
    const plan = await planned(stores, planOf({ personId: zoe.personId }, { effectiveAt: T + 2 * DAY }));
    await denied(stores, zoe.personId, { source: SCIM });
    expect(await stores.offboardings.listPlansOf(zoe)).toEqual([early, plan]);
    const result = await stores.offboardings.lift(zoe.personId, 'all', returned(ADMINISTRATOR));
    expect(result).toMatchObject({ outcome: 'lifted', lifted: [{ source: SCIM }] });
    expect(result.outcome === 'lifted' && result.cancelled).toHaveLength(2);
    expect(await all(stores)).toEqual([]);
    expect(await stores.offboardings.listPlansOf(zoe)).toEqual([]);
  });

  it('belongs to a name only while that is not exactly one person’s', async () => {
    const stores = await newStores();
    const plan = await planned(stores, planOf({ alias: ZOE }));
    await registered(stores, 'zoe');
    const again = planOf({ alias: ZOE }, { eventTime: T + 1 });
    expect(await stores.offboardings.plan(again, eventOf())).toBe('aliasOwned');
    await stores.offboardings.openIncident(incidentOf(ZOE), 'contest');
    expect(await stores.offboardings.plan(again, eventOf())).toBe('planned');
    expect((await all(stores)).map(({ planId }) => planId)).not.toContain(plan.planId);
    // And so it goes with a return that is heard while somebody decides.
    const back = { source: HR, eventTime: T + 2, receivedAt: T };
    const { planId } = again;
    expect(await stores.offboardings.noteReturn(ZOE, back)).toMatchObject({ cancelled: [{ planId }] });
    expect(await all(stores)).toEqual([]);
  });

  it('goes with a return of somebody whom nobody knows', async () => {
    const stores = await newStores();
    const plan = await planned(stores, planOf({ alias: ZOE }));
    const note = (source: typeof HR, eventTime: number) =>
      stores.offboardings.noteReturn(ZOE, { source, eventTime, receivedAt: T });
    expect(await note(HR, T - 1)).toEqual({ outcome: 'noted', cancelled: [] });
    expect(await note(SCIM, T + 1)).toEqual({ outcome: 'noted', cancelled: [] });
    expect(await note(HR, T + 1)).toEqual({
      outcome: 'noted',
      cancelled: [{ planId: plan.planId, source: HR }],
    });
    expect(await all(stores)).toEqual([]);
  });

  it.each(['person', 'alias'] as const)('is carried out once, or cancelled once: %s', async (which) => {
    const stores = await newStores();
    const early = planOf({ alias: ZOE });
    if (which === 'alias') await planned(stores, early);
    const { personId } = await registered(stores, 'zoe');
    const plan = which === 'alias' ? early : await planned(stores, planOf({ personId }));
    const fire = () => stores.offboardings.deny(offboardingOf(personId), eventOf(), plan);
    const outcomes = await Promise.all([fire(), fire(), stores.offboardings.cancelPlan(plan)]);
    const denials = (await stores.people.find(personId))?.denials.length;
    expect(outcomes.filter((outcome) => ['denied', 'cancelled'].includes(outcome))).toHaveLength(1);
    expect(denials).toBe(outcomes.includes('denied') ? 1 : 0);
    expect(await all(stores)).toEqual([]);
    expect(await stores.offboardings.cancelPlan(plan)).toBe('gone');
    expect(await fire()).toBe('planGone');
  });

  it('is not carried out after it was changed', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const old = await planned(stores, planOf({ personId }));
    const plan = await planned(stores, planOf({ personId }, { eventTime: T + 1 }));
    expect(await stores.offboardings.deny(offboardingOf(personId), eventOf(), old)).toBe('planGone');
    expect(await stores.offboardings.cancelPlan(old)).toBe('gone');
    expect(await all(stores)).toEqual([plan]);
  });
}
