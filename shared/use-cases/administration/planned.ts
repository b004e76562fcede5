import { assertMayRead, assertMayWrite, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import { monthOfDatedId } from '../../domain/dated-id.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import { secondsFrom } from '../../domain/time.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import type { PlanStore } from '../../ports/plan-store.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface PlannedDeps {
  readonly people: Pick<PersonStore, 'find' | 'findAliasOwner'>;
  readonly offboardings: Pick<PlanStore, 'listPlans' | 'findPlan' | 'cancelPlan'>;
  readonly access: AccessPolicy;
}

/** A page of the answer, which API Gateway limits to 6 MB: a plan is below 2 KB. */
const PAGE_PLANS = 500;

/**
 * The offboardings whose day lies ahead, those that fall due first coming first.
 *
 * @param cursor of the page before
 * @throws DomainError notAllowed, malformedRequest
 */
export async function listPlanned(
  deps: PlannedDeps,
  caller: Caller,
  cursor: string | undefined,
): ReturnType<PlanStore['listPlans']> {
  assertMayRead(caller, deps.access);
  await assertCallerInGoodStanding(deps.people, caller);
  if (cursor !== undefined && monthOfDatedId(cursor) === undefined) {
    throw new DomainError('malformedRequest', 'this is no cursor of an answer');
  }
  return deps.offboardings.listPlans({
    limit: PAGE_PLANS,
    ...(cursor === undefined ? {} : { after: cursor }),
  });
}

/**
 * Takes a plan back, whoever made it. A later word of its source may plan anew.
 *
 * @throws DomainError notAllowed, signInTooOld, planNotFound (it was carried out, changed or taken back too)
 */
export async function cancelPlanned(
  deps: PlannedDeps & { readonly clock: Clock; readonly audit: Audit },
  caller: Caller,
  planId: string,
): Promise<PlannedOffboarding> {
  assertMayWrite(caller, deps.access, secondsFrom(deps.clock.now()));
  await assertCallerInGoodStanding(deps.people, caller);
  const plan = await deps.offboardings.findPlan(planId);
  if (plan === undefined) throw planNotFound();
  await assertNotAboutSelf(deps, caller, plan);
  if ((await deps.offboardings.cancelPlan(plan)) === 'gone') throw planNotFound();
  deps.audit.planCancelled({ actor: caller.personId, source: plan.source, planId });
  return plan;
}

const planNotFound = (): DomainError =>
  new DomainError(
    'planNotFound',
    'no offboarding is planned by this id; it may have been changed or carried out',
  );

/** Nobody keeps their own access longer than their source says. */
async function assertNotAboutSelf(
  { people }: PlannedDeps,
  caller: Caller,
  { whom }: PlannedOffboarding,
): Promise<void> {
  const personId = 'alias' in whom ? (await people.findAliasOwner(whom.alias))?.personId : whom.personId;
  const isOwnAlias =
    'alias' in whom &&
    caller.aliases.some(({ kind, value }) => kind === whom.alias.kind && value === whom.alias.value);
  if (isOwnAlias || personId === caller.personId) {
    throw new DomainError('notAllowed', 'nobody decides about themselves; ask another administrator');
  }
}
