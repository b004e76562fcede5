import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { importPKCS8, SignJWT } from 'jose';
import * as z from 'zod/mini';
import { isSafeAddress } from '../../domain/safe-address.ts';
import type { Clock } from '../../ports/clock.ts';
import { DirectoryError } from '../../ports/directory.ts';
import type { RandomOctets } from '../../ports/random.ts';
import { secretJson, secretText } from '../secret-value.ts';
import { accessToken, word, type AccessToken } from './token-endpoint.ts';

/** What a request to the directory shows. */
export interface DirectoryCredentials {
  /** @returns the value of `Authorization` */
  authorization(signal: AbortSignal): Promise<string>;
  /** A token was not taken. @returns whether another can be had */
  forget(): boolean;
}

const client = {
  tokenUrl: z.string().check(z.refine(isSafeAddress)),
  clientId: z.string().check(z.minLength(1)),
  scope: z.string().check(z.minLength(1)),
};
/** As its owner writes it: a bearer token, an API token of Okta's, or who asks a token endpoint and how it proves it. */
const directorySecret = z.union([
  z.strictObject({ bearerToken: word }),
  z.strictObject({ oktaApiToken: word }),
  z.strictObject({ ...client, clientSecret: word }),
  z.strictObject({
    ...client,
    privateKeyPem: z.string().check(z.includes('PRIVATE KEY')),
    /** Of the key, as the directory has it; Entra wants the certificate's hash instead. */
    keyId: z.optional(z.string()),
    certificateSha256Base64url: z.optional(z.string()),
  }),
]);
type DirectorySecret = z.infer<typeof directorySecret>;
type ClientSecret = Extract<DirectorySecret, { readonly tokenUrl: string }>;

const ASSERTION_SECONDS = 300;
const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface CredentialsOptions {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  readonly secretId: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomOctets;
}

/**
 * Credentials from AWS Secrets Manager, for as long as they last: static ones, or an access token by the client
 * credentials grant (RFC 6749 section 4.4) with a secret or a signed assertion (RFC 7523 section 2.2).
 *
 * @throws DirectoryError refused where the secret has no value or no known form, or is not taken; its text is in no error
 */
export function directoryCredentials(options: CredentialsOptions): DirectoryCredentials {
  const { clock } = options;
  let secret: DirectorySecret | undefined;
  let token: AccessToken | undefined;
  return {
    async authorization(signal) {
      secret ??= await readSecret(options);
      if ('bearerToken' in secret) return `Bearer ${secret.bearerToken}`;
      if ('oktaApiToken' in secret) return `SSWS ${secret.oktaApiToken}`;
      if (token === undefined || token.until <= clock.now())
        token = await fetchToken(options, secret, signal);
      return token.authorization;
    },
    forget() {
      // Also a secret that was changed since is read again.
      secret = undefined;
      token = undefined;
      return true;
    },
  };
}

async function readSecret({ client: secrets, secretId }: CredentialsOptions): Promise<DirectorySecret> {
  const text = await secretText(secrets, secretId).catch(() => {
    throw new DirectoryError('later', "the directory's secret cannot be read");
  });
  if (text === undefined) throw new DirectoryError('refused', "the directory's secret has no value yet");
  const parsed = directorySecret.safeParse(secretJson(text));
  if (!parsed.success) {
    throw new DirectoryError('refused', "the directory's secret has none of the forms in docs/sources.md");
  }
  return parsed.data;
}

async function fetchToken(
  options: CredentialsOptions,
  secret: ClientSecret,
  signal: AbortSignal,
): Promise<AccessToken> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: secret.clientId,
    scope: secret.scope,
    ...('clientSecret' in secret
      ? { client_secret: secret.clientSecret }
      : { client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: await assertion(options, secret) }),
  });
  return accessToken(secret.tokenUrl, form, { clock: options.clock, signal });
}

async function assertion(
  { clock, random }: CredentialsOptions,
  secret: Extract<ClientSecret, { readonly privateKeyPem: string }>,
): Promise<string> {
  const now = Math.floor(clock.now() / 1000);
  const key = await importPKCS8(secret.privateKeyPem, 'RS256').catch(() => {
    throw new DirectoryError('refused', "the private key in the directory's secret is no PKCS #8 PEM");
  });
  return new SignJWT()
    .setProtectedHeader({
      alg: 'RS256',
      ...(secret.keyId === undefined ? {} : { kid: secret.keyId }),
      ...(secret.certificateSha256Base64url === undefined
        ? {}
        : { 'x5t#S256': secret.certificateSha256Base64url }),
    })
    .setIssuer(secret.clientId)
    .setSubject(secret.clientId)
    .setAudience(secret.tokenUrl)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECONDS)
    .setJti(Buffer.from(random(16)).toString('base64url'))
    .sign(key);
}
