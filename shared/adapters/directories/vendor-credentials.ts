import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import type { SourceId } from '../../domain/identity.ts';
import type { Clock } from '../../ports/clock.ts';
import { DirectoryError } from '../../ports/directory.ts';
import type { DirectoryCredentials } from './credentials.ts';
import { secretJson, secretText } from '../secret-value.ts';
import { accessToken, word, type AccessToken } from './token-endpoint.ts';

/** How a vendor's API is told who asks: each kind has its own form of secret. */
const FORMS = {
  bearer: z.strictObject({ bearerToken: word }),
  basic: z.strictObject({ user: z.string().check(z.regex(/^[\x21-\x39\x3b-\x7e]{1,256}$/)), password: word }),
  basicUser: z.strictObject({ apiKey: word }),
  clientCredentials: z.strictObject({ clientId: z.string().check(z.minLength(1)), clientSecret: word }),
} as const;
export type VendorAuthorization = keyof typeof FORMS;

export interface VendorCredentialsOptions {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  /** One secret for all sources: `{"<source>": {…}}`. */
  readonly secretId: string;
  readonly source: SourceId;
  readonly kind: VendorAuthorization;
  /** Of `clientCredentials`. */
  readonly tokenUrl: string;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Credentials for a vendor's directory from AWS Secrets Manager, for as long as they last.
 *
 * @throws DirectoryError refused where the secret has none of this source in the form of its vendor; its text is in no
 *   error
 */
export function vendorCredentials(options: VendorCredentialsOptions): DirectoryCredentials {
  let held: AccessToken | undefined;
  return {
    async authorization(signal) {
      if (held === undefined || held.until <= options.clock.now()) held = await fetchOne(options, signal);
      return held.authorization;
    },
    forget() {
      held = undefined;
      return true;
    },
  };
}

/** A static one is read again as often, so that a secret that was changed is found without a refusal. */
const STATIC_SECONDS = 300;

async function fetchOne(options: VendorCredentialsOptions, signal: AbortSignal): Promise<AccessToken> {
  const { kind, tokenUrl, clock } = options;
  const value = await readSecret(options);
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
  const lasting = (authorization: string): AccessToken => ({
    authorization,
    until: clock.now() + STATIC_SECONDS * 1000,
  });
  switch (kind) {
    case 'bearer':
      return lasting(`Bearer ${inForm(FORMS.bearer, value).bearerToken}`);
    case 'basic': {
      const { user, password } = inForm(FORMS.basic, value);
      return lasting(basic(`${user}:${password}`));
    }
    case 'basicUser':
      // The password counts for nothing, and must be there.
      return lasting(basic(`${inForm(FORMS.basicUser, value).apiKey}:x`));
    case 'clientCredentials': {
      const { clientId, clientSecret } = inForm(FORMS.clientCredentials, value);
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      });
      return accessToken(tokenUrl, form, { clock, signal });
    }
  }
}

function inForm<Form extends z.ZodMiniType>(form: Form, value: unknown): z.infer<Form> {
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DirectoryError('refused', 'the secret for look-ups does not hold what docs/sources.md says');
}

async function readSecret({ client, secretId, source }: VendorCredentialsOptions): Promise<unknown> {
  const text = await secretText(client, secretId).catch(() => {
    throw new DirectoryError('later', 'the secret for look-ups cannot be read');
  });
  const all = secretJson(text ?? '{}');
  return typeof all === 'object' && all !== null && Object.hasOwn(all, source)
    ? (all as Readonly<Record<string, unknown>>)[source]
    : undefined;
}
