import { createHash } from 'node:crypto';
import { parseLastDay, type LastDay } from '../../domain/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import { aliasFrom, type Alias, type AliasKind } from '../../domain/identity.ts';
import type { OffboardingEvent } from '../../domain/offboarding.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { Authenticated } from './authentication.ts';
import { sentEvents, type ReceivedWebhook, type SentEvent } from './body.ts';
import { dayFrom, hasZone, isPlausible, timeFrom } from './event-time.ts';
import { firstAt, listOf, pointerOf, textFrom, valueAt } from './path.ts';
import type { EventMapping, WebhookScheme } from './scheme.ts';

interface Told {
  readonly eventId: string;
  readonly eventTime: EpochMilliseconds;
  readonly bodySha256Hex: string;
  /** Words of this kind are a source of their own: `okta-app`. */
  readonly facet?: string;
}

/** What a sender says, each event for itself. */
export type Said =
  /** Of a kind that says nothing about anybody's access. */
  | { readonly kind: 'ignored'; readonly type: string }
  | (Told & {
      readonly kind: 'event';
      readonly means: OffboardingEvent['kind'];
      readonly alias: Alias;
      /** The last day, where the sender names one. */
      readonly ends?: LastDay;
    })
  /** The directory has to be asked who it is or, where `means` is absent, what is true of her now. */
  | (Told & {
      readonly kind: 'lookup';
      readonly means?: OffboardingEvent['kind'];
      readonly directoryId: string;
    })
  | { readonly kind: 'refused'; readonly error: DomainError };

export interface Reading {
  readonly scheme: Pick<WebhookScheme, 'events' | 'cloudEvents' | 'directory'>;
  /** The kind of name that the source declared. */
  readonly aliasKind: AliasKind;
  /** The last part of the source's declaration. */
  readonly arguments: readonly string[];
  readonly receivedAt: EpochMilliseconds;
  /** The company's: where a last day without an offset is over at midnight. */
  readonly timeZone: string;
}

/**
 * What an authenticated request says. One bad event of several does not hide the others.
 *
 * @throws DomainError unsupportedMediaType, malformedRequest for a body that holds no events at all
 */
export function readEvents(
  reading: Reading,
  request: ReceivedWebhook,
  { signedText }: Authenticated,
): Said[] {
  const sent = sentEvents(reading.scheme, request);
  const said = sent.map((one, index): Said => {
    try {
      return read(reading, request, one, sent.length === 1 ? signedText : `${index}#${signedText}`);
    } catch (error) {
      if (error instanceof DomainError) return { kind: 'refused', error };
      throw error;
    }
  });
  return withOwnIds(said);
}

/**
 * Several people under the one id of a request, as Deel lists contracts, are several events: else the second would be
 * taken for the first that was altered. By what each says, so that it is the same event when it comes again.
 */
function withOwnIds(said: readonly Said[]): Said[] {
  const bodies = new Map<string, Set<string>>();
  for (const one of said) {
    if (!('eventId' in one)) continue;
    bodies.set(one.eventId, (bodies.get(one.eventId) ?? new Set()).add(one.bodySha256Hex));
  }
  return said.map((one) =>
    'eventId' in one && (bodies.get(one.eventId)?.size ?? 0) > 1
      ? { ...one, eventId: ownIdOf(`${one.eventId} ${one.bodySha256Hex}`) }
      : one,
  );
}

function read(
  reading: Reading,
  { headers }: ReceivedWebhook,
  { value, text, mapping }: SentEvent,
  ownText: string,
): Said {
  const type = textFrom(firstAt(value, mapping.type)) ?? mapping.typeOtherwise;
  const faults = demandsUnmet(mapping, value);
  if (type === undefined || type === '') faults.push(fault(mapping.type, 'says what happened'));
  const rule = type === undefined ? undefined : ruleFor(mapping, value, type, reading.arguments);
  if (type !== undefined && faults.length === 0 && rule === undefined) return { kind: 'ignored', type };
  const eventTime = timeOf(mapping, value, reading.receivedAt, faults);
  const ends = lastDayOf(mapping, value, { means: rule?.means, timeZone: reading.timeZone }, faults);
  const alias = aliasAt(mapping.person, value, reading.aliasKind);
  const directoryId = textFrom(firstAt(value, mapping.directoryId));
  const needsDirectory = rule?.means === 'changed' || alias === undefined;
  const canAsk = reading.scheme.directory !== undefined && isDirectoryId(directoryId);
  if (needsDirectory && !canAsk) {
    faults.push(
      fault(
        mapping.person[reading.aliasKind] ?? mapping.directoryId ?? '/',
        `this source names people by ${reading.aliasKind}`,
      ),
    );
  }
  if (faults.length > 0 || rule === undefined) {
    throw new DomainError('malformedRequest', 'the event is not as this source sends them', { faults });
  }
  const told = {
    eventId: eventIdOf(mapping, headers, value) ?? ownIdOf(ownText),
    eventTime,
    bodySha256Hex: sha256Hex(text),
    ...(rule.facet === undefined ? {} : { facet: rule.facet }),
  };
  if (rule.means === 'changed' || alias === undefined) {
    return {
      ...told,
      kind: 'lookup',
      directoryId: directoryId ?? '',
      ...(rule.means === 'changed' ? {} : { means: rule.means }),
    };
  }
  return { ...told, kind: 'event', means: rule.means, alias, ...(ends === undefined ? {} : { ends }) };
}

