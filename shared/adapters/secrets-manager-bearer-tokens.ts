import type { BearerTokens } from '../ports/bearer-tokens.ts';
import { secretLists, type SecretListsOptions } from './secret-lists.ts';

/**
 * Bearer tokens in AWS Secrets Manager: one secret whose text is `{"tokens": ["new", "old"]}`. RFC 6750 section 2.1;
 * long enough that nobody guesses one.
 */
export function secretsManagerBearerTokens({
  secretId,
  ...options
}: Pick<SecretListsOptions, 'client' | 'clock' | 'cacheSeconds'> & {
  readonly secretId: string;
}): BearerTokens {
  const live = secretLists({
    ...options,
    name: 'tokens',
    entry: /^[A-Za-z0-9._~+/-]{32,512}=*$/,
    entryWords: 'each of 32 letters or more',
  });
  return { live: () => live(secretId) };
}
