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

/**
 * What of an error may be in a log. Only name, words and stack: an SDK's errors carry more, such as the very items
 * on which a transaction failed, with names of people in them.
 */
export function withoutAttributes(error: unknown): Error {
  if (typeof error !== 'object' || error === null) return new Error(String(error));
  const { name, message, stack, cause } = error as Partial<Error>;
  const bare = new Error(message, cause === undefined ? {} : { cause: withoutAttributes(cause) });
  if (name !== undefined) bare.name = name;
  if (stack !== undefined) bare.stack = stack;
  return bare;
}
