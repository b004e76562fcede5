import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DomainError } from '../../domain/errors.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import { timeFrom } from './event-time.ts';
import type { Authentication } from './scheme.ts';

type Headers = APIGatewayProxyEventV2['headers'];
type Hmac = Extract<Authentication, { kind: 'hmac' }>;

/** Who rotates a secret sends two; nobody sends more for good. */
const MOST_SIGNATURES = 10;
/** What a signed header may hold, as ids and times are. */
const HEADER_VALUE = /^[\x21-\x7e]{1,256}$/;

/** The exact text that the sender signed, which no other request shares: its own id where it has no other. */
export interface Authenticated {
  readonly signedText: string;
}

/**
 * Verifies who sent a request, with our clock, any of the live secrets, and compares that take the same time
 * whatever they find.
 *
 * @param body the exact text that was sent
 * @param secrets at least one
 * @throws DomainError badWebhookSignature, staleWebhook; Error for a secret that is none, without quoting it
 */
export function authenticate(
  scheme: Authentication,
  { headers, body }: { readonly headers: Headers; readonly body: string },
  secrets: readonly string[],
  now: EpochMilliseconds,
): Authenticated {
  if (scheme.kind === 'token') {
    const given = headers[scheme.header] ?? '';
    const token = withoutPrefix(given, scheme.prefix);
    // All are compared, so that the time does not tell which is live.
    const equal = secrets.map((secret) => isEqual(secret, token ?? '')).includes(true);
    if (token === undefined || !equal) {
      throw new DomainError('badWebhookSignature', `${scheme.header} holds no secret of this source`);
    }
    return { signedText: body };
  }
  const signedText = signedTextOf(scheme, headers, body);
  const given = signaturesIn(scheme, headers[scheme.header] ?? '');
  const names = [scheme.header, ...(scheme.timestamp === undefined ? [] : [scheme.timestamp.header])];
  if (signedText === undefined || given.length === 0) {
    throw new DomainError('badWebhookSignature', `${names.join(' and ')} are needed, as the sender signs`);
  }
  let isSigned = false;
  for (const secret of secrets) {
    const expected = createHmac(scheme.algorithm, keyFrom(secret, scheme.secretForm))
      .update(signedText)
      .digest(scheme.encoding);
    for (const signature of given) isSigned = isEqual(expected, signature) || isSigned;
  }
  if (!isSigned) throw new DomainError('badWebhookSignature', 'no signature is of a secret of this source');
  // Only who knows a secret learns about our clock.
  assertFresh(scheme, headers, now);
  return { signedText };
}

/** RFC 9110 section 11.1: the name of a scheme is read in either case. */
const withoutPrefix = (text: string, prefix: string): string | undefined =>
  text.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase() ? text.slice(prefix.length) : undefined;

function signedTextOf({ signed, timestamp }: Hmac, headers: Headers, body: string): string | undefined {
  let isWhole = timestamp === undefined || timeFrom(headers[timestamp.header]) !== undefined;
  const text = signed.replaceAll(/\{body\}|\{header:([a-z0-9_-]+)\}/g, (_, name: string | undefined) => {
    const value = name === undefined ? body : (headers[name] ?? '');
    if (name !== undefined && !HEADER_VALUE.test(value)) isWhole = false;
    return value;
  });
  return isWhole ? text : undefined;
}

const signaturesIn = ({ separator, prefix, encoding }: Hmac, text: string): string[] =>
  (separator === undefined ? [text] : text.split(separator))
    .filter((one) => one.startsWith(prefix) && one.length > prefix.length)
    .slice(0, MOST_SIGNATURES)
    .map((one) => one.slice(prefix.length))
    .map((one) => (encoding === 'hex' ? one.toLowerCase() : one));

function assertFresh({ timestamp }: Hmac, headers: Headers, now: EpochMilliseconds): void {
  if (timestamp === undefined) return;
  const ageMilliseconds = wholeSeconds(now) - wholeSeconds(timeFrom(headers[timestamp.header]) ?? 0);
  const isFresh =
    ageMilliseconds <= timestamp.pastSeconds * 1000 && -ageMilliseconds <= timestamp.aheadSeconds * 1000;
  if (!isFresh) {
    throw new DomainError('staleWebhook', `${timestamp.header} is too far from our clock`);
  }
}

const wholeSeconds = (at: EpochMilliseconds): EpochMilliseconds => Math.floor(at / 1000) * 1000;

/** Standard Webhooks 1.0.0: 24 to 64 octets in base64 behind `whsec_`. */
const WHSEC = /^whsec_([A-Za-z0-9+/]{32,86}={0,2})$/;

function keyFrom(secret: string, form: Hmac['secretForm']): Buffer {
  if (form === 'text') return Buffer.from(secret);
  const base64 = WHSEC.exec(secret)?.[1];
  // Our fault, and never quoted.
  if (base64 === undefined) throw new Error('a secret of this source is not whsec_ and base64');
  return Buffer.from(base64, 'base64');
}

/** Of digests, so that not even the length is told. */
const isEqual = (expected: string, given: string): boolean =>
  timingSafeEqual(digestOf(expected), digestOf(given));
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
