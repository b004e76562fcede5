import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../domain/errors.ts';
import { withoutAttributes, type Observability } from './observability.ts';
import { problemFrom } from './problem.ts';

/** The person or source that asks, by its id; undefined where the request does not say. */
export type ActorOf = (event: APIGatewayProxyEventV2) => string | undefined;

/** RFC 9110 section 15.5.2 wants it with each 401; RFC 9470 lets it say that a newer sign-in would help. */
const AUTHENTICATE: Readonly<Record<string, string>> = {
  unauthenticated: 'Bearer',
  signInTooOld: 'Bearer error="insufficient_user_authentication"',
  mfaMissing: 'Bearer error="insufficient_user_authentication"',
  badWebhookSignature: 'Webhook',
};

/** The form in which a caller reads what was thrown. */
export type ErrorAnswer = (error: unknown, requestId: string) => APIGatewayProxyStructuredResultV2;

/** A problem document (RFC 9457). */
export const problemAnswer: ErrorAnswer = (error, requestId) => {
  const problem = problemFrom(error, requestId);
  const authenticate = AUTHENTICATE[problem.code];
  return {
    statusCode: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(authenticate === undefined ? {} : { 'www-authenticate': authenticate }),
    },
    body: JSON.stringify(problem),
  };
};

/**
 * Turns whatever a handler throws into an answer. A refusal is on the audit trail with who asked; a
 * fault of ours is an error in the log with its cause.
 */
export function problemDetails(
  { logger, metrics }: Observability,
  actorOf: ActorOf,
  answer: ErrorAnswer = problemAnswer,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  const actorIn: ActorOf = (event) => {
    try {
      return actorOf(event);
    } catch {
      return undefined;
    }
  };
  return {
    onError: (request) => {
      const { error, event } = request;
      const { routeKey: route } = event;
      const { requestId } = event.requestContext;
      const { code } = problemFrom(error, requestId);
      if (error instanceof DomainError) {
        logger.info('request refused', { audit: true, actor: actorIn(event), code, route });
        metrics.addMetric('RequestsRefused', MetricUnit.Count, 1);
      } else {
        logger.error('request failed', { code, route, error: withoutAttributes(error) });
      }
      const retryAfter = error instanceof DomainError ? error.retryAfterSeconds : undefined;
      const { headers, ...rest } = answer(error, requestId);
      request.response = {
        ...rest,
        headers: {
          'cache-control': 'no-store',
          ...headers,
          ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
        },
      };
    },
  };
}
