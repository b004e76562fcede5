import type { EpochMilliseconds } from './time.ts';

/** A day of the calendar, `YYYY-MM-DD`, and the moment at which it is over where it was meant. */
export interface LastDay {
  readonly lastDay: string;
  /** The first moment that is no longer part of the day. */
  readonly effectiveAt: EpochMilliseconds;
}

const HOUR_MILLISECONDS = 3_600_000;

/** Whether a name of the IANA time zone database is one that this runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // An offset such as +02:00 is taken too, and would be wrong for half of the year.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/**
 * Reads the last day that a source names.
 *
 * @param text `YYYY-MM-DD`, which ends where the company is, or with an offset behind it (`2026-11-30+02:00`,
 *   `2026-11-30Z`: XML Schema's date), which ends there
 * @param timeZone the company's, a name of the IANA time zone database
 * @returns undefined for what is no day of the calendar, or no offset that there is
 */
export function parseLastDay(text: string, timeZone: string): LastDay | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, offset] = match;
  const lastDay = `${year ?? ''}-${month ?? ''}-${day ?? ''}`;
  const begins = Date.parse(`${lastDay}T00:00:00Z`);
  // Date.parse takes the 31st of a shorter month for the 1st of the next.
  if (Number.isNaN(begins) || new Date(begins).toISOString().slice(0, 10) !== lastDay) return undefined;
  const ends = begins + 24 * HOUR_MILLISECONDS;
  if (offset === undefined) return { lastDay, effectiveAt: endInZone(lastDay, ends, timeZone) };
  const ahead = millisecondsAhead(offset);
  return ahead === undefined ? undefined : { lastDay, effectiveAt: ends - ahead };
}

/** XML Schema's bounds: no place is further than 14 hours from UTC. */
function millisecondsAhead(offset: string): number | undefined {
  if (offset === 'Z') return 0;
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * The first moment whose date in the zone is after the day: looked for, since midnight may be left out or come twice
 * where clocks are changed.
 *
 * @param endsInUtc the same in UTC, from which no zone is further than 15 hours
 */
function endInZone(day: string, endsInUtc: EpochMilliseconds, timeZone: string): EpochMilliseconds {
  const dates = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const dateAt = (at: EpochMilliseconds): string => {
    const parts = new Map(dates.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
  };
  let [during, after] = [endsInUtc - 15 * HOUR_MILLISECONDS, endsInUtc + 15 * HOUR_MILLISECONDS];
  while (after - during > 1000) {
    const middle = Math.floor((during + after) / 2000) * 1000;
    if (dateAt(middle) > day) after = middle;
    else during = middle;
  }
  return after;
}
