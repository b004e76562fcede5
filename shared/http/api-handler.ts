import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { DomainError } from '../domain/errors.ts';
import { publishMetrics, type Observability } from './observability.ts';
import { problemAnswer, problemDetails, type ActorOf, type ErrorAnswer } from './problem-details.ts';

export type Route = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** Route key as serverless.yml has it, for example `POST /v1/certificates`, to what answers it. */
export type Routes = Readonly<Record<string, Route>>;

export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * One Lambda behind API Gateway. What is used last sees an error first: the problem document is made while the log
 * still knows the request, and what it counts is sent.
 *
 * @param actorOf who asks, for the audit trail of refusals
 * @param answer the form of refusals where it is another than a problem document
 */
export function apiHandler(
  observed: Observability,
  routes: Routes,
  actorOf: ActorOf = () => undefined,
  answer: ErrorAnswer = problemAnswer,
): ApiHandler {
  const { logger, metrics } = observed;
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(publishMetrics(metrics))
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(problemDetails(observed, actorOf, answer))
    .handler(async (event) => {
      logger.appendKeys({ requestId: event.requestContext.requestId });
      const route = Object.hasOwn(routes, event.routeKey) ? routes[event.routeKey] : undefined;
      if (route === undefined) throw new DomainError('notFound', 'there is nothing here');
      return route(event);
    });
}
