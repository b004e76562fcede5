import type { EpochMilliseconds } from '../../domain/time.ts';

/** How far a source's clock may be ahead of ours. */
const AHEAD_MILLISECONDS = 5 * 60_000;
/** Before it is no time but some system's default, such as the year 1. */
const EARLIEST = Date.UTC(2000, 0, 1);
/** Seconds are below it until the year 5138, milliseconds above it since 1973. */
const SECONDS_BELOW = 100_000_000_000;

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * A time as senders write it: RFC 3339, with or without the colon of its zone, or seconds or milliseconds since the
 * Unix epoch as a number or digits. Without a zone it is UTC.
 *
 * @returns undefined for what is none
 */
export function timeFrom(value: unknown): EpochMilliseconds | undefined {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{1,15}$/.test(value))) {
    const at = Number(value);
    return Number.isFinite(at) ? Math.floor(at < SECONDS_BELOW ? at * 1000 : at) : undefined;
  }
  const [text, zone] = typeof value === 'string' ? (ISO.exec(value) ?? []) : [];
  if (text === undefined) return undefined;
  const at = Date.parse(zone === undefined ? `${text}Z` : text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(at) ? undefined : at;
}

/** Whether an event may have happened then. One of the future would make every later one of its source look old. */
export const isPlausible = (at: EpochMilliseconds, now: EpochMilliseconds): boolean =>
  at <= now + AHEAD_MILLISECONDS && at >= EARLIEST;

/** RFC 3339 with its zone: what a strict source sends. */
export const hasZone = (value: unknown): boolean =>
  typeof value === 'string' && (ISO.exec(value)?.[1] ?? '') !== '';

/** @returns `YYYY-MM-DD` of a date or of a time; undefined for what is none */
export function dayFrom(value: unknown): string | undefined {
  const day = typeof value === 'string' ? /^(\d{4}-\d{2}-\d{2})(?:$|[T ])/.exec(value)?.[1] : undefined;
  if (day === undefined) return undefined;
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && at >= EARLIEST && new Date(at).toISOString().startsWith(day) ? day : undefined;
}
