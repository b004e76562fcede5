import { generateKeyPair, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import { stateFile } from '../state-file.ts';

const keysSchema = z.object({
  /** Private RSA key, RFC 7517. */
  signingJwk: z.object({
    kty: z.literal('RSA'),
    kid: z.string(),
    alg: z.literal('RS256'),
    use: z.literal('sig'),
    n: z.string(),
    e: z.string(),
    d: z.string(),
    p: z.string(),
    q: z.string(),
    dp: z.string(),
    dq: z.string(),
    qi: z.string(),
  }),
  cookieKey: z.string(),
});
export type ProviderKeys = z.infer<typeof keysSchema>;

/** The provider's keys, kept so that a restarted provider accepts, and is accepted for, yesterday's tokens. */
export async function loadOrMakeKeys(dataDir: string | undefined): Promise<ProviderKeys> {
  const file = stateFile(dataDir === undefined ? undefined : join(dataDir, 'keys.json'), keysSchema);
  const kept = file.load();
  if (kept !== undefined) return kept;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' });
  const keys = keysSchema.parse({
    signingJwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' },
    cookieKey: randomBytes(32).toString('base64url'),
  });
  file.save(keys);
  return keys;
}
