import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { SERIAL_NUMBER_OCTETS } from '../certificate-id.ts';
import type { RevokedCertificate } from '../crl-facts.ts';
import { SECONDS_PER_DAY } from '../time.ts';
import { columnsOf, REASON_CODES, settle, sortedWords, viewOf, type Columns } from './crl-columns.ts';
import { foreignEntriesDer } from './foreign-entries.ts';
import { integerDer, sequenceDer, TAG } from './der-writer.ts';
import { REASON_CODE } from './object-identifiers.ts';
import { GENERALIZED_TIME_FROM } from './x509-time.ts';

/**
 * The entries of a list in one pass into one buffer: pkijs needs a hundred times as long for an object per entry, and
 * half a gigabyte for 20,000. The first list of a process counts as much as the later ones, so that whatever is
 * done for all entries at once (reading hex, sorting) is done by built-in functions, which need no warming up.
 */

/** crlEntryExtensions with one reasonCode, whose last octet is the code (RFC 5280 section 5.3.1). */
const REASON_EXTENSION_DER = new Uint8Array(
  new pkijs.Extensions({
    extensions: [
      new pkijs.Extension({ extnID: REASON_CODE, extnValue: new asn1js.Enumerated({ value: 0 }).toBER() }),
    ],
  })
    .toSchema()
    .toBER(),
);

/** Two headers, a serial number with its sign octet, a GeneralizedTime, the reason: lengths stay below 128. */
const MAXIMUM_ENTRY_OCTETS = 2 + 2 + 1 + SERIAL_NUMBER_OCTETS + 17 + REASON_EXTENSION_DER.length;

/** 00 to 99, each as its two letters of ASCII: a look-up costs half of what two divisions do. */
const TWO_DIGITS = Uint16Array.from({ length: 100 }, (_, value) =>
  Buffer.from(String(value).padStart(2, '0'), 'latin1').readUInt16BE(),
);

/** Behind two headers. */
const SERIAL_NUMBER_OFFSET = 4;
const TIME_OFFSET = SERIAL_NUMBER_OFFSET + SERIAL_NUMBER_OCTETS;
/** SEQUENCE of so many octets, and in it INTEGER of ten. */
const HEADER = (TAG.sequence << 24) | (TAG.integer << 8) | SERIAL_NUMBER_OCTETS;
const Z = 0x5a;
/** What is behind the seconds: `Z`, and the reason but for its last octet, which is the code. */
const ENDING = viewOf(Buffer.concat([Uint8Array.of(Z), REASON_EXTENSION_DER]));
const [ENDING_0, ENDING_4, ENDING_8] = [ENDING.getUint32(0), ENDING.getUint32(4), ENDING.getUint32(8)];
/** Where the last four begin; the code of the constant is 0. */
const LAST_OFFSET = ENDING.byteLength - 4;
const LAST = ENDING.getUint32(LAST_OFFSET);

/** Tag and length of a Time: 13 octets YYMMDDHHMMSSZ, 15 octets YYYYMMDDHHMMSSZ. */
const [UTC_TIME, GENERALIZED_TIME] = [0x170d_0000, 0x180f_0000];

/** What a Time begins with, up to its day: 8 octets of a UTCTime, 10 of a GeneralizedTime, as numbers to write at once. */
interface DateHead {
  readonly length: number;
  readonly first32: number;
  readonly second32: number;
  /** Of a UTCTime there is nothing in it, and the hours are written over it. */
  readonly third16: number;
}

/** In numbers alone: texts and buffers of 400 days would take a first list a tenth of its time. */
function dateHeadOf(day: number): DateHead {
  const date = new Date(day * SECONDS_PER_DAY * 1000);
  const year = date.getUTCFullYear();
  const century = Math.floor(year / 100);
  const yearOfCentury = TWO_DIGITS[year - 100 * century] ?? 0;
  const month = TWO_DIGITS[date.getUTCMonth() + 1] ?? 0;
  const dayOfMonth = TWO_DIGITS[date.getUTCDate()] ?? 0;
  return day * SECONDS_PER_DAY < GENERALIZED_TIME_FROM
    ? { length: 8, first32: UTC_TIME | yearOfCentury, second32: (month << 16) | dayOfMonth, third16: 0 }
    : {
        length: 10,
        first32: GENERALIZED_TIME | (TWO_DIGITS[century] ?? 0),
        second32: (yearOfCentury << 16) | month,
        third16: dayOfMonth,
      };
}

/** What all entries of one list are written with. */
interface EntryContext extends Pick<Columns, 'serialNumbers' | 'datesAndReasons'> {
  readonly target: Uint8Array;
  /** Over the same octets: several are read and written at once. */
  readonly targetView: DataView;
  readonly serialNumberView: DataView;
  /** By the day: a list has few days and many times. */
  readonly dateHeads: Map<number, DateHead>;
}

function keep<Made>(made: Map<number, Made>, key: number, one: Made): Made {
  made.set(key, one);
  return one;
}

