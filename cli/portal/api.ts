import * as z from 'zod';
import { localFailure, usageFailure } from '../failure.ts';
import type { World } from '../world.ts';
import { send, type HttpAnswer } from './http.ts';
import { failureFrom, parseJson } from './problems.ts';

/** The portal's API as one signed-in person, or, without a token, as anybody. */
export interface PortalApi {
  /** @throws Failure, as every method here */
  get<Output>(
    path: string,
    schema: z.core.$ZodType<Output>,
    query?: Readonly<Record<string, string>>,
  ): Promise<Output>;
  /** An answer that is not JSON. */
  getText(path: string, query?: Readonly<Record<string, string>>): Promise<string>;
  /**
   * @param body sent as it is when it is a text
   * @param options with an Idempotency-Key the request is repeated where the portal was busy
   */
  post<Output>(
    path: string,
    body: object | string,
    schema: z.core.$ZodType<Output>,
    options?: { readonly idempotencyKey?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Output>;
}

const ATTEMPTS = 3;
const LONGEST_PAUSE_SECONDS = 5;
const BUSY = new Set([502, 503, 504]);

/** A path with its parameters escaped: apiPath`/v1/certificates/${id}`. @throws Failure for what is no name */
export function apiPath(parts: TemplateStringsArray, ...parameters: readonly string[]): string {
  const escaped = parameters.map((parameter) => {
    // A URL would swallow these as steps in the path.
    if (/^\.{0,2}$/.test(parameter)) throw usageFailure(`"${parameter}" is no id`);
    return encodeURIComponent(parameter);
  });
  return String.raw({ raw: parts }, ...escaped);
}

function withQuery(path: string, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** @param token an access token; undefined sends none */
export function portalApi(
  { sleep }: Pick<World, 'sleep'>,
  portalUrl: string,
  token: string | undefined,
): PortalApi {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const unreached = [{ words: 'VPN_PORTAL_URL names the portal; on this machine, npm start starts one' }];

  const request = async (
    path: string,
    init: { method?: 'POST'; headers?: Record<string, string>; body?: string },
    isRepeatable: boolean,
  ): Promise<HttpAnswer> => {
    for (let attempt = 1; ; attempt += 1) {
      const headers = { ...authorization, ...init.headers };
      const answer = await send(`${portalUrl}${path}`, { ...init, headers }, unreached);
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (!isRepeatable || attempt === ATTEMPTS || !BUSY.has(answer.status)) {
        throw failureFrom(answer.status, answer.body);
      }
      await sleep(1000 * pauseSeconds(answer, attempt));
    }
  };

  return {
    get: async (path, schema, query) => parseAnswer(await request(withQuery(path, query), {}, true), schema),
    getText: async (path, query) => (await request(withQuery(path, query), {}, true)).body,
    async post(path, body, schema, { idempotencyKey, headers = {} } = {}) {
      const init = {
        method: 'POST' as const,
        headers: {
          'content-type': 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      };
      return parseAnswer(await request(path, init, idempotencyKey !== undefined), schema);
    },
  };
}

/** Retry-After in seconds (RFC 9110 section 10.2.3), as far as a person waits for it. */
function pauseSeconds({ headers }: HttpAnswer, attempt: number): number {
  const asked = Number(headers.get('retry-after') ?? NaN);
  return Number.isFinite(asked) && asked >= 0 ? Math.min(asked, LONGEST_PAUSE_SECONDS) : 0.3 * attempt;
}

function parseAnswer<Output>({ body }: HttpAnswer, schema: z.core.$ZodType<Output>): Output {
  const parsed = z.safeParse(schema, parseJson(body));
  if (parsed.success) return parsed.data;
  throw localFailure(
    'unexpectedAnswer',
    'Not an answer of the portal',
    'VPN_PORTAL_URL may name something else, or this program is of another version than the portal',
  );
}
