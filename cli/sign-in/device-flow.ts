import * as z from 'zod';
import { assertSafe } from '../configuration.ts';
import { localFailure, type Failure } from '../failure.ts';
import { send } from '../portal/http.ts';
import { parseJson } from '../portal/problems.ts';
import type { World } from '../world.ts';
import type { KeptToken } from './token-store.ts';

const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** OpenID Connect Discovery 1.0 section 3, RFC 8628 section 4. */
const providerMetadata = z.object({
  issuer: z.string(),
  token_endpoint: z.string(),
  device_authorization_endpoint: z.string().optional(),
});
/** RFC 8628 section 3.2. */
const deviceAuthorization = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string().optional(),
  expires_in: z.number().positive(),
  interval: z.number().positive().default(5),
});
const tokenResponse = z.object({ access_token: z.string(), expires_in: z.number().optional() });
/** RFC 6749 section 5.2. */
const errorResponse = z.object({ error: z.string(), error_description: z.string().optional() });

export interface DeviceSignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: string;
  /** Tells the person where to go, and which code to compare. */
  readonly show: (uri: string, userCode: string) => void;
}

/**
 * Signs a person in by the device authorization grant (RFC 8628): she goes to a page with any browser, on any
 * machine, and this program waits.
 *
 * @throws Failure
 */
export async function signInWithDeviceCode(
  world: Pick<World, 'now' | 'sleep'>,
  { issuer, clientId, scopes, show }: DeviceSignIn,
): Promise<KeptToken> {
  const { tokenEndpoint, deviceAuthorizationEndpoint } = await discover(issuer);
  // A new sign-in, not a browser's session of this morning: what a person may do here asks for a recent one. Some
  // providers heed the one parameter in this flow, some the other; RFC 8628 lets the rest pass over both.
  const form = { client_id: clientId, scope: scopes, prompt: 'login', max_age: '1' };
  const asked = await postForm(deviceAuthorizationEndpoint, form);
  const device = deviceAuthorization.safeParse(asked);
  if (!device.success) throw refusal(asked);
  const { device_code, user_code, verification_uri, verification_uri_complete, expires_in } = device.data;
  show(safeUri(verification_uri_complete ?? verification_uri), user_code);
  const until = world.now() + expires_in * 1000;
  for (let intervalSeconds = device.data.interval; world.now() < until;) {
    await world.sleep(intervalSeconds * 1000);
    const answer = await postForm(tokenEndpoint, {
      grant_type: DEVICE_CODE_GRANT,
      device_code,
      client_id: clientId,
    });
    const token = tokenResponse.safeParse(answer).data;
    if (token !== undefined) return keptTokenOf(token, world.now());
    const error = errorResponse.safeParse(answer).data?.error;
    // RFC 8628 section 3.5.
    if (error === 'slow_down') intervalSeconds += 5;
    else if (error !== 'authorization_pending') throw refusal(answer);
  }
  throw refusal({ error: 'expired_token' });
}

const keptTokenOf = (token: z.infer<typeof tokenResponse>, now: number): KeptToken => ({
  accessToken: token.access_token,
  ...(token.expires_in === undefined ? {} : { expiresAt: now + token.expires_in * 1000 }),
});

/** The complete address carries the code in its query, which is all that may differ from a plain address. */
function safeUri(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw notAProvider();
  assertSafe('The sign-in page', `${url.origin}${url.pathname}`);
  return text;
}

async function discover(
  issuer: string,
): Promise<{ tokenEndpoint: string; deviceAuthorizationEndpoint: string }> {
  const { body } = await send(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
  const metadata = providerMetadata.safeParse(parseJson(body)).data;
  // OpenID Connect Discovery 1.0 section 4.3: whoever answers must be whom we asked.
  if (metadata?.issuer.replace(/\/$/, '') !== issuer.replace(/\/$/, '')) throw notAProvider();
  if (metadata.device_authorization_endpoint === undefined) {
    throw localFailure(
      'noDeviceFlow',
      'The identity provider offers no sign-in by device code',
      'give an access token in VPN_PORTAL_TOKEN instead',
    );
  }
  return {
    tokenEndpoint: assertSafe('The token endpoint', metadata.token_endpoint),
    deviceAuthorizationEndpoint: assertSafe('The device endpoint', metadata.device_authorization_endpoint),
  };
}

const notAProvider = (): Failure =>
  localFailure('notAnIssuer', 'VPN_PORTAL_ISSUER is not the address of an OpenID provider');

async function postForm(url: string, form: Record<string, string>): Promise<unknown> {
  const { body } = await send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
  });
  return parseJson(body);
}

const REFUSALS: Readonly<Record<string, string>> = {
  access_denied: 'the sign-in was refused',
  expired_token: 'nobody signed in in time',
};

function refusal(answer: unknown): Failure {
  const said = errorResponse.safeParse(answer).data;
  const words =
    said === undefined ? undefined : (REFUSALS[said.error] ?? said.error_description ?? said.error);
  return localFailure(
    'signInFailed',
    'Not signed in',
    words ?? 'the identity provider answered something else',
  );
}
