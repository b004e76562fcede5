import {
  createLocalJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import * as z from 'zod';
import type { AuthorizerDefinition } from './service.ts';

export type Authorization =
  | { readonly kind: 'allowed'; readonly jwt: AuthorizerContext | undefined }
  | { readonly kind: 'unauthorized' | 'forbidden'; readonly wwwAuthenticate: string };

/** As `requestContext.authorizer.jwt`: everything a string, arrays as `[a b]`. */
export interface AuthorizerContext {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

export interface JwtAuthorizer {
  /** @param scopes the route's; one of them is enough, none asks for none */
  authorize(headers: Readonly<Record<string, string>>, scopes: readonly string[]): Promise<Authorization>;
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** API Gateway takes RSA signatures only. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/** API Gateway gives an issuer 1,500 ms. */
const DISCOVERY_TIMEOUT_MILLISECONDS = 1_500;

/**
 * The JWT authorizer of an HTTP API: RSA, `kid`, `iss`, `aud` (or `client_id` where `aud` is absent), `exp`, `nbf`,
 * `iat`, and one of the route's scopes in `scope` or `scp`. The issuer is asked for its keys at first use, and
 * again for a `kid` not seen yet.
 */
export function jwtAuthorizer(definition: AuthorizerDefinition): JwtAuthorizer {
  const headerName = /^\$request\.header\.([\w-]+)$/.exec(definition.identitySource)?.[1]?.toLowerCase();
  if (headerName === undefined) {
    throw new Error(`the local authorizer does not know the identity source ${definition.identitySource}`);
  }
  const keysFor = keysOf(definition.issuerUrl);

  const verify = async (token: string): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(
      token,
      async (header, parsed) => {
        if (header.kid === undefined) throw new Error('no kid');
        return (await keysFor(header.kid))(header, parsed);
      },
      { algorithms: ALGORITHMS, issuer: definition.issuerUrl, requiredClaims: ['exp'] },
    );
    const audiences = [payload.aud ?? payload['client_id']].flat();
    if (!audiences.some((audience) => definition.audience.includes(String(audience)))) {
      throw new Error('invalid audience');
    }
    if (payload.iat !== undefined && payload.iat > Date.now() / 1000) throw new Error('issued in the future');
    return payload;
  };

  return {
    async authorize(headers, scopes) {
      const token = /^(?:Bearer )?(\S+)$/i.exec(headers[headerName] ?? '')?.[1];
      if (token === undefined) return { kind: 'unauthorized', wwwAuthenticate: 'Bearer' };
      let payload: JWTPayload;
      try {
        payload = await verify(token);
      } catch (error) {
        const description = error instanceof Error ? error.message.replaceAll('"', "'") : '';
        return {
          kind: 'unauthorized',
          wwwAuthenticate: `Bearer scope="${scopes.join(' ')}" error="invalid_token" error_description="${description}"`,
        };
      }
      const held = scopes.filter((scope) => scopesOf(payload).includes(scope));
      if (scopes.length > 0 && held.length === 0) {
        return {
          kind: 'forbidden',
          wwwAuthenticate: `Bearer scope="${scopes.join(' ')}" error="insufficient_scope"`,
        };
      }
      return {
        kind: 'allowed',
        jwt: { claims: flattenClaims(payload), scopes: scopes.length > 0 ? held : null },
      };
    },
  };
}

/** An issuer's keys, asked for when one is not among those that are known. jose imports each once, while we keep the set. */
function keysOf(issuerUrl: string): (keyId: string) => Promise<JWTVerifyGetKey> {
  let known: { readonly ids: ReadonlySet<string | undefined>; readonly find: JWTVerifyGetKey } | undefined;
  return async (keyId) => {
    if (!known?.ids.has(keyId)) {
      const set = await fetchKeys(issuerUrl);
      known = { ids: new Set(set.keys.map(({ kid }) => kid)), find: createLocalJWKSet(set) };
    }
    return known.find;
  };
}

async function fetchKeys(issuerUrl: string): Promise<JSONWebKeySet> {
  const get = async (url: string): Promise<unknown> => {
    const response = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MILLISECONDS) });
    if (!response.ok) throw new Error('OIDC discovery endpoint communication error');
    return response.json();
  };
  const base = issuerUrl.replace(/\/$/, '');
  const document = discovery.parse(await get(`${base}/.well-known/openid-configuration`));
  return keySet.parse(await get(document.jwks_uri));
}

function scopesOf(payload: JWTPayload): string[] {
  const value = payload['scope'] ?? payload['scp'] ?? [];
  return (Array.isArray(value) ? value : [value]).flatMap((one) => String(one).split(' '));
}

const flattenClaims = (payload: JWTPayload): Record<string, string> =>
  Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, flatten(value)]));

/** API Gateway prints claims as Go does: `[a b]` and `map[k:v]`. */
function flatten(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatten).join(' ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${pairs.map(([key, item]) => `${key}:${flatten(item)}`).join(' ')}]`;
  }
  return String(value);
}