/**
 * Writes one entry (RFC 5280 section 5.1), several octets at a time: a first list is written before V8 has compiled
 * this well, and then it is the steps that count. Signed integers, because V8's middle compiler (Maglev) knows how to
 * read and write those, and calls a function for each unsigned one. A function of its own, because V8 compiles what is
 * called often, and throws away what it compiled inside a loop when the loop ends.
 *
 * @returns the offset behind it
 */
function writeEntry(context: EntryContext, offset: number, row: number): number {
  const { targetView, serialNumberView, dateHeads } = context;
  const dateAndReason = context.datesAndReasons[row] ?? 0;
  const at = Math.floor(dateAndReason / REASON_CODES);
  const day = Math.floor(at / SECONDS_PER_DAY);
  const dateHead = dateHeads.get(day) ?? keep(dateHeads, day, dateHeadOf(day));
  const from = SERIAL_NUMBER_OCTETS * row;
  const beginning = serialNumberView.getInt32(from);
  targetView.setInt32(offset + SERIAL_NUMBER_OFFSET, beginning);
  targetView.setInt32(offset + SERIAL_NUMBER_OFFSET + 4, serialNumberView.getInt32(from + 4));
  targetView.setInt16(offset + SERIAL_NUMBER_OFFSET + 8, serialNumberView.getInt16(from + 8));
  const clock = writeDateHead(targetView, offset + TIME_OFFSET, dateHead);
  const secondOfDay = at - day * SECONDS_PER_DAY;
  const minuteOfDay = Math.floor(secondOfDay / 60);
  const hour = Math.floor(minuteOfDay / 60);
  targetView.setInt16(clock, TWO_DIGITS[hour] ?? 0);
  targetView.setInt16(clock + 2, TWO_DIGITS[minuteOfDay - 60 * hour] ?? 0);
  targetView.setInt16(clock + 4, TWO_DIGITS[secondOfDay - 60 * minuteOfDay] ?? 0);
  const end = writeEnding(targetView, clock + 6, dateAndReason - at * REASON_CODES);
  targetView.setInt32(offset, HEADER | ((end - offset - 2) << 16));
  const isUsual = beginning >= 0x0100_0000;
  return isUsual ? end : rewriteUnusual(context, offset, row, end);
}

/** @returns the offset behind it */
function writeDateHead(
  targetView: DataView,
  offset: number,
  { length, first32, second32, third16 }: DateHead,
): number {
  targetView.setInt32(offset, first32);
  targetView.setInt32(offset + 4, second32);
  targetView.setInt16(offset + 8, third16);
  return offset + length;
}

/** "unspecified" is said by saying nothing: RFC 5280 section 5.3.1. @returns the offset behind it */
function writeEnding(targetView: DataView, offset: number, reasonCode: number): number {
  targetView.setInt32(offset, ENDING_0);
  if (reasonCode === 0) return offset + 1;
  targetView.setInt32(offset + 4, ENDING_4);
  targetView.setInt32(offset + 8, ENDING_8);
  targetView.setInt32(offset + LAST_OFFSET, LAST | reasonCode);
  return offset + LAST_OFFSET + 4;
}

/** With the shortest positive INTEGER in the place of ten octets. @returns the offset behind the entry */
function rewriteUnusual(
  { target, serialNumbers }: EntryContext,
  offset: number,
  row: number,
  end: number,
): number {
  const serialNumber = serialNumbers.subarray(row * SERIAL_NUMBER_OCTETS, (row + 1) * SERIAL_NUMBER_OCTETS);
  const der = sequenceDer(integerDer(serialNumber), target.slice(offset + TIME_OFFSET, end));
  target.set(der, offset);
  return offset + der.length;
}

/**
 * The content of `revokedCertificates` (RFC 5280 section 5.1): the entries in the order of their serial numbers.
 *
 * @param revoked in any order; longer serial numbers than ours are other tools'
 * @throws Error where one of ours is not 20 lower-case hex digits or there twice, or a date no X.509 time
 */
export function entriesDer(revoked: readonly RevokedCertificate[]): Uint8Array {
  const columns = columnsOf(revoked);
  const { serialNumbers, count, foreign } = columns;
  const words = sortedWords(columns);
  const target = new Uint8Array(count * MAXIMUM_ENTRY_OCTETS);
  const context: EntryContext = {
    ...columns,
    target,
    targetView: new DataView(target.buffer),
    serialNumberView: viewOf(serialNumbers),
    dateHeads: new Map(),
  };
  let settledEnd = 0;
  let end = 0;
  for (let place = 0; place < count; place += 1) {
    const doesNextBeginAlike = words[2 * place + 1] === words[2 * place + 3];
    if (doesNextBeginAlike && place >= settledEnd) settledEnd = settle(words, place, serialNumbers);
    end = writeEntry(context, end, words[2 * place] ?? 0);
  }
  const ours = target.subarray(0, end);
  return foreign.length === 0 ? ours : Buffer.concat([ours, foreignEntriesDer(foreign)]);
}
