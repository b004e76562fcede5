import { timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Webhook } from 'standardwebhooks';
import { DomainError } from '../domain/errors.ts';
import { secondsFrom, type EpochMilliseconds, type EpochSeconds } from '../domain/time.ts';

const TOLERANCE_SECONDS = 300;

/** What the sender signed, and what it wants to be known by. */
export interface VerifiedWebhook {
  readonly webhookId: string;
}

/**
 * Verifies a request of the Standard Webhooks scheme 1.0.0 with our clock, any of the live secrets, and compares
 * that take the same time whatever they find.
 *
 * @param body the exact text that was sent
 * @param secrets `whsec_…`, at least one
 * @throws DomainError badWebhookSignature, staleWebhook
 */
export function verifyStandardWebhook(
  headers: APIGatewayProxyEventV2['headers'],
  body: string,
  secrets: readonly string[],
  now: EpochMilliseconds,
): VerifiedWebhook {
  const webhookId = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  const signatures = (headers['webhook-signature'] ?? '').split(' ').filter((text) => text.startsWith('v1,'));
  if (
    !/^[\x21-\x7e]{1,256}$/.test(webhookId) ||
    !/^[0-9]{1,12}$/.test(timestamp) ||
    signatures.length === 0
  ) {
    throw new DomainError(
      'badWebhookSignature',
      'webhook-id, webhook-timestamp and a v1 webhook-signature are needed',
    );
  }
  const signedAt = new Date(Number(timestamp) * 1000);
  let isSigned = false;
  for (const secret of secrets) {
    const expected = Buffer.from(new Webhook(secret).sign(webhookId, signedAt, body));
    for (const signature of signatures.slice(0, 10))
      isSigned = isEqual(expected, Buffer.from(signature)) || isSigned;
  }
  if (!isSigned) throw new DomainError('badWebhookSignature', 'no signature is of a secret of this source');
  // Only who knows a secret learns about our clock.
  if (Math.abs(secondsFrom(now) - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new DomainError('staleWebhook', 'webhook-timestamp is more than 5 minutes from our clock');
  }
  return { webhookId };
}

const isEqual = (expected: Buffer, given: Buffer): boolean =>
  expected.length === given.length && timingSafeEqual(expected, given);

/**
 * The headers with which a sender of the scheme signs a body: what the local HR system and the command line send.
 *
 * @param secret `whsec_…`
 * @param at when it is sent, in whole seconds
 */
export function signStandardWebhook(
  secret: string,
  { webhookId, at, body }: { readonly webhookId: string; readonly at: EpochSeconds; readonly body: string },
): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'webhook-id': webhookId,
    'webhook-timestamp': String(at),
    'webhook-signature': new Webhook(secret).sign(webhookId, new Date(at * 1000), body),
  };
}
