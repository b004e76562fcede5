import * as z from 'zod';
import { expectSeen } from './telling.ts';

/** An answer of the portal, and how long it took. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** From the first octet sent to the last one received. */
  readonly milliseconds: number;
}

export interface Call {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly text?: string;
}

/** The portal's API, called over HTTP as anybody calls it. */
export interface PortalApi {
  call(method: 'GET' | 'POST' | 'PATCH', path: string, call?: Call): Promise<Answer>;
}

export const portalApi = (baseUrl: string): PortalApi => ({
  async call(method, path, { token, headers, json, text } = {}) {
    const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
    const began = performance.now();
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const answered = await response.text();
    return { status: response.status, body: parsed(answered), milliseconds: performance.now() - began };
  },
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * What an answer holds, as the API promises it.
 *
 * @throws NotObservedError for another status or another form
 */
export function promised<Body>(
  schema: z.core.$ZodType<Body>,
  answer: Answer,
  status: number,
  what: string,
): Body {
  expectSeen(answer.status === status, `${what}: ${status}`, inWords(answer));
  const body = z.safeParse(schema, answer.body);
  expectSeen(body.success, `${what}: ${status} in the form that the API promises`, inWords(answer));
  return body.data;
}

const problem = z.object({ code: z.string(), detail: z.string().optional() });

/** @returns the problem's `detail`. @throws NotObservedError unless the answer is this problem document */
export function promisedProblem(answer: Answer, status: number, code: string): string {
  const body = problem.safeParse(answer.body);
  const isSo = answer.status === status && body.success && body.data.code === code;
  expectSeen(isSo, `the answer ${status} ${code}`, inWords(answer));
  return body.data.detail ?? '';
}

const LONGEST_WORDS = 300;

function inWords({ status, body }: Answer): string {
  const found = problem.safeParse(body);
  if (found.success) return `${status} ${found.data.code}: ${found.data.detail ?? ''}`;
  return `${status} ${typeof body === 'string' ? body : JSON.stringify(body)}`.slice(0, LONGEST_WORDS);
}
