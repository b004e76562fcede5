import { TAG } from './der-writer.ts';
import type { EpochSeconds } from '../time.ts';
import { SECONDS_PER_DAY } from '../time.ts';

/** 1 January 2050 (RFC 5280 section 4.1.2.5). */
const GENERALIZED_TIME_FROM: EpochSeconds = 2_524_608_000;
/** 1 January 10000: the first second that has no four-digit year. */
const END_OF_TIME: EpochSeconds = 253_402_300_800;

/** Octets that the longest Time takes. */
export const MAXIMUM_TIME_OCTETS = 17;

function writeTwoDigits(target: Uint8Array, offset: number, value: number): number {
  const tens = (value / 10) | 0;
  target[offset] = 0x30 + tens;
  target[offset + 1] = 0x30 + value - 10 * tens;
  return offset + 2;
}

/**
 * Year, month and day of a count of days since 1970, in the proleptic Gregorian calendar. Years are counted from
 * 1 March, so that the leap day comes last; 719,468 days lie between 1 March of year 0 and 1970.
 */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const fromMarchOfYear0 = days + 719_468;
  const era = Math.floor(fromMarchOfYear0 / 146_097);
  const dayOfEra = fromMarchOfYear0 - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/**
 * Writes an X.509 Time: UTCTime through 2049, GeneralizedTime from 2050, never a fraction (RFC 5280 section 4.1.2.5).
 *
 * It works in place and without `Date`, since a full list has 20,000 of them.
 *
 * @returns the offset behind it
 */
export function writeTime(target: Uint8Array, offset: number, at: EpochSeconds): number {
  if (!Number.isSafeInteger(at) || at < 0 || at >= END_OF_TIME) throw new Error(`${at} is no X.509 time`);
  const days = Math.floor(at / SECONDS_PER_DAY);
  const { year, month, day } = civilFromDays(days);
  const secondOfDay = at - days * SECONDS_PER_DAY;
  const isUtcTime = at < GENERALIZED_TIME_FROM;
  target[offset] = isUtcTime ? TAG.utcTime : TAG.generalizedTime;
  target[offset + 1] = isUtcTime ? 13 : 15;
  let end = offset + 2;
  if (!isUtcTime) end = writeTwoDigits(target, end, Math.floor(year / 100));
  end = writeTwoDigits(target, end, year % 100);
  end = writeTwoDigits(target, end, month);
  end = writeTwoDigits(target, end, day);
  end = writeTwoDigits(target, end, Math.floor(secondOfDay / 3600));
  end = writeTwoDigits(target, end, Math.floor(secondOfDay / 60) % 60);
  end = writeTwoDigits(target, end, secondOfDay % 60);
  target[end] = 0x5a;
  return end + 1;
}

/** An X.509 Time as DER. @param at whole seconds, of the years 1970 to 9999 */
export function timeDer(at: EpochSeconds): Uint8Array {
  const der = new Uint8Array(MAXIMUM_TIME_OCTETS);
  return der.subarray(0, writeTime(der, 0, at));
}
