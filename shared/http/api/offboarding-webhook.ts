import * as z from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { aliasFrom, type Alias, type AliasKind } from '../../domain/identity.ts';
import type { OffboardingEvent } from '../../domain/offboarding.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import { parseJson } from '../request.ts';
import { lastDay, readLastDay } from './planned-offboardings.ts';

const KINDS = {
  'person.left': 'left',
  'person.suspended': 'suspended',
  'person.returned': 'returned',
} as const;

/**
 * The payload that a source of the Standard Webhooks scheme sends. `data` holds the kind of name that the source
 * declared; an HR system may add what it likes beside it.
 */
export const offboardingEventRequest = z
  .object({
    type: z.enum(Object.keys(KINDS) as [keyof typeof KINDS]),
    timestamp: z.iso.datetime({ offset: true }),
    data: z
      .object({
        email: z.string().max(254).optional(),
        login: z.string().max(254).optional(),
        employeeNumber: z.string().max(254).optional(),
        lastDay: lastDay.optional(),
      })
      .meta({ description: 'The name by which this source knows people; other fields are ignored.' }),
  })
  .meta({ id: 'OffboardingEvent' });

/** How far a source's clock may be ahead of ours. */
const AHEAD_MILLISECONDS = 5 * 60_000;
/** Before it is no time but some system's default, such as the year 1. */
const EARLIEST = Date.UTC(2000, 0, 1);

interface SourceSettings {
  readonly aliasKind: AliasKind;
  readonly now: EpochMilliseconds;
  readonly timeZone: string;
}

/**
 * @param aliasKind the kind of name that the source declared
 * @param now an event of the future would make every later one of its source look old
 * @param timeZone where a last day without an offset is over at midnight
 * @throws DomainError malformedRequest
 */
export function parseOffboardingEvent(
  body: string,
  { aliasKind, now, timeZone }: SourceSettings,
): Pick<OffboardingEvent, 'kind' | 'eventTime' | 'lastDay' | 'effectiveAt'> & { alias: Alias } {
  const { type, timestamp, data } = parseJson(offboardingEventRequest, body);
  const value = data[aliasKind];
  const alias = value === undefined ? undefined : aliasFrom(aliasKind, value);
  if (alias === undefined) {
    throw new DomainError('malformedRequest', 'the event names nobody', {
      faults: [{ pointer: `/data/${aliasKind}`, detail: `this source names people by ${aliasKind}` }],
    });
  }
  const eventTime = Date.parse(timestamp);
  if (eventTime > now + AHEAD_MILLISECONDS || eventTime < EARLIEST) {
    throw new DomainError('malformedRequest', 'the time of the event cannot be right', {
      faults: [
        { pointer: '/timestamp', detail: 'is before 2000, or more than 5 minutes ahead of our clock' },
      ],
    });
  }
  const kind = KINDS[type];
  if (data.lastDay !== undefined && kind !== 'left') {
    throw new DomainError('malformedRequest', 'only who leaves has a last day', {
      faults: [{ pointer: '/data/lastDay', detail: 'goes with person.left alone' }],
    });
  }
  return { kind, eventTime, alias, ...readLastDay(data.lastDay, timeZone, '/data/lastDay') };
}
