import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { EpochMilliseconds } from '../domain/time.ts';
import type { BearerTokens } from '../ports/bearer-tokens.ts';
import type { Clock } from '../ports/clock.ts';
import { secretJson, secretText } from './secret-value.ts';

/** RFC 6750 section 2.1; long enough that nobody guesses it. */
const token = z.string().check(z.regex(/^[A-Za-z0-9._~+/-]{32,512}=*$/));
const secretValue = z.strictObject({ tokens: z.array(token) });

/**
 * Bearer tokens in AWS Secrets Manager: one secret whose text is `{"tokens": ["new", "old"]}`. A secret that is not
 * there, or has no value, holds none.
 *
 * @param cacheSeconds how long an answer is used again, and so how long a token that was taken away still works
 */
export function secretsManagerBearerTokens({
  client,
  secretId,
  clock,
  cacheSeconds,
}: {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  readonly secretId: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly cacheSeconds: number;
}): BearerTokens {
  let cached: { at: EpochMilliseconds; tokens: readonly string[] } | undefined;
  return {
    async live() {
      const now = clock.now();
      if (cached !== undefined && Math.abs(now - cached.at) < cacheSeconds * 1000) return cached.tokens;
      cached = { at: now, tokens: await fetchTokens(client, secretId) };
      return cached.tokens;
    },
  };
}

async function fetchTokens(
  client: Pick<SecretsManagerClient, 'send'>,
  secretId: string,
): Promise<readonly string[]> {
  const text = await secretText(client, secretId);
  if (text === undefined) return [];
  const parsed = secretValue.safeParse(secretJson(text));
  if (parsed.success) return parsed.data.tokens;
  // Neither the text nor a parser's error goes into the message or its cause: both may quote a token.
  throw new Error(`the secret ${secretId} is not {"tokens": ["…"]}, each of 32 letters or more`);
}
