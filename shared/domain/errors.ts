/**
 * Every refusal a caller can act on. Anything else that is thrown is our own fault and becomes a 500 or 503
 * whose cause stays in our log. `shared/http/problem.ts` gives each code its status.
 */
export type ErrorCode =
  // the request itself
  | 'malformedRequest'
  | 'bodyTooLarge'
  | 'unsupportedMediaType'
  | 'idempotencyKeyReused'
  | 'keyAlreadyDelivered'
  | 'notFound'
  // who asks
  | 'unauthenticated'
  | 'signInTooOld'
  | 'mfaMissing'
  | 'notEntitled'
  | 'notAllowed'
  | 'personDenied'
  | 'aliasUnderReview'
  | 'aliasMissing'
  // certification requests and keys
  | 'badCsr'
  | 'badSignatureAlgorithm'
  | 'badPublicKey'
  | 'publicKeyInUse'
  // certificates
  | 'certificateNotFound'
  | 'certificateLimitReached'
  | 'certificateNotActive'
  | 'alreadyRenewed'
  | 'renewalTooEarly'
  | 'rateLimited'
  | 'alreadyRevoked'
  | 'badRevocationReason'
  // administration
  | 'personNotFound'
  | 'incidentNotFound'
  | 'incidentAlreadyResolved'
  | 'offboardingNotFound'
  | 'planNotFound'
  | 'endpointNotFound'
  | 'noDirectory'
  // webhooks
  | 'sourceNotFound'
  | 'badWebhookSignature'
  | 'staleWebhook'
  | 'webhookIdReused'
  | 'sourceNotConfigured'
  // SCIM; shared/http/scim/error.ts gives each its scimType
  | 'scimInvalidFilter'
  | 'scimInvalidPath'
  | 'scimInvalidSyntax'
  | 'scimInvalidValue'
  | 'scimNoTarget'
  | 'scimMutability'
  | 'scimUniqueness'
  | 'scimTooMany'
  | 'scimVersionDiffers'
  | 'scimTokenNotValid'
  // ours
  | 'tryAgain';

/**
 * A refusal that its caller may read. The domain knows no status codes.
 *
 * @param detail helps the caller to fix this occurrence; never parsed; holds nothing secret
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  /** Field faults: RFC 6901 pointers into the body that was sent. */
  readonly faults: readonly { pointer: string; detail: string }[];

  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      cause?: unknown;
      retryAfterSeconds?: number;
      faults?: readonly { pointer: string; detail: string }[];
    } = {},
  ) {
    super(detail, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.faults = options.faults ?? [];
  }
}
