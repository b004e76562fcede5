import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import {
  advanceOffboardings,
  type AdvanceOffboardingsDeps,
} from '../../shared/use-cases/advance-offboardings.ts';

export interface OffboardingSweepDeps extends AdvanceOffboardingsDeps, Observability {}

/** Brings every unfinished offboarding on: each minute, and as soon as an endpoint's worker was woken. */
export function offboardingSweepHandler(deps: OffboardingSweepDeps): JobHandler {
  const sweep = async (): Promise<void> => {
    const { open, failures } = await advanceOffboardings(deps);
    deps.logger.info('offboardings looked at', { open, failed: failures.length });
    if (failures.length > 0) {
      const errors = failures.map(({ error }) => error);
      throw new AggregateError(errors, `${failures.length} offboardings could not be brought on`);
    }
  };
  return jobHandler(deps, { forEndpoint: sweep, onSchedule: sweep });
}
