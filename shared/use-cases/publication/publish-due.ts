import { advanceOffboardings, type AdvanceOffboardingsDeps } from '../advance-offboardings.ts';
import type { PublicationOptions, PublishDeps } from './deps.ts';
import { publish, type PublishResult } from './publish.ts';

export type PublishDueDeps = PublishDeps & AdvanceOffboardingsDeps;

/** Of the publisher's five minutes: who is not on this list waits for the next window. */
const LONGEST_MILLISECONDS = 120_000;

/**
 * Publishes at an endpoint if it is due: first everybody who was denied gets a place on the list, so that "now" means
 * everybody; then the list; then what it brought is noted in the offboardings.
 *
 * @returns also what kept an offboarding from being brought on; such a one does not hold up the list
 */
export async function publishDue(
  deps: PublishDueDeps,
  endpointId: string,
  options: PublicationOptions = {},
): Promise<PublishResult & { readonly failures: readonly unknown[] }> {
  const before = await tryToAdvance(deps);
  const result = await publish(deps, endpointId, options);
  const after = before.open > 0 ? await tryToAdvance(deps) : before;
  return { ...result, failures: [...new Set([...before.failures, ...after.failures])] };
}

/** A list must not expire because an offboarding cannot be brought on. */
async function tryToAdvance(
  deps: AdvanceOffboardingsDeps,
): Promise<{ readonly open: number; readonly failures: readonly unknown[] }> {
  try {
    const { open, failures } = await advanceOffboardings(deps, LONGEST_MILLISECONDS);
    return { open, failures: failures.map(({ error }) => error) };
  } catch (error) {
    return { open: 0, failures: [error] };
  }
}
