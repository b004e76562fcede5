import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import type { EndpointStore } from '../../shared/ports/endpoint-store.ts';
import { cutConnections, type CutConnectionsDeps } from '../../shared/use-cases/cut-connections.ts';

export interface EndpointWorkerDeps extends CutConnectionsDeps, Observability {
  readonly endpoints: Pick<EndpointStore, 'list' | 'find' | 'noteUnknown'>;
}

/** Ends the connections that the gate would refuse: at one endpoint when woken, at every one on the schedule. */
export function endpointWorkerHandler(deps: EndpointWorkerDeps): JobHandler {
  const cut = async (endpointId: string, signal: AbortSignal): Promise<void> => {
    const { terminated, isClean } = await cutConnections(deps, endpointId, signal);
    deps.logger.info('connections looked at', { endpointId, terminated, isClean });
    if (!isClean) throw new Error(`connections that must end keep coming up at ${endpointId}`);
  };
  return jobHandler(deps, {
    forEndpoint: cut,
    onSchedule: async (signal) => {
      const endpoints = await deps.endpoints.list();
      // One endpoint that fails must not keep the others from being looked at.
      const results = await Promise.allSettled(endpoints.map(({ endpointId }) => cut(endpointId, signal)));
      const failures = results
        .filter((result) => result.status === 'rejected')
        .map(({ reason }) => reason as unknown);
      if (failures.length > 0) throw new AggregateError(failures, 'not every endpoint could be looked at');
    },
  });
}
