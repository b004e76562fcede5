import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import type { Configuration } from 'oidc-provider';
import { localDirectory, type LocalDirectory } from './directory.ts';
import { devicePages, errorPage, interactionUrl, isSignIn, signIn } from './interactions.ts';
import { loadOrMakeKeys } from './keys.ts';
import type { ProviderKeys } from './keys.ts';
import { claimsOf, LOCAL_PEOPLE } from './people.ts';
import type { LocalPerson } from './people.ts';
import { oidcStorage } from './storage.ts';
import {
  ACCESS_TOKEN_SECONDS,
  API_RESOURCE,
  apiResource,
  CLIENT_ID,
  extraTokenClaims,
  issueAccessToken,
  registerUsernameGrant,
  USERNAME_GRANT,
} from './tokens.ts';
import type { TokenOptions } from './tokens.ts';

const SECONDS_PER_DAY = 86_400;

export interface OpenIdProviderOptions {
  /** 0, which takes a free one, when absent; keep it, it is part of the issuer. */
  readonly port?: number;
  /** Where keys and sessions are kept; absent: in memory only. */
  readonly dataDir?: string;
  /** Whom it signs in; `LOCAL_PEOPLE` when absent. */
  readonly people?: readonly LocalPerson[];
  /** The `aud` of access tokens for the portal's API. */
  readonly audience: string;
}

export interface OpenIdProvider {
  /** `http://127.0.0.1:<port>`; discovery and JWKS are below it. */
  readonly issuer: string;
  readonly people: readonly LocalPerson[];
  /** The same people, as the company's directory has them. */
  readonly directory: LocalDirectory;
  /** An access token as the person would get it by signing in now. @throws Error for an unknown name */
  tokenFor(name: string, options?: TokenOptions): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts an OpenID provider on 127.0.0.1 that signs anybody in as anybody of `people`. Its tokens are what a real
 * one issues: RFC 9068 JWTs that are verified by its published keys.
 */
export async function startOpenIdProvider(options: OpenIdProviderOptions): Promise<OpenIdProvider> {
  const { port = 0, dataDir, people = LOCAL_PEOPLE, audience } = options;
  const keys = await loadOrMakeKeys(dataDir);
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${portOf(server)}`;

  const provider = new Provider(issuer, configuration({ keys, dataDir, people, audience }));
  registerUsernameGrant(provider, people, audience);
  const handle = provider.callback();
  const directory = localDirectory(people);
  server.on('request', (request, response) => {
    if (!isAddressedTo(issuer, request)) return refuse(response, 421, 'not this server');
    if (directory.handle(request, response)) return;
    if (!isSignIn(request)) return void handle(request, response);
    signIn(provider, people, request, response).catch(() =>
      refuse(response, 400, 'this sign-in has ended; begin again'),
    );
  });

  return {
    issuer,
    people,
    directory,
    async tokenFor(name, tokenOptions) {
      const person = people.find((candidate) => candidate.name === name);
      if (person === undefined) {
        throw new Error(`nobody is called ${name}; people are ${people.map((one) => one.name).join(', ')}`);
      }
      return (await issueAccessToken(provider, person, audience, tokenOptions)).accessToken;
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function configuration({
  keys,
  dataDir,
  people,
  audience,
}: {
  keys: ProviderKeys;
  dataDir: string | undefined;
  people: readonly LocalPerson[];
  audience: string;
}): Configuration {
  const apiScopes = [...new Set(people.flatMap(({ scopes }) => scopes))].join(' ');
  return {
    adapter: oidcStorage(dataDir),
    jwks: { keys: [keys.signingJwk] },
    cookies: { keys: [keys.cookieKey] },
    clients: [commandLineClient],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username', 'employee_number', 'groups', 'roles'],
    },
    extraTokenClaims: extraTokenClaims(people),
    findAccount: (_ctx, sub) => {
      const person = people.find((candidate) => candidate.sub === sub);
      return person && { accountId: sub, claims: () => ({ sub, ...claimsOf(person) }) };
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      deviceFlow: devicePages,
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API_RESOURCE,
        getResourceServerInfo: () => apiResource(audience, apiScopes),
        useGrantedResource: () => true,
      },
    },
    interactions: { url: (_ctx, { uid }) => interactionUrl(uid) },
    renderError: errorPage,
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: 14 * SECONDS_PER_DAY,
      IdToken: ACCESS_TOKEN_SECONDS,
      Interaction: 600,
      RefreshToken: 14 * SECONDS_PER_DAY,
      Session: SECONDS_PER_DAY,
    },
  };
}

/** Public, for a program on one's own machine (RFC 8252): device code, or PKCE back to a loopback port. */
const commandLineClient = {
  client_id: CLIENT_ID,
  client_name: 'VPN certificates, command line',
  application_type: 'native' as const,
  token_endpoint_auth_method: 'none' as const,
  redirect_uris: ['http://127.0.0.1/callback'],
  response_types: ['code' as const],
  grant_types: [
    'authorization_code',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:device_code',
    USERNAME_GRANT,
  ],
};

/** Pages elsewhere on the web must not reach a server that asks for no password by giving it another name. */
function isAddressedTo(issuer: string, request: IncomingMessage): boolean {
  return request.headers.host === new URL(issuer).host;
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(words);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
