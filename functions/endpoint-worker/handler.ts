import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import type { EndpointStore } from '../../shared/ports/endpoint-store.ts';
import {
  cutConnections,
  sweepConnections,
  type CutConnectionsDeps,
} from '../../shared/use-cases/cut-connections.ts';

export interface EndpointWorkerDeps extends CutConnectionsDeps, Observability {
  readonly endpoints: Pick<EndpointStore, 'list' | 'find' | 'noteUnknown'>;
}

/** By how much SQS's clock and ours may differ. */
const CLOCK_SKEW_MILLISECONDS = 2_000;

/** Ends the connections that the gate would refuse: at one endpoint when woken, at every one on the schedule. */
export function endpointWorkerHandler(deps: EndpointWorkerDeps): JobHandler {
  const look = async (end: typeof cutConnections, endpointId: string, signal: AbortSignal): Promise<void> => {
    const { terminated, isClean } = await end(deps, endpointId, signal);
    deps.logger.info('connections looked at', { endpointId, terminated, isClean });
    if (!isClean) throw new Error(`connections that must end keep coming up at ${endpointId}`);
  };
  // When the last whole look at an endpoint began, as far as this instance knows.
  const lookedAt = new Map<string, number>();
  return jobHandler(deps, {
    forEndpoint: async (endpointId, signal, sentAt = Number.POSITIVE_INFINITY) => {
      // Where many leave at once each of them wakes; a wake that was sent before a look began asks for nothing more.
      const beganAt = deps.clock.now();
      const lookedLast = lookedAt.get(endpointId) ?? 0;
      // After a clock was set back nothing is known of which came first.
      if (lookedLast <= beganAt && sentAt + CLOCK_SKEW_MILLISECONDS < lookedLast) return;
      await look(cutConnections, endpointId, signal);
      lookedAt.set(endpointId, beganAt);
    },
    onSchedule: async (signal) => {
      const endpoints = await deps.endpoints.list();
      // One endpoint that fails must not keep the others from being looked at.
      const results = await Promise.allSettled(
        endpoints.map(({ endpointId }) => look(sweepConnections, endpointId, signal)),
      );
      const failures = results
        .filter((result) => result.status === 'rejected')
        .map(({ reason }) => reason as unknown);
      if (failures.length > 0) throw new AggregateError(failures, 'not every endpoint could be looked at');
    },
  });
}
