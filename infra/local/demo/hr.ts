import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { signStandardWebhook } from '../../../shared/http/standard-webhook.ts';
import { promised, type Answer } from './portal-api.ts';
import { expectPresent } from './telling.ts';
import type { World } from './world.ts';

/** The HR system says that somebody left: an event of the Standard Webhooks scheme, signed with its secret. */
export const sayThatPersonLeft = (world: World, email: string): Promise<Answer> =>
  sendSigned(world, {
    body: JSON.stringify({ type: 'person.left', timestamp: new Date().toISOString(), data: { email } }),
    contentType: 'application/json',
  });

/** The same of several at once, as a batch of CloudEvents 1.0. */
export const sayByCloudEvents = (world: World, emails: readonly string[]): Promise<Answer> => {
  const events = emails.map((email) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/hr/example',
    type: 'com.example.person.left',
    time: new Date().toISOString(),
    data: { email },
  }));
  return sendSigned(world, {
    body: JSON.stringify(events),
    contentType: 'application/cloudevents-batch+json',
  });
};

async function sendSigned(
  { api, stack }: World,
  { body, contentType }: { readonly body: string; readonly contentType: string },
): Promise<Answer> {
  const secret = expectPresent(stack.hrSecret, 'a secret of the HR system', 'none in the stack');
  const sent = { webhookId: `msg_${randomUUID()}`, at: Math.floor(Date.now() / 1000), body };
  const headers = { ...signStandardWebhook(secret, sent), 'content-type': contentType };
  return api.call('POST', '/v1/offboarding/hr', { headers, text: body });
}

const scimUser = z.looseObject({ id: z.string(), active: z.boolean() });

/** The identity provider provisions somebody over SCIM, as Okta does. @returns the user's id */
export async function provision(world: World, name: string): Promise<string> {
  const email = `${name}@example.com`;
  const answer = await scim(world, 'POST', '/scim/v2/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: email,
    externalId: `00u-${name}`,
    emails: [{ primary: true, value: email, type: 'work' }],
    active: true,
  });
  return promised(scimUser, answer, 201, `a user of the directory for ${name}`).id;
}

/** Deactivates that user, with the words of Entra or of Okta. */
export const deactivate = (world: World, scimUserId: string, words: 'entra' | 'okta'): Promise<Answer> =>
  scim(world, 'PATCH', `/scim/v2/Users/${scimUserId}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [
      words === 'entra'
        ? { op: 'Replace', path: 'active', value: 'False' }
        : { op: 'replace', value: { active: false } },
    ],
  });

function scim({ api, stack }: World, method: 'POST' | 'PATCH', path: string, body: unknown): Promise<Answer> {
  const token = expectPresent(stack.scimToken, 'a token for SCIM', 'none in the stack');
  return api.call(method, path, {
    token,
    headers: { 'content-type': 'application/scim+json' },
    text: JSON.stringify(body),
  });
}

/** An administrator says it by hand. */
export const sayByHand = async (world: World, email: string): Promise<Answer> =>
  world.api.call('POST', '/v1/admin/offboardings', {
    token: await world.signIn('adam'),
    headers: { 'idempotency-key': randomUUID() },
    json: { alias: { kind: 'email', value: email } },
  });
