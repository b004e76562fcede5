import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { eachAtOnce } from '../../../shared/use-cases/each-at-once.ts';
import { signStandardWebhook } from '../../../shared/http/standard-webhook.ts';

/** Where the local stack is, and the secrets that a sender of events has. */
export const stackInfo = z.object({ apiUrl: z.url(), hrSecret: z.string(), scimToken: z.string() });
type StackInfo = z.infer<typeof stackInfo>;

/** The most events that are on their way at the same time. */
const MOST_AT_ONCE = 32;

/** A sender tries again what was not answered, or 5xx, as all of them do. */
const MOST_TRIES = 50;
const PAUSE_MILLISECONDS = 100;

/** When an event about somebody was sent first, and how long its 2xx took: it comes when the denial is written. */
export interface Told {
  readonly at: number;
  readonly milliseconds: number;
  /** How many answers were 5xx, or did not come. */
  readonly refused: number;
}

const answered = z.object({ outcome: z.string() });
const scimUser = z.object({ id: z.string(), active: z.boolean() });
const emailOf = (login: string): string => `${login}@example.com`;

/** An HR system with signed webhooks and a directory with SCIM, as the portal knows them. */
export function senders({ apiUrl, hrSecret, scimToken }: StackInfo) {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE });
  const send = (method: string, path: string, headers: Sent['headers'], body: string): Promise<Answer> =>
    sendOver(agent, { method, url: `${apiUrl}${path}`, headers, body });
  const scimHeaders = (): RequestHeaders => ({
    'content-type': 'application/scim+json',
    authorization: `Bearer ${scimToken}`,
  });

  const byWebhook = async (login: string): Promise<Told> => {
    const timestamp = new Date().toISOString();
    const data = { email: emailOf(login) };
    const body = JSON.stringify({ type: 'person.left', timestamp, data });
    const webhookId = `msg_${randomUUID()}`;
    // Signed anew each time that it is sent, as the scheme has it.
    const headers = (): RequestHeaders =>
      signStandardWebhook(hrSecret, { webhookId, at: Math.floor(Date.now() / 1000), body });
    const { text, told } = await send('POST', '/v1/offboarding/hr', headers, body);
    const { outcome } = answered.parse(JSON.parse(text));
    // What was written and answered too late is a duplicate when it comes again.
    if (outcome !== 'denied' && !(outcome === 'duplicate' && told.refused > 0))
      throw new Error(`${login} is ${outcome}`);
    return told;
  };
  const provision = async (login: string): Promise<string> => {
    const emails = [{ primary: true, value: emailOf(login), type: 'work' }];
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const user = { schemas, userName: emailOf(login), externalId: `00u-${login}`, emails, active: true };
    const { text } = await send('POST', '/scim/v2/Users', scimHeaders, JSON.stringify(user));
    return scimUser.parse(JSON.parse(text)).id;
  };
  const byScim = async (id: string): Promise<Told> => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    const Operations = [{ op: 'replace', value: { active: false } }];
    const { told } = await send(
      'PATCH',
      `/scim/v2/Users/${id}`,
      scimHeaders,
      JSON.stringify({ schemas, Operations }),
    );
    return told;
  };

  return {
    /** Says of each that they left, a few at once. */
    async sayByWebhook(logins: readonly string[], atOnce: number): Promise<Map<string, Told>> {
      const told = new Map<string, Told>();
      await eachAtOnce(logins, atOnce, async (login) => told.set(login, await byWebhook(login)));
      return told;
    },
    /** Provisions all of them, and then deactivates each. */
    async sayByScim(logins: readonly string[], atOnce: number): Promise<Map<string, Told>> {
      const ids = new Map<string, string>();
      await eachAtOnce(logins, atOnce, async (login) => ids.set(login, await provision(login)));
      const told = new Map<string, Told>();
      await eachAtOnce([...ids], atOnce, async ([login, id]) => told.set(login, await byScim(id)));
      return told;
    },
    close: () => agent.destroy(),
  };
}

type RequestHeaders = Readonly<Record<string, string>>;

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: () => RequestHeaders;
  readonly body: string;
}

interface Answer {
  readonly text: string;
  readonly told: Told;
}

const NO_ANSWER = { status: 599, text: '' };

async function sendOver(agent: Agent, sent: Sent): Promise<Answer> {
  const began = performance.now();
  for (let refused = 0; refused < MOST_TRIES; refused += 1) {
    const { status, text } = await sendOnce(agent, sent).catch(() => NO_ANSWER);
    if (status >= 200 && status < 300) {
      const milliseconds = performance.now() - began;
      return { text, told: { at: performance.timeOrigin + began, milliseconds, refused } };
    }
    if (status < 500) throw new Error(`${sent.method} ${sent.url} answered ${status}: ${text.slice(0, 500)}`);
    await sleep(PAUSE_MILLISECONDS);
  }
  throw new Error(`${sent.method} ${sent.url} was not answered in ${MOST_TRIES} tries`);
}

const sendOnce = (
  agent: Agent,
  { method, url, headers, body }: Sent,
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method, agent, headers: { ...headers(), ...length } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
