import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { DomainError } from '../domain/errors.ts';
import { publishMetrics, type Observability } from './observability.ts';
import { problemDetails } from './problem-details.ts';

export type Route = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** Route key as serverless.yml has it, for example `POST /v1/certificates`, to what answers it. */
export type Routes = Readonly<Record<string, Route>>;

export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** One Lambda behind API Gateway: problem documents first, then the log's context, then the route. */
export function apiHandler({ logger, metrics }: Observability, routes: Routes): ApiHandler {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(problemDetails(logger))
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(publishMetrics(metrics))
    .handler(async (event) => {
      logger.appendKeys({ requestId: event.requestContext.requestId });
      const route = Object.hasOwn(routes, event.routeKey) ? routes[event.routeKey] : undefined;
      if (route === undefined) throw new DomainError('notFound', 'there is nothing here');
      return route(event);
    });
}
