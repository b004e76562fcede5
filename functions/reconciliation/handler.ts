import * as z from 'zod/mini';
import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import type { ReconcileDeps } from '../../shared/use-cases/reconciliation/deps.ts';
import { reconcile } from '../../shared/use-cases/reconciliation/reconcile.ts';

export type ReconciliationDeps = Omit<ReconcileDeps, 'directory'> &
  Observability & {
    /** Undefined where the company has none that could be asked: then nothing is done. */
    readonly directory: Directory | undefined;
  };

/** What EventBridge tells of the alarms of refused events: when they begin, and when they are over. */
const alarmChanged = z.object({ 'detail-type': z.literal('CloudWatch Alarm State Change') });

/** Each minute: begins a comparison with the directory where it is due, and brings the one there is on. */
export function reconciliationHandler(deps: ReconciliationDeps): JobHandler {
  const { directory, logger } = deps;
  const work = async (signal: AbortSignal): Promise<void> => {
    if (directory === undefined) return logger.debug('no directory is configured');
    const result = await reconcile({ ...deps, directory }, signal);
    if (!('run' in result)) return logger.debug('reconciliation', { outcome: result.outcome });
    const { runId, state, reason, mode, dryRun, entries, compared, found, outcomes, failure } = result.run;
    logger.info('reconciliation', {
      runId,
      state,
      reason,
      mode,
      dryRun,
      entries,
      compared,
      found,
      outcomes,
      failure,
    });
  };
  const job = jobHandler(deps, { forEndpoint: (_endpointId, signal) => work(signal), onSchedule: work });
  return async (event, context) => {
    if (directory !== undefined && alarmChanged.safeParse(event).success) {
      await deps.reconciliations.wish({ reason: 'refusedEvents', at: deps.clock.now() });
    }
    return job(event, context);
  };
}
