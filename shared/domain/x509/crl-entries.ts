import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import type { RevokedCertificate } from '../crl-facts.ts';
import { REVOCATION_REASONS } from '../revocation-reason.ts';
import { SECONDS_PER_DAY, type EpochSeconds } from '../time.ts';
import { TAG } from './der-writer.ts';
import { REASON_CODE } from './object-identifiers.ts';
import { assertX509Time, dateHeadDer } from './x509-time.ts';

/**
 * The entries of a list in one pass into one buffer: pkijs needs a hundred times as long for an object per entry, and
 * half a gigabyte for 20,000. The first list of a process counts as much as the later ones, so that whatever is
 * done for all entries at once (reading hex, sorting) is done by built-in functions, which need no warming up.
 */

const Z = 0x5a;
const SERIAL_NUMBER_OCTETS = 10;

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

/** 00 to 99 in ASCII, one after the other: a look-up costs half of what two divisions do. */
const TWO_DIGITS = Buffer.from(
  Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0')).join(''),
);

/** What all entries are written of, in the order of the rows. */
interface Columns {
  /** 10 octets each. */
  readonly serialNumbers: Buffer;
  readonly revocationDates: Float64Array;
  readonly reasonCodes: Uint8Array;
}

/** So many serial numbers are read at once that the collector of garbage finds next to nothing alive. */
const ROWS_AT_ONCE = 1_000;

/**
 * Takes out of the rows what entries need. The rows are then written in the order of their serial numbers, which is
 * none of theirs: 200,000 objects met at random come from memory one by one, and half the time was spent waiting for
 * them. These columns stay in the processor's cache.
 */
function columnsOf(revoked: readonly RevokedCertificate[]): Columns {
  const serialNumbers = Buffer.allocUnsafe(revoked.length * SERIAL_NUMBER_OCTETS);
  const revocationDates = new Float64Array(revoked.length);
  const reasonCodes = new Uint8Array(revoked.length);
  for (let start = 0; start < revoked.length; start += ROWS_AT_ONCE) {
    const rows = revoked.slice(start, start + ROWS_AT_ONCE);
    readSerialNumbers(serialNumbers, start * SERIAL_NUMBER_OCTETS, rows);
    let row = start;
    for (const { revocationDate, reason } of rows) {
      assertX509Time(revocationDate);
      revocationDates[row] = revocationDate;
      reasonCodes[row] = REVOCATION_REASONS[reason].reasonCode;
      row += 1;
    }
  }
  return { serialNumbers, revocationDates, reasonCodes };
}

/** Hex is read, and held to be hex, for all rows at once. */
function readSerialNumbers(target: Buffer, offset: number, rows: readonly RevokedCertificate[]): void {
  let hex = '';
  for (const { serialNumber } of rows) {
    if (serialNumber.length !== 2 * SERIAL_NUMBER_OCTETS) throw new Error('not a serial number');
    hex += serialNumber;
  }
  const end = offset + target.write(hex, offset, 'hex');
  if (target.toString('hex', offset, end) !== hex) throw new Error('not a serial number');
}

/**
 * The rows in the order of their serial numbers. The first 32 bits of a number above the index of its row make one
 * integer, so that the built-in sort of integers does it; those that begin alike are left to `settle`. The low
 * half of an integer comes first in memory on every machine that Lambda has.
 *
 * @returns for each row two words: its index, and how its serial number begins
 */
function sortedWords(serialNumbers: Uint8Array): Uint32Array {
  const count = serialNumbers.length / SERIAL_NUMBER_OCTETS;
  const keys = new BigUint64Array(count);
  const words = new Uint32Array(keys.buffer);
  const view = new DataView(serialNumbers.buffer, serialNumbers.byteOffset);
  for (let row = 0; row < count; row += 1) {
    words[2 * row] = row;
    words[2 * row + 1] = view.getUint32(SERIAL_NUMBER_OCTETS * row);
  }
  keys.sort();
  return words;
}

/**
 * Brings rows in order whose serial numbers begin alike; of 20,000 random ones there are none in most lists.
 *
 * @param place the first of them
 * @returns the place behind the last
 * @throws Error where a number is there twice
 */
function settle(words: Uint32Array, place: number, serialNumbers: Uint8Array): number {
  let end = place + 1;
  while (words[2 * end + 1] === words[2 * place + 1]) end += 1;
  const octetsOf = (row: number): Uint8Array =>
    serialNumbers.subarray(row * SERIAL_NUMBER_OCTETS, (row + 1) * SERIAL_NUMBER_OCTETS);
  const rows = words.subarray(2 * place, 2 * end).filter((_, index) => index % 2 === 0);
  rows.sort((a, b) => {
    const order = Buffer.compare(octetsOf(a), octetsOf(b));
    if (order === 0) throw new Error('a serial number is on the list twice');
    return order;
  });
  for (const [index, row] of rows.entries()) words[2 * (place + index)] = row;
  return end;
}

