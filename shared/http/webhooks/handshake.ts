import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DomainError } from '../../domain/errors.ts';
import type { WebhookScheme } from './scheme.ts';

/**
 * What to answer to a sender that asks, before it sends anything, whether we are who we should be. It changes
 * nothing, so nobody has to prove anything for it.
 *
 * @throws DomainError notFound where this source asks no such thing, malformedRequest
 */
export function answerChallenge(
  { handshake }: WebhookScheme,
  headers: APIGatewayProxyEventV2['headers'],
): Readonly<Record<string, string>> {
  if (handshake?.kind !== 'challenge') throw new DomainError('notFound', 'there is nothing here');
  const challenge = headers[handshake.header] ?? '';
  if (!/^[\x21-\x7e]{1,512}$/.test(challenge)) {
    throw new DomainError('malformedRequest', `${handshake.header} is needed`);
  }
  return { [handshake.member]: challenge };
}

/** Whether a request is only the sender's first knock. */
export const isPing = ({ handshake }: WebhookScheme, body: string): boolean =>
  handshake?.kind === 'ping' && handshake.bodies.includes(body.trim());
