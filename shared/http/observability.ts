import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';

/** What a function is watched by. */
export interface Observability {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Sends what was counted, also when the handler failed. The library's own middleware complains of every idle run. */
export function publishMetrics(metrics: Metrics): MiddlewareObj {
  const publish = (): void => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: publish, onError: publish };
}
