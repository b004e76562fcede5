import * as z from 'zod/mini';
import type { Clock } from '../../ports/clock.ts';
import { DirectoryError } from '../../ports/directory.ts';
import { readJson } from './body.ts';

/** A secret as it stands in a header. */
export const word = z.string().check(z.regex(/^[\x21-\x7e]{8,8192}$/));

/** The value of `Authorization`, and when another one is to be fetched. */
export interface AccessToken {
  readonly authorization: string;
  readonly until: number;
}

const tokenAnswer = z.object({
  access_token: word,
  token_type: z.string().check(z.regex(/^bearer$/i)),
  expires_in: z.optional(z.coerce.number().check(z.int(), z.gte(1))),
});

const TOKEN_TIMEOUT_MILLISECONDS = 10_000;
const DEFAULT_TOKEN_SECONDS = 300;
/** A token is fetched anew so long before its end. */
const MARGIN_SECONDS = 60;

/**
 * An access token by the client credentials grant (RFC 6749 section 4.4).
 *
 * @param form as it is sent; it holds the client's secret or assertion
 * @throws DirectoryError later, or refused where there is no token for this client
 */
export async function accessToken(
  tokenUrl: string,
  form: URLSearchParams,
  { clock, signal }: { readonly clock: Pick<Clock, 'now'>; readonly signal: AbortSignal },
): Promise<AccessToken> {
  const answer = await post(tokenUrl, form, signal);
  const { access_token: token, expires_in: seconds = DEFAULT_TOKEN_SECONDS } = answer;
  const until = clock.now() + Math.max(1, seconds - MARGIN_SECONDS) * 1000;
  return { authorization: `Bearer ${token}`, until };
}

async function post(
  tokenUrl: string,
  body: URLSearchParams,
  signal: AbortSignal,
): Promise<z.infer<typeof tokenAnswer>> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(TOKEN_TIMEOUT_MILLISECONDS)]);
  const response = await fetch(tokenUrl, { method: 'POST', body, redirect: 'manual', signal: until }).catch(
    () => {
      throw new DirectoryError('later', "the directory's token endpoint does not answer");
    },
  );
  if (response.status >= 500 || response.status === 429) {
    await response.body?.cancel();
    throw new DirectoryError('later', `the directory's token endpoint is out of order (${response.status})`);
  }
  const parsed = tokenAnswer.safeParse(response.status === 200 ? await readJson(response) : undefined);
  if (parsed.success) return parsed.data;
  throw new DirectoryError('refused', `the directory's token endpoint gives no token (${response.status})`);
}
