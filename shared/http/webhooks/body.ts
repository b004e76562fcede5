import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DomainError } from '../../domain/errors.ts';
import { assertJson, jsonFrom, mediaTypeOf } from '../request.ts';
import { valueAt, type Path } from './path.ts';
import type { EventMapping, WebhookScheme } from './scheme.ts';

export interface ReceivedWebhook {
  readonly headers: APIGatewayProxyEventV2['headers'];
  readonly body: string;
}

/** One event as it was sent, and what says that it is the same when it comes again. */
export interface SentEvent {
  /** The body; where that holds several events, with this one alone in the place of the list. */
  readonly value: unknown;
  /** The exact text of the event, or of the one event of several. */
  readonly text: string;
  readonly mapping: EventMapping;
}

/** Nobody sends as many; each is work before the answer. */
const MOST_EVENTS = 500;

/**
 * The events of a request, whose sender is known by now: the sender's own form, or CloudEvents 1.0 (structured,
 * batched, binary) where its scheme says so.
 *
 * @throws DomainError unsupportedMediaType, malformedRequest
 */
export function sentEvents(
  scheme: Pick<WebhookScheme, 'events' | 'cloudEvents'>,
  { headers, body }: ReceivedWebhook,
): SentEvent[] {
  const type = mediaTypeOf(headers);
  const { cloudEvents } = scheme;
  const cloudEventMapping = cloudEvents?.events ?? scheme.events;
  if (cloudEvents !== undefined && type === 'application/cloudevents-batch+json') {
    const list = jsonFrom(body);
    if (!Array.isArray(list)) throw new DomainError('malformedRequest', 'a batch of CloudEvents is a list');
    return each(list).map((value) => ({ value, text: JSON.stringify(value), mapping: cloudEventMapping }));
  }
  if (cloudEvents !== undefined && type === 'application/cloudevents+json') {
    return [{ value: jsonFrom(body), text: body, mapping: cloudEventMapping }];
  }
  if (headers['ce-specversion'] !== undefined && cloudEvents !== undefined) {
    if (!cloudEvents.binary) {
      throw new DomainError(
        'malformedRequest',
        'a binary CloudEvent is in headers, which the signature does not cover: send it structured',
      );
    }
    assertJson(type);
    const value = binaryCloudEvent(headers, body);
    return [{ value, text: JSON.stringify(value), mapping: cloudEventMapping }];
  }
  assertJson(type);
  return ownEvents(scheme.events, body);
}

function ownEvents(mapping: EventMapping, body: string): SentEvent[] {
  const whole = jsonFrom(body);
  const { list: path } = mapping;
  const list = path === undefined ? undefined : valueAt(whole, path);
  if (path === undefined || !Array.isArray(list)) return [{ value: whole, text: body, mapping }];
  return each(list).map((one) => ({
    value: withAt(whole, path.split('.'), one),
    text: JSON.stringify(one),
    mapping,
  }));
}

function each(list: readonly unknown[]): readonly unknown[] {
  if (list.length > MOST_EVENTS) {
    throw new DomainError('malformedRequest', `a request may hold ${MOST_EVENTS} events`);
  }
  return list;
}

/** The value with another one at a path of plain names. */
function withAt(value: unknown, names: readonly Path[], replacement: unknown): unknown {
  const [name, ...rest] = names;
  if (name === undefined) return replacement;
  const members = value as Readonly<Record<string, unknown>>;
  return { ...members, [name]: withAt(members[name], rest, replacement) };
}

/** CloudEvents 1.0.2, HTTP binding section 3.1: attributes in `ce-` headers, percent-encoded; data in the body. */
function binaryCloudEvent(headers: ReceivedWebhook['headers'], body: string): unknown {
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice('ce-'.length), percentDecoded(value ?? '')] as const);
  const data = body === '' ? {} : { data: jsonFrom(body) };
  return { ...Object.fromEntries(attributes), ...data };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