/** In a loop: `set` costs more than it saves for so few octets, and a `for … of` is slow until it is compiled. */
function copy(target: Uint8Array, offset: number, source: Uint8Array, from: number, to: number): number {
  let end = offset;
  for (let index = from; index < to; index += 1) target[end++] = source[index] ?? 0;
  return end;
}

/** Writes the shortest positive INTEGER of a serial number. @returns the offset behind it */
function writeSerialNumber(
  target: Uint8Array,
  offset: number,
  serialNumbers: Uint8Array,
  row: number,
): number {
  let from = row * SERIAL_NUMBER_OCTETS;
  const to = from + SERIAL_NUMBER_OCTETS;
  while (serialNumbers[from] === 0 && from < to - 1) from += 1;
  let end = offset + 2;
  if ((serialNumbers[from] ?? 0) >= 0x80) target[end++] = 0;
  end = copy(target, end, serialNumbers, from, to);
  target[offset] = TAG.integer;
  target[offset + 1] = end - offset - 2;
  return end;
}

function writeTwoDigits(target: Uint8Array, offset: number, value: number): number {
  target[offset] = TWO_DIGITS[2 * value] ?? 0;
  target[offset + 1] = TWO_DIGITS[2 * value + 1] ?? 0;
  return offset + 2;
}

/** Writes a Time. @param dateHeads by the day: a list has few days and many times. @returns the offset behind it */
function writeTime(
  target: Uint8Array,
  offset: number,
  at: EpochSeconds,
  dateHeads: Map<number, Uint8Array>,
): number {
  const day = Math.floor(at / SECONDS_PER_DAY);
  let dateHead = dateHeads.get(day);
  if (dateHead === undefined) {
    dateHead = dateHeadDer(day);
    dateHeads.set(day, dateHead);
  }
  const secondOfDay = at - day * SECONDS_PER_DAY;
  const minuteOfDay = Math.floor(secondOfDay / 60);
  const hour = Math.floor(minuteOfDay / 60);
  let end = copy(target, offset, dateHead, 0, dateHead.length);
  end = writeTwoDigits(target, end, hour);
  end = writeTwoDigits(target, end, minuteOfDay - 60 * hour);
  end = writeTwoDigits(target, end, secondOfDay - 60 * minuteOfDay);
  target[end] = Z;
  return end + 1;
}

/** "unspecified" is said by saying nothing: RFC 5280 section 5.3.1. @returns the offset behind it */
function writeReason(target: Uint8Array, offset: number, reasonCode: number): number {
  if (reasonCode === 0) return offset;
  const end = copy(target, offset, REASON_EXTENSION_DER, 0, REASON_EXTENSION_DER.length);
  target[end - 1] = reasonCode;
  return end;
}

/** What all entries of one list are written with. */
interface EntryContext extends Columns {
  readonly target: Uint8Array;
  readonly dateHeads: Map<number, Uint8Array>;
}

/**
 * Writes one entry (RFC 5280 section 5.1). A function of its own, because V8 compiles what is called often, and throws
 * away what it compiled inside a loop when the loop ends.
 *
 * @returns the offset behind it
 */
function writeEntry(context: EntryContext, offset: number, row: number): number {
  const { target } = context;
  let end = writeSerialNumber(target, offset + 2, context.serialNumbers, row);
  end = writeTime(target, end, context.revocationDates[row] ?? 0, context.dateHeads);
  end = writeReason(target, end, context.reasonCodes[row] ?? 0);
  target[offset] = TAG.sequence;
  target[offset + 1] = end - offset - 2;
  return end;
}

/**
 * The content of `revokedCertificates` (RFC 5280 section 5.1): the entries in the order of their serial numbers.
 *
 * @param revoked in any order
 * @throws Error where a serial number is not 20 lower-case hex digits or there twice, or a date no X.509 time
 */
export function entriesDer(revoked: readonly RevokedCertificate[]): Uint8Array {
  const columns = columnsOf(revoked);
  const words = sortedWords(columns.serialNumbers);
  const target = new Uint8Array(revoked.length * MAXIMUM_ENTRY_OCTETS);
  const context = { ...columns, target, dateHeads: new Map<number, Uint8Array>() };
  let settledEnd = 0;
  let end = 0;
  for (let place = 0; place < revoked.length; place += 1) {
    const doesNextBeginAlike = words[2 * place + 1] === words[2 * place + 3];
    if (doesNextBeginAlike && place >= settledEnd) settledEnd = settle(words, place, columns.serialNumbers);
    end = writeEntry(context, end, words[2 * place] ?? 0);
  }
  return shortened(target, end);
}

/** The first octets as a buffer of their own, which for many megabytes should cost no copy. Node 20 has to make one. */
const shortened = (octets: Uint8Array<ArrayBuffer>, length: number): Uint8Array =>
  'transfer' in octets.buffer ? new Uint8Array(octets.buffer.transfer(length)) : octets.slice(0, length);
