import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DomainError, type ErrorCode } from '../../domain/errors.ts';
import { problemFrom } from '../problem.ts';

export const SCIM_MEDIA_TYPE = 'application/scim+json';
const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** RFC 7644 section 3.12, table 9; of 400 and 409 only. */
const SCIM_TYPES: Partial<Record<ErrorCode, string>> = {
  scimInvalidFilter: 'invalidFilter',
  scimInvalidPath: 'invalidPath',
  scimInvalidSyntax: 'invalidSyntax',
  scimInvalidValue: 'invalidValue',
  scimNoTarget: 'noTarget',
  scimMutability: 'mutability',
  scimUniqueness: 'uniqueness',
  scimTooMany: 'tooMany',
};

/** Whatever was thrown, in the form that SCIM clients read. Only a DomainError speaks for itself. */
export function scimErrorAnswer(error: unknown, requestId: string): APIGatewayProxyStructuredResultV2 {
  const { status, code, detail } = problemFrom(error, requestId);
  const scimType = error instanceof DomainError ? SCIM_TYPES[error.code] : undefined;
  return {
    statusCode: status,
    headers: {
      'content-type': SCIM_MEDIA_TYPE,
      ...(code === 'scimTokenNotValid' ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {}),
    },
    body: JSON.stringify({
      schemas: [ERROR_SCHEMA],
      // A text, as the RFC's examples have it.
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      detail,
    }),
  };
}
