import { Webhook } from 'standardwebhooks';
import type { EpochSeconds } from '../domain/time.ts';

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
