import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Observability } from '../../shared/http/observability.ts';
import { setUp, type SetUpDeps, type SetUpRequest } from '../../shared/use-cases/set-up.ts';

export interface SetUpHandlerDeps extends SetUpDeps, Observability {
  readonly request: SetUpRequest;
}

/** Sets up CA, server certificate and endpoint; asked once at each deploy, and harmless when asked again. */
export const setUpHandler = (
  deps: SetUpHandlerDeps,
): ((event: unknown, context: Context) => Promise<{ caId: string; endpointId: string }>) =>
  middy<unknown, { caId: string; endpointId: string }>()
    .use(injectLambdaContext(deps.logger, { resetKeys: true }))
    .handler(async () => {
      const { authority, endpoint } = await setUp(deps, deps.request);
      return { caId: authority.caId, endpointId: endpoint.endpointId };
    });
