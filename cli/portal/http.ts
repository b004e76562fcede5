import { unreachableFailure, type NextStep } from '../failure.ts';

/** Longer than any of the portal's functions that answer people may take. */
const TIMEOUT_MILLISECONDS = 30_000;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * One request. Redirects are not followed: what a token or a secret is sent to is what was configured.
 *
 * @param next what to do when nobody answers
 * @throws Failure when nobody answers
 */
export async function send(
  url: string,
  init: { readonly method?: 'POST'; readonly headers?: Record<string, string>; readonly body?: string },
  next: readonly NextStep[] = [],
): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch (cause) {
    throw unreachableFailure(new URL(url).origin, cause, next);
  }
}
