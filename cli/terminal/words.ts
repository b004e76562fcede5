import type { Cell } from './screen.ts';

/** `2026-11-22 08:30 UTC` of an ISO 8601 time, as people compare it with their logs. */
export const momentOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

export const dayOf = (iso: string): string => iso.slice(0, 10);

/** `1 certificate`, `3 certificates`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `120 ms`, `4.2 s`, `3 min`, `5 h`, `2 days`: the length of time between two steps. */
export function durationOf(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** A word as a POSIX shell takes it. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const STATE_STYLES = {
  active: 'green',
  done: 'green',
  resolved: 'green',
  reserved: 'yellow',
  open: 'yellow',
  unresolved: 'yellow',
  revoked: 'red',
  expired: 'dim',
  lifted: 'dim',
  stale: 'dim',
} as const;

export const stateCell = (state: keyof typeof STATE_STYLES): Cell => ({
  text: state,
  style: STATE_STYLES[state],
});
