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

/** A name of the DNS, with a port or without. */
const ORIGIN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})(?::\d{1,5})?$/;

/**
 * The headers that let a sender of CloudEvents begin: who it is does not matter, since each event has to show the
 * secret. A callback that it names is not called.
 *
 * @throws DomainError notFound where this source asks no such thing, malformedRequest
 */
export function answerOrigin(
  { handshake }: WebhookScheme,
  headers: APIGatewayProxyEventV2['headers'],
): Readonly<Record<string, string>> {
  if (handshake?.kind !== 'webHookOrigin') throw new DomainError('notFound', 'there is nothing here');
  const origin = headers['webhook-request-origin'] ?? '';
  if (!ORIGIN.test(origin)) {
    throw new DomainError('malformedRequest', 'webhook-request-origin names the sender by a name of the DNS');
  }
  const rate = headers['webhook-request-rate'] ?? '';
  const most = handshake.mostPerMinute;
  return {
    allow: 'OPTIONS, POST',
    'webhook-allowed-origin': origin,
    'webhook-allowed-rate': String(/^[1-9]\d{0,6}$/.test(rate) ? Math.min(Number(rate), most) : most),
  };
}

/** Printable, and as long as a webhook's secret has to be. */
const VERIFICATION_TOKEN = /^[\x21-\x7e]{16,256}$/;

/**
 * The token of a request that is nothing else, from a sender that begins so. Anybody may have sent it: what it is
 * worth the sender alone knows.
 *
 * @returns undefined for every other request
 */
export function verificationTokenIn({ handshake }: WebhookScheme, body: string): string | undefined {
  if (handshake?.kind !== 'verificationToken' || body.length > 1_024) return undefined;
  const { member } = handshake;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [[name, token] = []] = entries as [string, unknown][];
  const isToken = entries.length === 1 && name === member && typeof token === 'string';
  return isToken && VERIFICATION_TOKEN.test(token) ? token : undefined;
}

/** Whether a request is only the sender's first knock. */
export const isPing = ({ handshake }: WebhookScheme, body: string): boolean =>
  handshake?.kind === 'ping' && handshake.bodies.includes(body.trim());
