import * as pkijs from 'pkijs';
import type { EpochSeconds } from '../time.ts';

/** 1 January 2050 (RFC 5280 section 4.1.2.5). */
export const GENERALIZED_TIME_FROM: EpochSeconds = 2_524_608_000;
/** 1 January 10000: the first second that has no four-digit year. */
const END_OF_TIME: EpochSeconds = 253_402_300_800;

/** Tag and length: 13 octets YYMMDDHHMMSSZ, 15 octets YYYYMMDDHHMMSSZ. */
const [UTC_TIME_HEAD, GENERALIZED_TIME_HEAD] = ['\x17\x0d', '\x18\x0f'];

/** @throws Error for what is not a whole second of the years 1970 to 9999 */
export function assertX509Time(at: EpochSeconds): void {
  if (!Number.isSafeInteger(at) || at < 0 || at >= END_OF_TIME) throw new Error(`${at} is no X.509 time`);
}

/**
 * An X.509 Time: UTCTime through 2049, GeneralizedTime from 2050, never a fraction (RFC 5280 section 4.1.2.5).
 * pkijs chooses UTCTime unless it is told, and writes a fraction where the date has one.
 *
 * @param at whole seconds, of the years 1970 to 9999
 */
export function x509Time(at: EpochSeconds): pkijs.Time {
  assertX509Time(at);
  const type = at < GENERALIZED_TIME_FROM ? pkijs.TimeType.UTCTime : pkijs.TimeType.GeneralizedTime;
  return new pkijs.Time({ type, value: new Date(at * 1000) });
}

/** An X.509 Time as DER, like `x509Time` but without pkijs. @param at whole seconds, of the years 1970 to 9999 */
export function x509TimeDer(at: EpochSeconds): Uint8Array {
  assertX509Time(at);
  const iso = new Date(at * 1000).toISOString();
  const behindYear = `${iso.slice(5, 7)}${iso.slice(8, 10)}${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
  return at < GENERALIZED_TIME_FROM
    ? Buffer.from(UTC_TIME_HEAD + iso.slice(2, 4) + behindYear, 'latin1')
    : Buffer.from(GENERALIZED_TIME_HEAD + iso.slice(0, 4) + behindYear, 'latin1');
}
