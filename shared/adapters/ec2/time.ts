import type { EpochMilliseconds } from '../../domain/time.ts';

const SPACED = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/**
 * Reads a time as Client VPN writes it: a string, `2026-01-31 18:42:00` in UTC without saying so, or ISO 8601.
 *
 * @returns undefined for `-`, which stands for a time that has not come, and for what is no time
 */
export function parseEc2Time(text: string | undefined): EpochMilliseconds | undefined {
  if (text === undefined) return undefined;
  // Without a zone, Date would read it as local time.
  const at = Date.parse(SPACED.test(text) ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isNaN(at) ? undefined : at;
}
