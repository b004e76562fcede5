import { randomUUID } from 'node:crypto';
import { signStandardWebhook } from '../../../shared/http/standard-webhook.ts';
import type { Answer } from './portal-api.ts';
import { expectPresent } from './telling.ts';
import type { World } from './world.ts';

/** The HR system says that somebody left: an event of the Standard Webhooks scheme, signed with its secret. */
export async function sayThatPersonLeft({ api, stack }: World, email: string): Promise<Answer> {
  const secret = expectPresent(stack.hrSecret, 'a secret of the HR system', 'none in the stack');
  const now = new Date();
  const body = JSON.stringify({ type: 'person.left', timestamp: now.toISOString(), data: { email } });
  const sent = { webhookId: `msg_${randomUUID()}`, at: Math.floor(now.getTime() / 1000), body };
  return api.call('POST', '/v1/offboarding/hr', { headers: signStandardWebhook(secret, sent), text: body });
}
