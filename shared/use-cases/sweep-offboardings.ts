import type { Wake } from '../ports/wake.ts';
import { countHolders, type CountHoldersDeps } from './count-holders.ts';
import { settleSurges, type SettleSurgesDeps } from './settle-surges.ts';
import {
  advanceOffboardings,
  type AdvanceOffboardingsDeps,
  type AdvanceResult,
} from './advance-offboardings.ts';
import { firePlans, type FirePlansDeps } from './fire-plans.ts';
import { endDecidedReviews, holdCandidates, type HoldCandidatesDeps } from './hold-candidates.ts';

/** Of its minute at Lambda; what is left is found by the next sweep. */
const LONGEST_MILLISECONDS = 45_000;

export type SweepOffboardingsDeps = AdvanceOffboardingsDeps &
  FirePlansDeps &
  HoldCandidatesDeps &
  SettleSurgesDeps &
  CountHoldersDeps & { readonly wake: Wake };

export interface SweptOffboardings extends Pick<AdvanceResult, 'open'> {
  readonly fired: number;
  readonly held: number;
  readonly settled: number;
  readonly failures: readonly { readonly error: unknown }[];
}

/**
 * Looks at what should be true and makes it so: whose last day is over is offboarded, surges are settled as decided,
 * people whom an undecided event may mean are held, an endpoint where a cut is still open is woken, in case its wake
 * was lost, and every unfinished offboarding goes on. What fails holds up nothing else.
 */
export async function sweepOffboardings(deps: SweepOffboardingsDeps): Promise<SweptOffboardings> {
  const startedAt = deps.clock.now();
  const failures: { error: unknown }[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push({ error });
      return undefined;
    }
  };
  const plans = await attempt(() => firePlans(deps));
  const held = await attempt(() => holdCandidates(deps));
  const settled = await attempt(() => settleSurges(deps));
  await attempt(() => endDecidedReviews(deps));
  // Before what takes long where many leave: they are cut meanwhile.
  await attempt(() => wakeUncut(deps));
  const timeLeft = Math.max(0, LONGEST_MILLISECONDS - (deps.clock.now() - startedAt));
  const result = await attempt(() => advanceOffboardings(deps, timeLeft));
  // Last, so that nobody who leaves waits for it.
  await attempt(() => countHolders(deps));
  failures.push(...(plans?.failures ?? []), ...(result?.failures ?? []));
  return {
    open: result?.open ?? 0,
    fired: plans?.fired ?? 0,
    held: held ?? 0,
    settled: settled ?? 0,
    failures,
  };
}

async function wakeUncut({ offboardings, endpoints, wake }: SweepOffboardingsDeps): Promise<void> {
  const open = await offboardings.listOpen();
  for (const { endpointId } of await endpoints.list()) {
    const isUncut = open.some(
      ({ deniedAt, liftedAt, cutAt }) =>
        deniedAt !== undefined && liftedAt === undefined && cutAt[endpointId] === undefined,
    );
    if (isUncut) await wake.connections(endpointId);
  }
}
