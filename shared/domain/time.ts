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

/** ISO 8601 in UTC with milliseconds, as timelines show times. */
export const isoFromMilliseconds = (at: EpochMilliseconds): string => new Date(at).toISOString();
