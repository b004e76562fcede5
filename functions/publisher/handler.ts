import type { Observability } from '../../shared/http/observability.ts';
import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import { publishDue, type PublishDueDeps } from '../../shared/use-cases/publication/publish-due.ts';

export type PublisherDeps = PublishDueDeps & Observability;

/** Publishes where it is due: at one endpoint when woken, at every one on the schedule. */
export function publisherHandler(deps: PublisherDeps): JobHandler {
  const publishAt = async (endpointId: string, signal: AbortSignal): Promise<void> => {
    const { failures } = await publishDue(deps, endpointId, { signal });
    if (failures.length > 0) throw new AggregateError(failures, 'offboardings could not be brought on');
  };
  return jobHandler(deps, {
    forEndpoint: publishAt,
    onSchedule: async (signal) => {
      const endpoints = await deps.endpoints.list();
      // One failing endpoint never delays another.
      const results = await Promise.allSettled(
        endpoints.map(({ endpointId }) => publishAt(endpointId, signal)),
      );
      const failures = results
        .filter((result) => result.status === 'rejected')
        .map(({ reason }) => reason as unknown);
      if (failures.length > 0) throw new AggregateError(failures, 'not every endpoint could be published at');
    },
  });
}
