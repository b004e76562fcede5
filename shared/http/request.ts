import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { DomainError } from '../domain/errors.ts';

/** Larger than anything we ask for, smaller than anything that would cost us something. */
const BODY_LIMIT_OCTETS = 64 * 1024;

/** The body's exact octets as text, as signatures cover them. @throws DomainError bodyTooLarge */
export function bodyText({
  body,
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): string {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
  if (Buffer.byteLength(text) > BODY_LIMIT_OCTETS) {
    throw new DomainError('bodyTooLarge', `a body may have ${BODY_LIMIT_OCTETS} octets`);
  }
  return text;
}

/**
 * A JSON text as a schema promises it. Values that were sent are never repeated in the answer.
 *
 * @throws DomainError malformedRequest, with a pointer to each fault
 */
export function parseJson<Output>(schema: z.ZodType<Output>, text: string): Output {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DomainError('malformedRequest', 'the body is not JSON');
  }
  return parseValue(schema, value, 'the body is not as promised');
}

/** @throws DomainError malformedRequest, with a pointer to each fault */
export function parseValue<Output>(schema: z.ZodType<Output>, value: unknown, detail: string): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DomainError('malformedRequest', detail, {
    faults: faultsOf(result.error.issues).slice(0, FAULTS_TOLD),
  });
}

/** Nobody mends more at a time, and an answer stays small whatever was sent. */
const FAULTS_TOLD = 20;
/** A pointer names fields as they were sent; of a longer name its beginning is enough. */
const NAME_LETTERS = 64;

type Fault = DomainError['faults'][number];

/** One fault for each field; of a choice between shapes those of the shape that comes nearest. */
function faultsOf(issues: readonly z.core.$ZodIssue[], under: readonly PropertyKey[] = []): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...under, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: pointerTo([...path, key]),
        detail: 'there is no such field',
      }));
    }
    if (issue.code === 'invalid_union') {
      const [nearest] = issue.errors
        .map((errors) => faultsOf(errors, path))
        .sort((a, b) => a.length - b.length);
      if (nearest !== undefined) return nearest;
    }
    return [{ pointer: pointerTo(path), detail: issue.message }];
  });
}

/** RFC 6901. */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => String(key).slice(0, NAME_LETTERS).replaceAll('~', '~0').replaceAll('/', '~1'))
    .map((name) => `/${name}`)
    .join('');

/**
 * The Idempotency-Key, plain or in the quotes of a structured-field string.
 *
 * @throws DomainError malformedRequest
 */
export function idempotencyKey(event: Pick<APIGatewayProxyEventV2, 'headers'>): string | undefined {
  const value = event.headers['idempotency-key'];
  if (value === undefined) return undefined;
  const key = /^"(.*)"$/.exec(value)?.[1] ?? value;
  if (!/^[A-Za-z0-9._:-]{8,64}$/.test(key)) {
    throw new DomainError('malformedRequest', 'an Idempotency-Key has 8 to 64 letters, digits or . _ : -');
  }
  return key;
}

export const pathParameter = (event: APIGatewayProxyEventV2, name: string): string =>
  event.pathParameters?.[name] ?? '';
