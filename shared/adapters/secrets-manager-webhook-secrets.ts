import type { SourceId } from '../domain/identity.ts';
import type { WebhookSecrets } from '../ports/webhook-secrets.ts';
import { secretLists, type SecretListsOptions } from './secret-lists.ts';

/**
 * Webhook secrets in AWS Secrets Manager: per source one secret whose text is `{"secrets": ["whsec_new", "whsec_old"]}`,
 * each as its sender writes it: what it must be like, its scheme says; shorter ones can be guessed. A source that has
 * no secret is not configured and has none.
 *
 * @param secretIdOf the name or ARN of a source's secret; undefined for a source that has none
 */
export function secretsManagerWebhookSecrets({
  secretIdOf,
  ...options
}: Pick<SecretListsOptions, 'client' | 'clock' | 'cacheSeconds'> & {
  readonly secretIdOf: (source: SourceId) => string | undefined;
}): WebhookSecrets {
  const live = secretLists({
    ...options,
    name: 'secrets',
    entry: /^[\x20-\x7e]{16,1024}$/,
    entryWords: 'each of at least 16 letters',
  });
  return {
    async live(source) {
      const secretId = secretIdOf(source);
      return secretId === undefined || secretId === '' ? [] : live(secretId);
    },
  };
}
