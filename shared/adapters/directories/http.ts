import type { Clock } from '../../ports/clock.ts';
import { DirectoryError } from '../../ports/directory.ts';
import type { DirectoryCredentials } from './credentials.ts';
import { readJson } from './body.ts';

export interface DirectoryHttpOptions {
  readonly credentials: DirectoryCredentials;
  readonly clock: Clock;
  /** Of one request, its body included. */
  readonly timeoutMilliseconds?: number;
  /** What is asked for. */
  readonly accept?: string;
  readonly signal: AbortSignal;
}

const SCIM = 'application/scim+json, application/json';
const TIMEOUT_MILLISECONDS = 15_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MILLISECONDS = 500;
/** Whoever wants us to wait longer is asked again by another run. */
const LONGEST_WAIT_SECONDS = 30;

export interface DirectoryAnswer {
  readonly body: unknown;
  readonly headers: Headers;
}

/**
 * Asks a directory for one page of JSON. Faults of its own and of the network are tried again, as is 429 after the
 * time that it names; a token that is no longer taken is fetched anew once. Redirections are not followed: they would
 * take our credentials elsewhere.
 *
 * @throws DirectoryError, without anything of what was answered
 */
export async function getJson(url: URL, options: DirectoryHttpOptions): Promise<DirectoryAnswer> {
  const { credentials, clock, signal } = options;
  let isTokenNew = false;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(url, options);
    if (answer.kind === 'ok') return answer;
    if (answer.status === 401 && !isTokenNew && credentials.forget()) {
      isTokenNew = true;
      continue;
    }
    const error = errorOf(answer, clock);
    const waitSeconds = error.retryAfterSeconds ?? (FIRST_PAUSE_MILLISECONDS * 2 ** attempt) / 1000;
    if (error.kind !== 'later' || attempt === ATTEMPTS || waitSeconds > LONGEST_WAIT_SECONDS) throw error;
    await clock.sleep(waitSeconds * 1000, signal).catch(() => {
      throw error;
    });
  }
}

type Answer =
  | ({ readonly kind: 'ok' } & DirectoryAnswer)
  | { readonly kind: 'not'; readonly status: number; readonly headers: Headers };

async function ask(
  url: URL,
  { credentials, signal, timeoutMilliseconds = TIMEOUT_MILLISECONDS, accept = SCIM }: DirectoryHttpOptions,
): Promise<Answer> {
  const authorization = await credentials.authorization(signal);
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]);
  try {
    const response = await fetch(url, {
      headers: { authorization, accept },
      redirect: 'manual',
      signal: until,
    });
    const { status, headers } = response;
    if (status === 200) return { kind: 'ok', body: await readJson(response), headers };
    await response.body?.cancel();
    return { kind: 'not', status, headers };
  } catch (error) {
    if (error instanceof DirectoryError) throw error;
    // Neither the address nor the answer is told: a cursor may name somebody.
    return { kind: 'not', status: 0, headers: new Headers() };
  }
}

function errorOf({ status, headers }: Answer & { kind: 'not' }, clock: Clock): DirectoryError {
  if (status === 0) return new DirectoryError('later', 'the directory does not answer');
  if (status === 429) {
    return new DirectoryError(
      'later',
      'the directory says that it is asked too often (429)',
      waitOf(headers, clock),
    );
  }
  if (status >= 500) {
    return new DirectoryError('later', `the directory is out of order (${status})`, waitOf(headers, clock));
  }
  if (status === 401 || status === 403) {
    return new DirectoryError('refused', `the directory refuses the portal (${status})`);
  }
  return new DirectoryError('broken', `the directory answers ${status}`, { status });
}

/** Retry-After in seconds or as a date (RFC 9110 section 10.2.3), or the second at which Okta's limit begins anew. */
function waitOf(headers: Headers, clock: Clock): { readonly retryAfterSeconds?: number } {
  const after = headers.get('retry-after') ?? '';
  if (/^\d{1,6}$/.test(after)) return { retryAfterSeconds: Number(after) };
  const date = after === '' ? Number.NaN : Date.parse(after);
  const reset = headers.get('x-rate-limit-reset') ?? '';
  const at = Number.isNaN(date) ? (/^\d{1,12}$/.test(reset) ? Number(reset) * 1000 : undefined) : date;
  return at === undefined ? {} : { retryAfterSeconds: Math.max(0, Math.ceil((at - clock.now()) / 1000)) };
}
