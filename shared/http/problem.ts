import { DomainError, type ErrorCode } from '../domain/errors.ts';

/** Everything about a problem that is the same each time (RFC 9457): its status and its title. */
export const PROBLEMS = {
  malformedRequest: { status: 400, title: 'Malformed request' },
  bodyTooLarge: { status: 413, title: 'Request body too large' },
  unsupportedMediaType: { status: 415, title: 'Unsupported media type' },
  idempotencyKeyReused: { status: 422, title: 'Idempotency-Key used for another request' },
  keyAlreadyDelivered: { status: 409, title: 'Private key already delivered' },
  notFound: { status: 404, title: 'Not found' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  signInTooOld: { status: 401, title: 'Sign-in too old' },
  mfaMissing: { status: 401, title: 'Second factor missing' },
  notEntitled: { status: 403, title: 'Not entitled to a VPN certificate' },
  notAllowed: { status: 403, title: 'Not allowed' },
  personDenied: { status: 403, title: 'VPN access ended or held' },
  aliasUnderReview: { status: 403, title: 'Name under review' },
  aliasMissing: { status: 403, title: 'Account lacks a name' },
  badCsr: { status: 400, title: 'Unacceptable certification request' },
  badSignatureAlgorithm: { status: 400, title: 'Unacceptable signature algorithm' },
  badPublicKey: { status: 400, title: 'Unacceptable public key' },
  publicKeyInUse: { status: 409, title: 'Public key already certified' },
  certificateNotFound: { status: 404, title: 'Certificate not found' },
  certificateLimitReached: { status: 409, title: 'Too many certificates' },
  certificateNotActive: { status: 409, title: 'Certificate not active' },
  alreadyRenewed: { status: 409, title: 'Certificate already renewed' },
  renewalTooEarly: { status: 409, title: 'Too early to renew' },
  rateLimited: { status: 429, title: 'Too many certificates issued' },
  alreadyRevoked: { status: 409, title: 'Certificate already revoked' },
  badRevocationReason: { status: 400, title: 'Revocation reason not allowed' },
  personNotFound: { status: 404, title: 'Person not found' },
  incidentNotFound: { status: 404, title: 'Incident not found' },
  incidentAlreadyResolved: { status: 409, title: 'Incident already resolved' },
  offboardingNotFound: { status: 404, title: 'Offboarding not found' },
  planNotFound: { status: 404, title: 'Planned offboarding not found' },
  endpointNotFound: { status: 404, title: 'Endpoint not found' },
  noDirectory: { status: 409, title: 'No directory configured' },
  sourceNotFound: { status: 404, title: 'Source not found' },
  badWebhookSignature: { status: 401, title: 'Webhook signature not valid' },
  staleWebhook: { status: 400, title: 'Webhook timestamp out of range' },
  webhookIdReused: { status: 409, title: 'Event id used for another event' },
  sourceNotConfigured: { status: 503, title: 'Source not configured' },
  scimInvalidFilter: { status: 400, title: 'SCIM filter not valid' },
  scimInvalidPath: { status: 400, title: 'SCIM path not valid' },
  scimInvalidSyntax: { status: 400, title: 'SCIM request not valid' },
  scimInvalidValue: { status: 400, title: 'SCIM value not valid' },
  scimNoTarget: { status: 400, title: 'SCIM path without a target' },
  scimMutability: { status: 400, title: 'SCIM attribute cannot change' },
  scimUniqueness: { status: 409, title: 'SCIM name taken' },
  scimTooMany: { status: 400, title: 'SCIM query for too many' },
  scimVersionDiffers: { status: 412, title: 'SCIM resource has changed' },
  scimTokenNotValid: { status: 401, title: 'SCIM token not valid' },
  tryAgain: { status: 503, title: 'Busy, try again' },
} as const satisfies Record<ErrorCode, { status: number; title: string }>;

/** Faults of ours: their cause stays in the log. */
export const OWN_FAULTS = {
  internalError: {
    status: 500,
    title: 'Internal error',
    detail: 'the portal failed; it was noted; try again',
  },
  unavailable: {
    status: 503,
    title: 'Service unavailable',
    detail: 'a service behind the portal failed; try again',
  },
} as const;

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode | keyof typeof OWN_FAULTS;
  readonly errors?: readonly { pointer: string; detail: string }[];
}

const typeOf = (code: string): string => `urn:vpn-portal:problem:${code}`;

/**
 * The document that a caller gets for whatever was thrown. Only a DomainError speaks for itself.
 *
 * @param requestId API Gateway's, which our log has too
 */
export function problemFrom(error: unknown, requestId: string): ProblemDocument {
  const instance = `urn:vpn-portal:request:${requestId}`;
  if (error instanceof DomainError) {
    const { code, message: detail, faults } = error;
    const errors = faults.length > 0 ? { errors: faults } : {};
    return { type: typeOf(code), ...PROBLEMS[code], detail, instance, code, ...errors };
  }
  const code = isServiceFault(error) ? 'unavailable' : 'internalError';
  return { type: typeOf(code), ...OWN_FAULTS[code], instance, code };
}

/** A service behind us failed or was out of reach; a later try may go through. */
function isServiceFault(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const isFromSdk = '$metadata' in error;
  const isFromNetwork = 'code' in error && /^E[A-Z]+$/.test(String(error.code));
  return isFromSdk || isFromNetwork || ('name' in error && error.name === 'TimeoutError');
}
