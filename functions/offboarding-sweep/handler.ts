import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { sweepOffboardings, type SweepOffboardingsDeps } from '../../shared/use-cases/sweep-offboardings.ts';

export type OffboardingSweepDeps = SweepOffboardingsDeps & Observability;

/** Each minute: offboards whose last day is over, brings every unfinished offboarding on, wakes whoever has to cut, holds whom an event may mean. */
export function offboardingSweepHandler(deps: OffboardingSweepDeps): JobHandler {
  const sweep = async (): Promise<void> => {
    const { open, fired, held, settled, failures } = await sweepOffboardings(deps);
    deps.logger.info('offboardings looked at', { open, fired, held, settled, failed: failures.length });
    if (failures.length > 0) {
      const errors = failures.map(({ error }) => error);
      throw new AggregateError(errors, `${failures.length} offboardings could not be brought on`);
    }
  };
  return jobHandler(deps, { forEndpoint: sweep, onSchedule: sweep });
}
