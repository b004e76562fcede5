import * as z from 'zod';

/** The same words as in `tokens.ts`, which would bring the whole provider with it. */
const CLIENT_ID = 'vpn-cli';
const USERNAME_GRANT = 'urn:vpn-certificate-portal:grant-type:username';

const tokenResponse = z.object({ access_token: z.string(), expires_in: z.number() });
const errorResponse = z.object({
  error: z.string(),
  error_description: z.string().optional(),
});

/**
 * Asks a running local provider for an access token by name, as `npm run token -- alice` does.
 *
 * @throws Error whose message says what is wrong, and names the people where the name is unknown
 */
export async function requestToken(
  issuer: string,
  name: string,
): Promise<{ accessToken: string; expiresInSeconds: number }> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: USERNAME_GRANT, client_id: CLIENT_ID, username: name }),
  });
  const body: unknown = await response.json();
  if (!response.ok) {
    const { error, error_description: description } = errorResponse.parse(body);
    throw new Error(`no token for ${name}: ${description ?? error}`);
  }
  const { access_token: accessToken, expires_in: expiresInSeconds } = tokenResponse.parse(body);
  return { accessToken, expiresInSeconds };
}
