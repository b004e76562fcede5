import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { EpochMilliseconds } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import { secretJson, secretText } from './secret-value.ts';

/** Reads the entries of a secret, and remembers them for a while. */
export type SecretLists = (secretId: string) => Promise<readonly string[]>;

export interface SecretListsOptions {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  readonly clock: Pick<Clock, 'now'>;
  /** How long an answer is used again, and so how long an entry that was taken away still works. */
  readonly cacheSeconds: number;
  /** The only name in the secret's text, which is `{"<name>": ["new", "old"]}`. */
  readonly name: string;
  /** What each entry is like. */
  readonly entry: RegExp;
  /** The same in words. */
  readonly entryWords: string;
}

/**
 * Secrets in AWS Secrets Manager of which each has several entries that count alike: two while one takes the place of
 * the other. A secret that is not there, or has no value, has none.
 *
 * @throws Error that names the secret, and never its text, where it has another form
 */
export function secretLists(options: SecretListsOptions): SecretLists {
  const { clock, cacheSeconds } = options;
  const cache = new Map<string, { at: EpochMilliseconds; entries: readonly string[] }>();
  return async (secretId) => {
    const now = clock.now();
    const cached = cache.get(secretId);
    if (cached !== undefined && Math.abs(now - cached.at) < cacheSeconds * 1000) return cached.entries;
    const entries = await entriesOf(secretId, options);
    cache.set(secretId, { at: now, entries });
    return entries;
  };
}

async function entriesOf(
  secretId: string,
  { client, name, entry, entryWords }: SecretListsOptions,
): Promise<readonly string[]> {
  const text = await secretText(client, secretId);
  if (text === undefined) return [];
  const value = z.strictObject({ [name]: z.array(z.string().check(z.regex(entry))) });
  const entries = value.safeParse(secretJson(text)).data?.[name];
  if (entries !== undefined) return entries;
  // Neither the text nor a parser's error goes into the message or its cause: both may quote the secret.
  throw new Error(`the secret ${secretId} is not {"${name}": ["…"]}, ${entryWords}`);
}
