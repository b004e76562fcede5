import { isOwnSource } from '../domain/identity.ts';
import type { OffboardingRecord } from '../domain/offboarding.ts';
import type { SurgeSettlement } from '../domain/surge.ts';
import { isoFromMilliseconds, type EpochMilliseconds } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { RandomOctets } from '../ports/random.ts';
import type { SurgeStore } from '../ports/surge-store.ts';
import { eachAtOnce } from './each-at-once.ts';
import { isOfWaitingDenial } from './register-person.ts';
import { openSurge } from './weigh-denial.ts';

export interface SettleSurgesDeps {
  readonly offboardings: Pick<
    OffboardingStore,
    | 'listOpen'
    | 'listByMonth'
    | 'confirm'
    | 'release'
    | 'listOpenIncidents'
    | 'openIncident'
    | 'resolveIncident'
    | 'listPlans'
    | 'cancelPlan'
  >;
  readonly surges: Pick<SurgeStore, 'listOpenSettlements' | 'closeSettlement'>;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
}

/**
 * Carries out what administrators decided about surges. Each record is settled in a transaction of its own and only
 * once, so that a run that dies goes on with the next; the settlement is closed when none is left. Whoever is still
 * held has an open incident.
 *
 * @returns how many records were settled now
 */
export async function settleSurges(deps: SettleSurgesDeps): Promise<number> {
  let settled = 0;
  for (const settlement of await deps.surges.listOpenSettlements()) {
    const records = await concerned(deps, settlement);
    for (const record of records) {
      if (settlement.decision === 'confirm')
        await deps.offboardings.confirm(record, deps.clock.now(), settlement.by);
      else await deps.offboardings.release(record, deps.clock.now(), settlement.by);
    }
    settled += records.length;
    if (settlement.decision === 'release') {
      await cancelPlans(deps, settlement);
      await endUnknown(deps, settlement);
    }
    await endIncident(deps, settlement);
    await deps.surges.closeSettlement(settlement, deps.clock.now());
    const { source, decision, by } = settlement;
    deps.audit.surgeSettled({ actor: by, source, decision, people: records.length });
  }
  await keepIncidentsOpen(deps);
  return settled;
}

/**
 * To be confirmed are those that are held, and they are open. To be released is whatever the source said, also what
 * was below its limit or has been worked off: of a leaked secret nothing is true.
 */
async function concerned(
  { offboardings }: SettleSurgesDeps,
  { source, decision, since, at }: SurgeSettlement,
): Promise<OffboardingRecord[]> {
  const isMeant = (record: OffboardingRecord): boolean =>
    record.source === source &&
    !isOwnSource(record.source) &&
    record.receivedAt >= since &&
    record.receivedAt <= at &&
    record.deniedAt !== undefined &&
    record.liftedAt === undefined;
  if (decision === 'confirm') {
    return (await offboardings.listOpen()).filter((record) => isMeant(record) && record.kind === 'surge');
  }
  const records: OffboardingRecord[] = [];
  for (const month of monthsBetween(since, at)) {
    for (const record of await offboardings.listByMonth(month)) if (isMeant(record)) records.push(record);
  }
  return records;
}

/** What the source planned since then is no truer than what it said. */
async function cancelPlans(
  { offboardings, audit }: SettleSurgesDeps,
  { source, since, at, by }: SurgeSettlement,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await offboardings.listPlans({ limit: 500, ...(after === undefined ? {} : { after }) });
    for (const plan of page.plans) {
      const isMeant = plan.source === source && plan.receivedAt >= since && plan.receivedAt <= at;
      if (!isMeant || (await offboardings.cancelPlan(plan)) === 'gone') continue;
      audit.planCancelled({ actor: by, source, planId: plan.planId });
    }
    after = page.next;
  } while (after !== undefined);
}

const INCIDENTS_AT_ONCE = 10;

/** Whom it named and nobody knew: of who made names up, thousands may wait, and keep others from theirs. */
async function endUnknown(
  { offboardings, clock, audit }: SettleSurgesDeps,
  { source, since, at, by }: SurgeSettlement,
): Promise<void> {
  const meant = (await offboardings.listOpenIncidents()).filter(
    (incident) =>
      incident.kind === 'unknownPerson' &&
      incident.source === source &&
      incident.openedAt >= since &&
      incident.openedAt <= at &&
      !isOfWaitingDenial(incident),
  );
  await eachAtOnce(meant, INCIDENTS_AT_ONCE, async ({ incidentId }) => {
    const resolution = { at: clock.now(), actor: by, decision: 'release' } as const;
    if ((await offboardings.resolveIncident(incidentId, resolution)) === 'resolved')
      audit.incidentResolved({ actor: by, incidentId, decision: 'release' });
  });
}

/** UTC, `YYYY-MM`, the first and the last included. */
function monthsBetween(from: EpochMilliseconds, to: EpochMilliseconds): string[] {
  const months: string[] = [];
  const month = new Date(from);
  month.setUTCDate(1);
  month.setUTCHours(0, 0, 0, 0);
  for (; month.getTime() <= to; month.setUTCMonth(month.getUTCMonth() + 1)) {
    months.push(isoFromMilliseconds(month.getTime()).slice(0, 7));
  }
  return months;
}

/** Also those who were held after the decision, or while the incident was being closed. */
async function keepIncidentsOpen(deps: SettleSurgesDeps): Promise<void> {
  const held = (await deps.offboardings.listOpen()).filter(
    ({ kind, liftedAt }) => kind === 'surge' && liftedAt === undefined,
  );
  for (const source of new Set(held.map((record) => record.source))) await openSurge(deps, source);
}

async function endIncident(
  { offboardings, clock, audit }: SettleSurgesDeps,
  { source, decision, by, at }: SurgeSettlement,
): Promise<void> {
  for (const incident of await offboardings.listOpenIncidents()) {
    if (incident.kind !== 'surge' || incident.source !== source || incident.openedAt > at) continue;
    const resolution = { at: clock.now(), actor: by, decision } as const;
    const outcome = await offboardings.resolveIncident(incident.incidentId, resolution);
    if (outcome === 'resolved')
      audit.incidentResolved({ actor: by, incidentId: incident.incidentId, decision });
  }
}