type Fault = DomainError['faults'][number];

const fault = (paths: EventMapping['type'], detail: string): Fault => ({
  pointer: pointerOf(listOf(paths)[0] ?? ''),
  detail,
});

const demandsUnmet = ({ demands }: EventMapping, value: unknown): Fault[] =>
  Object.entries(demands)
    .filter(([path, wanted]) => valueAt(value, path) !== wanted)
    .map(([path, wanted]) => fault(path, `must be ${wanted}`));

function ruleFor(
  { rules }: EventMapping,
  value: unknown,
  type: string,
  named: readonly string[],
): EventMapping['rules'][number] | undefined {
  const isOneOf = ([path, values]: [string, readonly string[]]): boolean => {
    const found = textFrom(valueAt(value, path));
    return found !== undefined && values.includes(found);
  };
  return rules.find((rule) => {
    const isType = rule.type.startsWith('*') ? type.endsWith(rule.type.slice(1)) : type === rule.type;
    if (!isType || !Object.entries(rule.when ?? {}).every(isOneOf)) return false;
    if (Object.entries(rule.unless ?? {}).some(isOneOf)) return false;
    return rule.only === undefined || isOneOf([rule.only, named]);
  });
}

function timeOf(
  { eventTime: paths, strictTime }: EventMapping,
  value: unknown,
  receivedAt: EpochMilliseconds,
  faults: Fault[],
): EpochMilliseconds {
  const written = firstAt(value, paths);
  const at = strictTime && !hasZone(written) ? undefined : timeFrom(written);
  if (at !== undefined && isPlausible(at, receivedAt)) return at;
  // A sender that may not come again must not lose a leaver over its clock: when we heard it is late, and safe.
  if (!strictTime) return receivedAt;
  faults.push(
    fault(
      paths ?? '/',
      at === undefined
        ? 'is no time with its zone, such as 2026-11-22T09:00:00Z'
        : 'is before 2000, or more than 5 minutes ahead of our clock',
    ),
  );
  return receivedAt;
}

/** Only who leaves has a last day. */
function lastDayOf(
  { lastDay: paths, strictTime }: EventMapping,
  value: unknown,
  { means, timeZone }: { readonly means: string | undefined; readonly timeZone: string },
  faults: Fault[],
): LastDay | undefined {
  const written = firstAt(value, paths);
  if (written === undefined) return undefined;
  const text = strictTime ? written : dayFrom(written);
  const day = typeof text === 'string' ? parseLastDay(text, timeZone) : undefined;
  if (!strictTime) return means === 'left' ? day : undefined;
  if (means !== 'left') faults.push(fault(paths ?? '/', 'goes with person.left alone'));
  else if (day === undefined) {
    faults.push(fault(paths ?? '/', 'a day such as 2026-11-30, or with an offset such as 2026-11-30+02:00'));
  }
  return day;
}

/** The name of a kind, where a mapping says it is; undefined for what is none. */
export function aliasAt(person: EventMapping['person'], value: unknown, kind: AliasKind): Alias | undefined {
  const found = firstAt(value, person[kind]);
  // Only numbers are written as numbers.
  const name = kind === 'employeeNumber' || typeof found === 'string' ? textFrom(found) : undefined;
  return name === undefined ? undefined : aliasFrom(kind, name);
}

/** It goes into the path of a request. */
const isDirectoryId = (id: string | undefined): id is string =>
  id !== undefined && /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/.test(id);

function eventIdOf(
  { eventId }: EventMapping,
  headers: ReceivedWebhook['headers'],
  value: unknown,
): string | undefined {
  if (eventId === undefined) return undefined;
  const parts =
    'header' in eventId
      ? [headers[eventId.header]]
      : eventId.join.map((path) => textFrom(valueAt(value, path)));
  const known = parts.filter((part) => part !== undefined && part !== '');
  if (known.length < parts.length) return undefined;
  const id = known.join(' ');
  return KEPT_ID.test(id) ? id : ownIdOf(id);
}

/** Ids go into logs and the journal. Of one that may be somebody's address, as some senders make them, a hash is kept. */
const KEPT_ID = /^(?!.*%40)[\x20-\x3f\x41-\x7e]{1,256}$/;

/** Of an event that has none: what was signed, or the event itself. */
const ownIdOf = (text: string): string => `sha256-${sha256Hex(text)}`;

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
