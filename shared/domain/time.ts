/** Whole seconds since the Unix epoch: the resolution of X.509 times. */
export type EpochSeconds = number;

/** Milliseconds since the Unix epoch: the resolution of timelines and event clocks. */
export type EpochMilliseconds = number;

export const SECONDS_PER_MINUTE = 60;
export const SECONDS_PER_HOUR = 3_600;
export const SECONDS_PER_DAY = 86_400;

export const secondsFrom = (at: EpochMilliseconds): EpochSeconds => Math.floor(at / 1000);

/** ISO 8601 in UTC, as JSON answers show times. */
export const isoFromSeconds = (at: EpochSeconds): string =>
  new Date(at * 1000).toISOString().replace('.000Z', 'Z');

/** Every month that a range touches, both ends included, as `yyyy-mm` in UTC. */
export function monthsOf(from: EpochSeconds, until: EpochSeconds): string[] {
  const months: string[] = [];
  const first = new Date(from * 1000);
  for (let month = first.getUTCMonth(); ; month += 1) {
    const begins = Date.UTC(first.getUTCFullYear(), month);
    if (begins > until * 1000) return months;
    months.push(isoFromMilliseconds(begins).slice(0, 7));
  }
}

/** ISO 8601 in UTC with milliseconds, as timelines show times. */
export const isoFromMilliseconds = (at: EpochMilliseconds): string => new Date(at).toISOString();
