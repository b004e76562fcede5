import type { CertificateRecord } from './certificate-record.ts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type EpochMilliseconds, type EpochSeconds } from './time.ts';

/** How many days before its certificate's end a holder is told of it. */
export const REMINDER_DAYS = [30, 14, 7, 1] as const;

/** Whole days that a certificate lives on; 0 on its last. */
export const daysLeftOf = ({ notAfter }: Pick<CertificateRecord, 'notAfter'>, now: EpochSeconds): number =>
  Math.floor((notAfter - now) / SECONDS_PER_DAY);

/**
 * The reminder that is due now, by its days; undefined where there is none. Looked at daily it comes with at least
 * that many days left. After days in which nobody looked only the latest is due: four letters at once help nobody.
 * Before one can renew none is due, since one could do nothing about it.
 */
export function dueReminder(
  record: Pick<CertificateRecord, 'notAfter' | 'renewableFrom' | 'remindedDays'>,
  now: EpochSeconds,
): number | undefined {
  const daysLeft = daysLeftOf(record, now);
  if (daysLeft < 0 || now < record.renewableFrom) return undefined;
  const due = REMINDER_DAYS.findLast((days) => daysLeft <= days);
  return due !== undefined && (record.remindedDays === undefined || due < record.remindedDays)
    ? due
    : undefined;
}

/** Reminders go out in the morning of Europe; a company elsewhere gets them at another hour of its day. */
const REMINDING_HOUR_UTC = 7;

/** Whether nobody has looked at the ends of certificates since the last seven o'clock (UTC). */
export function isReminderDayDue(
  lastLookedAt: EpochMilliseconds | undefined,
  now: EpochMilliseconds,
): boolean {
  const dayOf = (at: EpochMilliseconds): number =>
    Math.floor((at / 1000 - REMINDING_HOUR_UTC * SECONDS_PER_HOUR) / SECONDS_PER_DAY);
  return lastLookedAt === undefined || dayOf(lastLookedAt) < dayOf(now);
}

/** What operators are told each day about certificates that end and that nothing replaces yet. */
export interface EndingDigest {
  /** How many end within so many days. */
  readonly within: readonly { readonly days: number; readonly count: number }[];
  /** How many ended in the last day. */
  readonly ended: number;
  /** How many holders were reminded today. */
  readonly reminded: number;
  /** The next to end, by id. */
  readonly next: readonly Pick<CertificateRecord, 'certificateId' | 'personId' | 'notAfter'>[];
}
