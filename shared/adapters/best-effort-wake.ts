import type { Logger } from '@aws-lambda-powertools/logger';
import type { Wake } from '../ports/wake.ts';

/** Keeps the promise of the port: a wake that cannot be sent is noted, and the sweeps look without it. */
export function bestEffortWake(wake: Wake, logger: Logger): Wake {
  const attempt = async (send: Promise<void>, endpointId: string): Promise<void> => {
    try {
      await send;
    } catch (error) {
      logger.warn('wake was not sent', { endpointId, error: error instanceof Error ? error : String(error) });
    }
  };
  return {
    connections: (endpointId) => attempt(wake.connections(endpointId), endpointId),
    publication: (endpointId) => attempt(wake.publication(endpointId), endpointId),
  };
}
