import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { DomainError } from '../domain/errors.ts';

// What is told of a wrong body is in these words; zod/mini has none of its own.
z.config(en());

/** Larger than anything we ask for, smaller than anything that would cost us something. */
const BODY_LIMIT_OCTETS = 64 * 1024;
/** Of who tells us of people: their largest event is far smaller, but a request may hold many, and more than is kept. */
export const SOURCE_BODY_LIMIT_OCTETS = 256 * 1024;

/** As API Gateway hands it over: in small letters, without its parameters; empty where none was sent. */
export const mediaTypeOf = ({ 'content-type': type = '' }: APIGatewayProxyEventV2['headers']): string =>
  type.split(';')[0]?.trim().toLowerCase() ?? '';

/**
 * RFC 6839: any JSON. Where nothing is said, the body itself does.
 *
 * @throws DomainError unsupportedMediaType
 */
export function assertJson(mediaType: string): void {
  if (mediaType === '' || mediaType === 'application/json' || mediaType.endsWith('+json')) return;
  throw new DomainError('unsupportedMediaType', 'the body has to come as JSON, and say so');
}

/** The body's exact octets as text, as signatures cover them. @throws DomainError bodyTooLarge */
export function bodyText(
  { body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>,
  limitOctets: number = BODY_LIMIT_OCTETS,
): string {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
  if (Buffer.byteLength(text) > limitOctets) {
    throw new DomainError('bodyTooLarge', `a body may have ${limitOctets} octets`);
  }
  return text;
}

/** Deeper than anything that a sender of ours sends, and far from what a parser or a checker cannot take. */
const DEPTH_LIMIT = 32;

/** Whether a JSON text nests deeper than we read, without reading it. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index];
    if (isInString) {
      if (letter === '\\') index += 1;
      else if (letter === '"') isInString = false;
    } else if (letter === '"') isInString = true;
    else if (letter === '{' || letter === '[') {
      depth += 1;
      if (depth > DEPTH_LIMIT) return true;
    } else if (letter === '}' || letter === ']') depth -= 1;
  }
  return false;
}

/** @throws DomainError malformedRequest for what is no JSON, or nests too deep */
export function jsonFrom(text: string): unknown {
  if (isTooDeep(text)) {
    throw new DomainError('malformedRequest', `the body nests deeper than ${DEPTH_LIMIT} levels`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new DomainError('malformedRequest', 'the body is not JSON');
  }
}

/**
 * A JSON text as a schema promises it. Values that were sent are never repeated in the answer.
 *
 * @throws DomainError malformedRequest, with a pointer to each fault
 */
export function parseJson<Output>(schema: z.core.$ZodType<Output>, text: string): Output {
  return parseValue(schema, jsonFrom(text), 'the body is not as promised');
}

/** @throws DomainError malformedRequest, with a pointer to each fault */
export function parseValue<Output>(schema: z.core.$ZodType<Output>, value: unknown, detail: string): Output {
  const result = z.safeParse(schema, value);
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

/**
 * Whether the caller has what an entity tag names, RFC 9110 section 13.1.2. Tags are compared weakly, since a cache may
 * have made ours weak.
 *
 * @param ifNoneMatch the header; absent where the caller has nothing
 * @param etag ours, with its quotation marks
 */
export const isKnownToCaller = (ifNoneMatch = '', etag: string): boolean =>
  ifNoneMatch.trim() === '*' || [...ifNoneMatch.matchAll(/"[^"]*"/g)].some(([tag]) => tag === etag);
