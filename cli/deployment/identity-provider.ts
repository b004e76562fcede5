import * as z from 'zod';
import { assertSafe } from '../configuration.ts';
import { localFailure } from '../failure.ts';
import { send } from '../portal/http.ts';
import { parseJson } from '../portal/problems.ts';

/** OpenID Connect Discovery 1.0 section 3. */
const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  device_authorization_endpoint: z.string().optional(),
});
/** RFC 7517 section 5. */
const keySet = z.object({ keys: z.array(z.object({ kty: z.string(), alg: z.string().optional() })) });

/** What an identity provider says of itself, as far as the portal depends on it. */
export interface IdentityProvider {
  /** Whether people can sign in with `login` (RFC 8628). */
  readonly hasDeviceFlow: boolean;
}

/**
 * Asks an identity provider whether the portal can rest on it: API Gateway's authorizer takes RS256 alone, and compares
 * the issuer letter by letter.
 *
 * @throws Failure naming what is wrong
 */
export async function inspectIdentityProvider(issuer: string): Promise<IdentityProvider> {
  assertSafe('The issuer', issuer);
  const { status, body } = await send(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
  const metadata = metadataSchema.safeParse(parseJson(body)).data;
  if (metadata === undefined) {
    throw localFailure(
      'notAnIssuer',
      'This is not the address of an OpenID provider',
      `${issuer} answers ${status}`,
    );
  }
  if (metadata.issuer !== issuer) {
    throw localFailure('notAnIssuer', 'The provider calls itself otherwise', metadata.issuer, [
      { words: 'give exactly that, letter by letter: it is what tokens say' },
    ]);
  }
  const keys = keySet.safeParse(
    parseJson((await send(assertSafe('The key set', metadata.jwks_uri), {})).body),
  ).data;
  if (keys?.keys.some(({ kty, alg = 'RS256' }) => kty === 'RSA' && alg === 'RS256') !== true) {
    throw localFailure('noRsaKey', 'The provider has no RSA key to sign tokens with', metadata.jwks_uri, [
      { words: 'API Gateway verifies RS256 only: let the provider sign access tokens with it' },
    ]);
  }
  return { hasDeviceFlow: metadata.device_authorization_endpoint !== undefined };
}
