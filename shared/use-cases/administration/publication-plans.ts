import { assertMayRead, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PublicationPlan } from '../../domain/publication-plan.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import { planPublication, type PlanPublicationDeps } from '../publication/plan-publication.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface PublicationPlansDeps extends PlanPublicationDeps {
  readonly people: Pick<PersonStore, 'find' | 'findAliasOwner'>;
  readonly access: AccessPolicy;
}

/** What would be published at an endpoint, or why that could not be found out. */
export type PlanOrFailure =
  | { readonly endpoint: Endpoint; readonly plan: PublicationPlan }
  | { readonly endpoint: Endpoint; readonly failure: unknown };

/**
 * What the publisher would do now, at every endpoint or at one. An endpoint that does not answer keeps nobody from the
 * others.
 *
 * @throws DomainError notAllowed, personDenied, aliasUnderReview, endpointNotFound
 */
export async function planPublications(
  deps: PublicationPlansDeps,
  request: { readonly caller: Caller; readonly endpointId?: string },
): Promise<PlanOrFailure[]> {
  assertMayRead(request.caller, deps.access);
  await assertCallerInGoodStanding(deps.people, request.caller);
  const all = await deps.endpoints.list();
  const { endpointId } = request;
  const asked = endpointId === undefined ? all : all.filter((endpoint) => endpoint.endpointId === endpointId);
  if (asked.length === 0) throw new DomainError('endpointNotFound', 'no such endpoint is set up');
  return Promise.all(
    asked.map(async (endpoint) => {
      try {
        return { endpoint, plan: await planPublication(deps, endpoint) };
      } catch (failure) {
        return { endpoint, failure };
      }
    }),
  );
}
