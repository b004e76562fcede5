import type { EpochSeconds } from '../time.ts';
import { isoFromSeconds, SECONDS_PER_DAY } from '../time.ts';

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `in 12 days, 2026-11-22`, `3 days ago, …`: whole days, towards now. */
export function whenWords(at: EpochSeconds, now: EpochSeconds): string {
  const days = Math.floor(Math.abs(at - now) / SECONDS_PER_DAY);
  const day = isoFromSeconds(at).slice(0, 10);
  return at > now ? `in ${counted(days, 'day')}, ${day}` : `${counted(days, 'day')} ago, ${day}`;
}

/** `45 min`, `30 h`, `3 days`. */
export function lasting(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : counted(Math.floor(minutes / 1_440), 'day');
}

/** The first few of many. */
export const firstOf = (all: readonly string[], shown = 3): string =>
  all.length <= shown ? all.join(', ') : `${all.slice(0, shown).join(', ')}, …`;
