import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import type { Caller } from '../domain/caller.ts';
import { DomainError } from '../domain/errors.ts';
import { aliasFrom, personIdFrom, type Alias, type AliasKind } from '../domain/identity.ts';

/** The names of the claims in which the company's identity provider says who somebody is. */
export interface ClaimNames {
  /** One or more, which together never change and are never given to another: `sub`, or `tid oid`. */
  readonly person: readonly string[];
  readonly login: string;
  readonly email: string;
  readonly employeeNumber: string;
  readonly groups: string;
  readonly roles: string;
}

const texts = z.union([z.string().transform((text) => text.split(' ')), z.array(z.string())]);
const standardClaims = z.object({
  iss: z.string().min(1),
  iat: z.int().positive(),
  auth_time: z.int().positive().optional(),
  scope: texts.optional(),
  scp: texts.optional(),
});

const unauthenticated = (detail: string): DomainError => new DomainError('unauthenticated', detail);

/**
 * Who asks, read from the token itself: API Gateway's authorizer has verified it, but its copy of the claims
 * flattens lists into text.
 *
 * @throws DomainError unauthenticated: no token, no person in it, or a machine's token
 */
export function callerFrom(event: APIGatewayProxyEventV2, names: ClaimNames): Caller {
  const claims = claimsOf(event);
  const standard = standardClaims.safeParse(claims);
  if (!standard.success) throw unauthenticated('the token lacks iss or iat');
  const { iss, iat, auth_time, scope, scp } = standard.data;
  const parts = names.person.map((name) => claims[name]);
  const login = claims[names.login];
  if (
    parts.some((part) => typeof part !== 'string' || part === '') ||
    typeof login !== 'string' ||
    login === ''
  ) {
    throw unauthenticated('the token names no person');
  }
  // A client that signed in for itself is nobody (RFC 9068 section 2.2: sub is then the client's id).
  if (claims['sub'] !== undefined && claims['sub'] === claims['client_id']) {
    throw unauthenticated('the token is a program’s, not a person’s');
  }
  const subject = parts.join(' ');
  const email = claims['email_verified'] === true ? textOf(claims[names.email]) : undefined;
  return {
    personId: personIdFrom(iss, subject),
    issuer: iss,
    subject,
    login,
    ...(email === undefined ? {} : { email }),
    aliases: aliasesOf({ login, email, employeeNumber: textOf(claims[names.employeeNumber]) }),
    groups: listOf(claims[names.groups]),
    roles: listOf(claims[names.roles]),
    scopes: scope ?? scp ?? [],
    signedInAt: auth_time ?? iat,
  };
}

function claimsOf(event: APIGatewayProxyEventV2): Record<string, unknown> {
  // A route that was deployed without its authorizer must not take anybody's word.
  if (!('authorizer' in event.requestContext)) throw new Error('the route has no authorizer');
  const [scheme, token, ...rest] = (event.headers['authorization'] ?? '').split(' ');
  const payload = token?.split('.')[1];
  if (scheme?.toLowerCase() !== 'bearer' || payload === undefined || rest.length > 0) {
    throw unauthenticated('this needs a bearer token');
  }
  try {
    return z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    throw unauthenticated('the token cannot be read');
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');

const aliasesOf = (values: Readonly<Record<AliasKind, string | undefined>>): Alias[] =>
  (Object.entries(values) as [AliasKind, string | undefined][])
    .map(([kind, text]) => (text === undefined ? undefined : aliasFrom(kind, text)))
    .filter((alias) => alias !== undefined);
