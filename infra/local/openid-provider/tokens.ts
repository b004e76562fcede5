import { errors } from 'oidc-provider';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { claimsOf } from './people.ts';
import type { LocalPerson } from './people.ts';

/** The public client of the command line and of `npm run token`. */
export const CLIENT_ID = 'vpn-cli';
/** The API as a resource indicator, RFC 8707; its audience is configured. */
export const API_RESOURCE = 'urn:vpn-certificate-portal:api';
/** An extension grant, RFC 6749 section 4.5: a token for a name, on loopback only. */
export const USERNAME_GRANT = 'urn:vpn-certificate-portal:grant-type:username';
/** How long access tokens live. */
export const ACCESS_TOKEN_SECONDS = 3600;

/** What may differ from a token as the person would get it by signing in now. */
export interface TokenOptions {
  /** 3,600 when absent; negative makes one that has expired. */
  readonly ttlSeconds?: number;
  /** How long ago the person signed in; 0 when absent. */
  readonly authTimeSecondsAgo?: number;
  /** All that the person may have when absent; here, and only here, others can be asked for too. */
  readonly scopes?: readonly string[];
  /** The API's when absent. */
  readonly audience?: string;
  /** Put over the person's claims; undefined takes a claim away. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Claims of tokens that are issued outside the flows of oidc-provider, until they are signed. */
const claimsOfTokens = new WeakMap<object, Record<string, unknown>>();

/** Issues an access token as the provider's token endpoint would: a JWT of RFC 9068, `typ: at+jwt`, RS256. */
export async function issueAccessToken(
  provider: Provider,
  person: LocalPerson,
  audience: string,
  options: TokenOptions = {},
): Promise<{ accessToken: string; expiresInSeconds: number; scope: string }> {
  const client = await provider.Client.find(CLIENT_ID);
  if (client === undefined) throw new Error(`the client ${CLIENT_ID} is not registered`);
  const now = Math.floor(Date.now() / 1000);
  const ttlSeconds = options.ttlSeconds ?? ACCESS_TOKEN_SECONDS;
  const scope = (options.scopes ?? person.scopes).join(' ');
  const token = new provider.AccessToken({
    client,
    accountId: person.sub,
    grantId: '',
    gty: 'username',
    resourceServer: new provider.ResourceServer(
      API_RESOURCE,
      apiResource(options.audience ?? audience, scope),
    ),
    scope,
    expiresIn: ttlSeconds,
    // One that has expired was issued a lifetime before.
    ...(ttlSeconds > 0 ? {} : { iat: now + ttlSeconds - ACCESS_TOKEN_SECONDS }),
  });
  const claims = { ...claimsOf(person, now - (options.authTimeSecondsAgo ?? 0)), ...options.claims };
  claimsOfTokens.set(token, claims);
  return { accessToken: await token.save(), expiresInSeconds: ttlSeconds, scope };
}

/** The API as oidc-provider describes a resource server. */
export const apiResource = (audience: string, scope: string) => ({
  audience,
  scope,
  accessTokenFormat: 'jwt' as const,
  accessTokenTTL: ACCESS_TOKEN_SECONDS,
  jwt: { sign: { alg: 'RS256' as const } },
});

/** `extraTokenClaims` of oidc-provider: what an access token says besides `sub`, `aud`, `scope` and its times. */
export const extraTokenClaims =
  (people: readonly LocalPerson[]) =>
  (ctx: KoaContextWithOIDC | undefined, token: object & { accountId?: string }) => {
    const own = claimsOfTokens.get(token);
    if (own !== undefined) return own;
    const person = people.find(({ sub }) => sub === token.accountId);
    if (person === undefined) return undefined;
    const { AuthorizationCode, DeviceCode, RefreshToken } = ctx?.oidc.entities ?? {};
    const signedIn = DeviceCode ?? AuthorizationCode ?? RefreshToken;
    return claimsOf(person, signedIn?.authTime);
  };

/** Lets another process of this machine have a token by name: `grant_type`, `client_id`, `username`, `scope`. */
export function registerUsernameGrant(
  provider: Provider,
  people: readonly LocalPerson[],
  audience: string,
): void {
  provider.registerGrantType<{ username?: string }>(
    USERNAME_GRANT,
    async (ctx) => {
      const { username, scope } = ctx.oidc.params;
      const person = people.find(({ name }) => name === username);
      if (person === undefined) {
        const names = people.map(({ name }) => name).join(', ');
        throw new errors.CustomOIDCProviderError(
          'invalid_grant',
          `nobody has that name; people are ${names}`,
        );
      }
      const asked = scope?.split(' ').filter((one) => person.scopes.includes(one));
      const issued = await issueAccessToken(provider, person, audience, asked && { scopes: asked });
      ctx.body = {
        access_token: issued.accessToken,
        expires_in: issued.expiresInSeconds,
        scope: issued.scope,
        token_type: 'Bearer',
      };
    },
    ['username', 'scope'],
  );
}
