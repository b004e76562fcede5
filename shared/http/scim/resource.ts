import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError } from '../../domain/errors.ts';
import { ENTERPRISE_SCHEMA, USER_SCHEMA } from '../../domain/scim/attributes.ts';
import type { ScimPage, ScimPaging } from '../../domain/scim/paging.ts';
import type { ScimUser } from '../../domain/scim/user.ts';
import { isoFromMilliseconds } from '../../domain/time.ts';
import { assertJson, bodyText, jsonFrom, mediaTypeOf, SOURCE_BODY_LIMIT_OCTETS } from '../request.ts';
import { SCIM_MEDIA_TYPE } from './error.ts';

export const SCIM_BASE = '/scim/v2';
const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

export const scimJson = (
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': SCIM_MEDIA_TYPE, 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});

/** Relative, as RFC 7643 section 2.3.7 allows: nothing that a request says decides where clients go. */
const locationOf = ({ scimUserId }: ScimUser): string => `${SCIM_BASE}/Users/${scimUserId}`;
const etagOf = ({ version }: ScimUser): string => `W/"${version}"`;

/** A user as RFC 7643 section 4.1 has it; what is not there is left out. */
export function userView(user: ScimUser) {
  const { employeeNumber, active, name, emails, ...texts } = user.attributes;
  return {
    schemas: [USER_SCHEMA, ...(employeeNumber === undefined ? [] : [ENTERPRISE_SCHEMA])],
    id: user.scimUserId,
    ...texts,
    ...(Object.keys(name).length === 0 ? {} : { name }),
    ...(emails.length === 0 ? {} : { emails }),
    active,
    ...(employeeNumber === undefined ? {} : { [ENTERPRISE_SCHEMA]: { employeeNumber } }),
    meta: {
      resourceType: 'User',
      created: isoFromMilliseconds(user.createdAt),
      lastModified: isoFromMilliseconds(user.lastModifiedAt),
      location: locationOf(user),
      version: etagOf(user),
    },
  };
}

export const userAnswer = (statusCode: 200 | 201, user: ScimUser): APIGatewayProxyStructuredResultV2 =>
  scimJson(statusCode, userView(user), { etag: etagOf(user), location: locationOf(user) });

export const listView = (resources: readonly unknown[], totalResults = resources.length, startIndex = 1) => ({
  schemas: [LIST_SCHEMA],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

export const pageAnswer = ({
  users,
  totalResults,
  startIndex,
}: ScimPage): APIGatewayProxyStructuredResultV2 =>
  scimJson(200, listView(users.map(userView), totalResults, startIndex));

/** @throws DomainError scimInvalidSyntax, bodyTooLarge, unsupportedMediaType */
export function scimBody(event: APIGatewayProxyEventV2): unknown {
  assertJson(mediaTypeOf(event.headers));
  const text = bodyText(event, SOURCE_BODY_LIMIT_OCTETS);
  try {
    return jsonFrom(text);
  } catch (error) {
    if (error instanceof DomainError) throw new DomainError('scimInvalidSyntax', error.message);
    throw error;
  }
}

/** The version that If-Match asks for (RFC 7644 section 3.14). @throws DomainError scimVersionDiffers */
export function ifMatch({ headers }: Pick<APIGatewayProxyEventV2, 'headers'>): number | undefined {
  const value = headers['if-match'];
  if (value === undefined || value === '*') return undefined;
  const version = /^(?:W\/)?"([1-9]\d{0,14})"$/.exec(value)?.[1];
  if (version === undefined)
    throw new DomainError('scimVersionDiffers', 'If-Match names no version of this user');
  return Number(version);
}

export const isKnownVersion = (
  { headers }: Pick<APIGatewayProxyEventV2, 'headers'>,
  user: ScimUser,
): boolean => headers['if-none-match'] === etagOf(user);

const FIRST_PAGE = 100;

/** @throws DomainError scimInvalidValue */
export function pagingOf({
  queryStringParameters: query = {},
}: Pick<APIGatewayProxyEventV2, 'queryStringParameters'>): ScimPaging {
  const whole = (name: 'startIndex' | 'count', otherwise: number): number => {
    const text = query[name];
    if (text === undefined || text === '') return otherwise;
    if (!/^-?\d{1,9}$/.test(text)) throw new DomainError('scimInvalidValue', `${name} is no whole number`);
    return Number(text);
  };
  return { startIndex: whole('startIndex', 1), count: whole('count', FIRST_PAGE) };
}
