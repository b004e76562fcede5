import { advanceOffboardings, type AdvanceOffboardingsDeps } from '../advance-offboardings.ts';
import type { PublishDeps } from './deps.ts';
import { publish, type PublishResult } from './publish.ts';

export type PublishDueDeps = PublishDeps & AdvanceOffboardingsDeps;

/**
 * Publishes at an endpoint if it is due: first everybody who was denied gets a place on the list, so that "now" means
 * everybody; then the list; then what it brought is noted in the offboardings.
 *
 * @returns also what kept an offboarding from being brought on; such a one does not hold up the list
 */
export async function publishDue(
  deps: PublishDueDeps,
  endpointId: string,
  signal?: AbortSignal,
): Promise<PublishResult & { readonly failures: readonly unknown[] }> {
  const before = await advanceOffboardings(deps);
  const result = await publish(deps, endpointId, signal);
  const after = before.open > 0 ? await advanceOffboardings(deps) : { failures: [] };
  return { ...result, failures: [...before.failures, ...after.failures].map(({ error }) => error) };
}
