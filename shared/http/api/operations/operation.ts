import * as z from 'zod/mini';
import type { ErrorCode } from '../../../domain/errors.ts';

/** One call of the API: what serverless.yml routes, the handlers answer and OpenAPI describes. */
export interface Operation {
  readonly operationId: string;
  readonly method: 'GET' | 'OPTIONS' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly access: 'employee' | 'administrator' | 'signature' | 'public';
  readonly request?: z.ZodMiniType;
  readonly query?: z.ZodMiniObject;
  readonly headers?: z.ZodMiniObject;
  readonly success: {
    readonly status: 200 | 201 | 202;
    readonly description: string;
    readonly schema: z.ZodMiniType;
    /** JSON when absent; of several the caller chooses with Accept. */
    readonly mediaTypes?: readonly string[];
    /** Beside what is the same for all. */
    readonly headers?: z.ZodMiniObject;
  };
  /** In which case 304 is the answer, with the same headers and nothing else. */
  readonly notModified?: string;
  readonly problems: readonly ErrorCode[];
}

export const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .optional(z.string())
    .register(z.globalRegistry, { description: 'The same key is the same request, for a day' }),
});
export const EMPLOYEE: readonly ErrorCode[] = ['unauthenticated', 'notAllowed'];
export const READER: readonly ErrorCode[] = [
  'unauthenticated',
  'notAllowed',
  'personDenied',
  'aliasUnderReview',
];
export const WRITER: readonly ErrorCode[] = [
  ...READER,
  'signInTooOld',
  'mfaMissing',
  'malformedRequest',
  'bodyTooLarge',
];
export const ok = (schema: z.ZodMiniType, description = 'Done'): Operation['success'] => ({
  status: 200,
  description,
  schema,
});
