import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { SourceId } from '../domain/identity.ts';
import type { EpochMilliseconds } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { WebhookSecrets } from '../ports/webhook-secrets.ts';
import { secretJson, secretText } from './secret-value.ts';

/** As its owner writes it: what it must be like, its scheme says. Shorter ones can be guessed. */
const webhookSecret = z.string().check(z.regex(/^[\x20-\x7e]{16,1024}$/));
const secretValue = z.strictObject({ secrets: z.array(webhookSecret) });

/**
 * Webhook secrets in AWS Secrets Manager: per source one secret whose text is
 * `{"secrets": ["whsec_new", "whsec_old"]}`, each in the form of its sender. A source that has no secret, or a secret without a value, is not
 * configured and has none.
 *
 * @param secretIdOf the name or ARN of a source's secret; undefined for a source that has none
 * @param cacheSeconds how long an answer is used again, and so how long a secret that was taken away still works
 */
export function secretsManagerWebhookSecrets({
  client,
  secretIdOf,
  clock,
  cacheSeconds,
}: {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  readonly secretIdOf: (source: SourceId) => string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly cacheSeconds: number;
}): WebhookSecrets {
  const cache = new Map<string, { at: EpochMilliseconds; secrets: readonly string[] }>();
  return {
    async live(source) {
      const secretId = secretIdOf(source);
      if (secretId === undefined || secretId === '') return [];
      const now = clock.now();
      const cached = cache.get(secretId);
      if (cached !== undefined && Math.abs(now - cached.at) < cacheSeconds * 1000) return cached.secrets;
      const secrets = await fetchSecrets(client, secretId);
      cache.set(secretId, { at: now, secrets });
      return secrets;
    },
  };
}

async function fetchSecrets(
  client: Pick<SecretsManagerClient, 'send'>,
  secretId: string,
): Promise<readonly string[]> {
  const text = await secretText(client, secretId);
  if (text === undefined) return [];
  const parsed = secretValue.safeParse(secretJson(text));
  if (parsed.success) return parsed.data.secrets;
  // Neither the text nor a parser's error goes into the message or its cause: both may quote the secret.
  throw new Error(`the secret ${secretId} is not {"secrets": ["…"]}, each of at least 16 letters`);
}
