import { randomUUID } from 'node:crypto';
import { signHrEvent } from '../hr-event.ts';
import type { Answer } from './portal-api.ts';
import { expectPresent } from './telling.ts';
import type { World } from './world.ts';

/** The HR system says that somebody left: an event of the Standard Webhooks scheme, signed with its secret. */
export async function sayThatPersonLeft({ api, stack }: World, email: string): Promise<Answer> {
  const secret = expectPresent(stack.hrSecret, 'a secret of the HR system', 'none in the stack');
  const event = { type: 'person.left', email, id: `msg_${randomUUID()}`, at: new Date() } as const;
  const { headers, body } = signHrEvent(secret, event);
  return api.call('POST', '/v1/offboarding/hr', { headers, text: body });
}
