import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Caller } from '../domain/caller.ts';
import { DomainError } from '../domain/errors.ts';
import { aliasFrom, personIdFrom, type Alias, type AliasKind, type PersonId } from '../domain/identity.ts';

/** The names of the claims in which the company's identity provider says who somebody is. */
export interface ClaimNames {
  /** One or more, which together never change and are never given to another: `sub`, or `tid oid`. */
  readonly person: readonly string[];
  readonly login: string;
  readonly email: string;
  readonly employeeNumber: string;
  readonly groups: string;
  readonly roles: string;
  /** Where the token says how somebody signed in (`amr`, `acr`), and the values that mean a second factor. */
  readonly mfa?: { readonly claim: string; readonly values: readonly string[] };
}

/** A list as identity providers write it: an array, or words in one text. */
const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : typeof value === 'string' ? value.split(' ') : []).filter(
    (item): item is string => typeof item === 'string' && item !== '',
  );
/** Groups and roles may have spaces in their names. */
const namesOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;

const unauthenticated = (detail: string): DomainError => new DomainError('unauthenticated', detail);

type Claims = Readonly<Record<string, unknown>>;

/**
 * Who asks, read from the token itself: API Gateway's authorizer has verified it, but its copy of the claims
 * flattens lists into text.
 *
 * @throws DomainError unauthenticated: no token, no person in it, or a machine's token
 */
export function callerFrom(event: APIGatewayProxyEventV2, names: ClaimNames): Caller {
  const claims = verifiedClaims(event);
  const issuer = textOf(claims['iss']);
  const signedInAt = claims['auth_time'] ?? claims['iat'];
  const parts = names.person.map((name) => textOf(claims[name]));
  const login = textOf(claims[names.login]);
  if (issuer === undefined || login === undefined || parts.some((part) => part === undefined)) {
    throw unauthenticated('the token names no person');
  }
  if (typeof signedInAt !== 'number' || !Number.isFinite(signedInAt)) {
    throw unauthenticated('the token does not say when the person signed in');
  }
  if (isOfProgram(claims)) throw unauthenticated('the token is a program’s, not a person’s');
  const subject = parts.length === 1 ? String(parts[0]) : JSON.stringify(parts);
  const isVerified = claims['email_verified'] === true || claims['email_verified'] === 'true';
  const email = isVerified ? textOf(claims[names.email]) : undefined;
  const scopes = listOf(claims['scope']);
  return {
    personId: personIdFrom(issuer, subject),
    issuer,
    subject,
    login,
    ...(email === undefined ? {} : { email }),
    aliases: aliasesOf({ login, email, employeeNumber: textOf(claims[names.employeeNumber]) }),
    groups: namesOf(claims[names.groups]),
    roles: namesOf(claims[names.roles]),
    scopes: scopes.length > 0 ? scopes : listOf(claims['scp']),
    signedInAt: Math.floor(signedInAt),
    lacksMfa: !usedMfa(claims, names),
  };
}

const usedMfa = (claims: Claims, { mfa }: ClaimNames): boolean =>
  mfa === undefined || listOf(claims[mfa.claim]).some((value) => mfa.values.includes(value));

/** The id of the person who asks, for the audit trail. */
export const personAsking =
  (names: ClaimNames) =>
  (event: APIGatewayProxyEventV2): PersonId =>
    callerFrom(event, names).personId;

/**
 * A client that signed in for itself is nobody: `sub` is then the client's id (RFC 9068 section 2.2), which Okta
 * calls `cid`; Entra says so in `idtyp`, Auth0 in `gty`.
 */
const isOfProgram = (claims: Claims): boolean =>
  (claims['sub'] !== undefined &&
    [claims['client_id'], claims['cid'], claims['azp']].includes(claims['sub'])) ||
  claims['idtyp'] === 'app' ||
  claims['gty'] === 'client-credentials';

const claimSet = z.record(z.string(), z.unknown());

/**
 * The claims of the very token that the authorizer verified. Repeated Authorization headers arrive joined by commas:
 * whatever is not one token is refused, and what we read must be what the authorizer has read.
 */
function verifiedClaims(event: APIGatewayProxyEventV2): Claims {
  const verified = authorizerClaims(event);
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/i.exec(event.headers['authorization'] ?? '')?.[1];
  if (payload === undefined) throw unauthenticated('this needs one bearer token');
  let claims: Claims;
  try {
    const json = Buffer.from(payload, 'base64url').toString('utf8');
    claims = claimSet.parse(JSON.parse(json));
  } catch {
    throw unauthenticated('the token cannot be read');
  }
  // The authorizer gives everything as text, and does not promise how it writes numbers.
  const isSame = (name: string): boolean => {
    const [own, read] = [textOf(claims[name]), textOf(verified[name])];
    return own === read || (typeof claims[name] === 'number' && Number(own) === Number(read));
  };
  const differs = !['iss', 'sub', 'iat', 'exp'].every(isSame);
  if (differs) throw unauthenticated('the token is not the one that was verified');
  return claims;
}

const authorizerContext = z.object({ authorizer: z.object({ jwt: z.object({ claims: claimSet }) }) });

function authorizerClaims({ requestContext }: APIGatewayProxyEventV2): Claims {
  const context = authorizerContext.safeParse(requestContext);
  // A route that was deployed without its authorizer must not take anybody's word.
  if (!context.success) throw new Error('the route has no authorizer');
  return context.data.authorizer.jwt.claims;
}

const aliasesOf = (values: Readonly<Record<AliasKind, string | undefined>>): Alias[] =>
  (Object.entries(values) as [AliasKind, string | undefined][])
    .map(([kind, text]) => (text === undefined ? undefined : aliasFrom(kind, text)))
    .filter((alias) => alias !== undefined);
