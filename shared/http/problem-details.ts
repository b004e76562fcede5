import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../domain/errors.ts';
import { problemFrom } from './problem.ts';

/**
 * Turns whatever a handler throws into a problem document (RFC 9457). It is registered first, so that it sees
 * every error last. A refusal is worth an info line; a fault of ours an error with its cause.
 */
export function problemDetails(
  logger: Logger,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const { error, event } = request;
      const problem = problemFrom(error, event.requestContext.requestId);
      const isOurs = !(error instanceof DomainError);
      if (isOurs) logger.error('request failed', { code: problem.code, route: event.routeKey, error });
      else logger.info('request refused', { code: problem.code, route: event.routeKey });
      const retryAfter = error instanceof DomainError ? error.retryAfterSeconds : undefined;
      request.response = {
        statusCode: problem.status,
        headers: {
          'content-type': 'application/problem+json',
          'cache-control': 'no-store',
          ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
          // RFC 9470: tells a client that a newer sign-in would help.
          ...(problem.code === 'signInTooOld'
            ? { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age="600"' }
            : {}),
        },
        body: JSON.stringify(problem),
      };
    },
  };
}
