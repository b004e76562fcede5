/** What a strict reader found wrong, and where. */
export class DerError extends Error {
  override readonly name = 'DerError';

  constructor(what: string, offset: number) {
    super(`${what} at octet ${offset}`);
  }
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OBJECT_IDENTIFIER = 0x06;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

const DAYS_IN_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 0 for what is no month. */
function daysInMonth(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeapYear ? 29 : 28;
  return DAYS_IN_MONTH[month] ?? 0;
}

/**
 * Walks DER (X.690 section 10) without building a tree, so that lists of 200,000 entries stay cheap. It refuses what
 * DER refuses: indefinite or long-winded lengths, padded integers, elements that run out of their parent.
 *
 * It shares no code with what builds our structures: it is how their octets are checked. `open…` moves to the
 * content of an element and returns its end; every limit is the end of the parent.
 */
export class DerReader {
  readonly octets: Uint8Array;
  position: number;
  private readonly text: Buffer;

  constructor(octets: Uint8Array, position = 0) {
    this.octets = octets;
    this.position = position;
    this.text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  /** The tag at the position, undefined at the end of the parent. */
  peek(limit: number): number | undefined {
    return this.position < limit ? this.octets[this.position] : undefined;
  }

  /** Opens an element of any single-octet tag. @returns the end of its content */
  openAny(limit: number): number {
    const start = this.position;
    const tag = this.octets[start];
    let length = this.octets[start + 1];
    if (tag === undefined || length === undefined || start + 2 > limit) {
      throw new DerError('truncated element', start);
    }
    if ((tag & 0x1f) === 0x1f) throw new DerError('tag of several octets', start);
    this.position = start + 2;
    if (length >= 0x80) length = this.longLength(length & 0x7f, start);
    const end = this.position + length;
    if (end > limit || end > this.octets.length) throw new DerError('element longer than its parent', start);
    return end;
  }

  private longLength(lengthOctets: number, start: number): number {
    if (lengthOctets === 0 || lengthOctets > 4) throw new DerError('indefinite or absurd length', start);
    let length = 0;
    for (let index = 0; index < lengthOctets; index += 1) {
      length = length * 256 + (this.octets[this.position + index] ?? 0);
    }
    if (length < 0x80 || length < 256 ** (lengthOctets - 1)) throw new DerError('length not minimal', start);
    this.position += lengthOctets;
    return length;
  }

  /** @returns the end of its content */
  open(tag: number, limit: number): number {
    if (this.peek(limit) !== tag) {
      throw new DerError(`expected tag 0x${tag.toString(16).padStart(2, '0')}`, this.position);
    }
    return this.openAny(limit);
  }

  openSequence(limit: number): number {
    return this.open(SEQUENCE, limit);
  }

  /** Demands that everything up to the end of the parent was read. */
  close(end: number): void {
    if (this.position !== end) throw new DerError('unexpected element', this.position);
  }

  /** The whole element, header included. */
  element(limit: number): Uint8Array {
    const start = this.position;
    this.position = this.openAny(limit);
    return this.octets.subarray(start, this.position);
  }

  /** The content of an element. */
  content(tag: number, limit: number): Uint8Array {
    const end = this.open(tag, limit);
    const content = this.octets.subarray(this.position, end);
    this.position = end;
    return content;
  }

  /** Opens an INTEGER (or another tag with its encoding) and demands its shortest form. @returns its end */
  openInteger(limit: number, tag = INTEGER): number {
    const end = this.open(tag, limit);
    const first = this.octets[this.position];
    const second = this.octets[this.position + 1] ?? 0;
    if (end === this.position || first === undefined) throw new DerError('empty integer', this.position);
    if (end - this.position > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
      throw new DerError('integer not minimal', this.position);
    }
    return end;
  }

  /** The content octets of an INTEGER, hex: two's complement, big-endian. */
  integerHex(limit: number): string {
    const end = this.openInteger(limit);
    const hex = this.text.toString('hex', this.position, end);
    this.position = end;
    return hex;
  }

  /** An INTEGER, or an ENUMERATED by its tag, from 0 to 2^53 - 1. */
  smallInteger(limit: number, tag = INTEGER): number {
    const start = this.position;
    const end = this.openInteger(limit, tag);
    let value = 0;
    if ((this.octets[this.position] ?? 0) >= 0x80) throw new DerError('negative integer', start);
    for (; this.position < end; this.position += 1) value = value * 256 + (this.octets[this.position] ?? 0);
    if (!Number.isSafeInteger(value)) throw new DerError('integer too large', start);
    return value;
  }

  /** A BOOLEAN with default FALSE, which DER therefore never writes: absent, or TRUE. */
  optionalTrue(limit: number): boolean {
    if (this.peek(limit) !== 0x01) return false;
    const start = this.position;
    const content = this.content(0x01, limit);
    if (content.length !== 1 || content[0] !== 0xff) throw new DerError('boolean that is not TRUE', start);
    return true;
  }

  /** The octets of a BIT STRING of whole octets. */
  bitString(limit: number): Uint8Array {
    const start = this.position;
    const content = this.content(0x03, limit);
    if (content[0] !== 0) throw new DerError('bit string with unused bits', start);
    return content.subarray(1);
  }

  /** Reads past an OBJECT IDENTIFIER. @returns whether it has these content octets */
  isObjectIdentifier(expected: Uint8Array, limit: number): boolean {
    const end = this.open(OBJECT_IDENTIFIER, limit);
    const start = this.position;
    this.position = end;
    return (
      end - start === expected.length &&
      expected.every((octet, index) => this.octets[start + index] === octet)
    );
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  objectIdentifier(limit: number): string {
    const start = this.position;
    const arcs: number[] = [];
    let arc = 0;
    const content = this.content(OBJECT_IDENTIFIER, limit);
    for (const octet of content) {
      if (arc === 0 && octet === 0x80) throw new DerError('object identifier not minimal', start);
      arc = arc * 128 + (octet & 0x7f);
      if (!Number.isSafeInteger(arc)) throw new DerError('object identifier too large', start);
      if (octet < 0x80) {
        arcs.push(arc);
        arc = 0;
      }
    }
    const [first] = arcs;
    if (first === undefined || ((content.at(-1) ?? 0) & 0x80) !== 0) {
      throw new DerError('object identifier truncated', start);
    }
    const top = Math.min(2, Math.floor(first / 40));
    return [top, first - 40 * top, ...arcs.slice(1)].join('.');
  }

  /**
   * A Time as RFC 5280 section 4.1.2.5 demands it: to the second, in Z, UTCTime through 2049 and GeneralizedTime from
   * 2050.
   *
   * @returns seconds since the Unix epoch
   */
  time(limit: number): number {
    const start = this.position;
    const tag = this.peek(limit);
    const end = this.openAny(limit);
    const yearDigits = tag === UTC_TIME ? 2 : tag === GENERALIZED_TIME ? 4 : 0;
    if (yearDigits === 0) throw new DerError('expected a time', start);
    if (end - this.position !== yearDigits + 11 || this.octets[end - 1] !== 0x5a) {
      throw new DerError('time not to the second in Z', start);
    }
    let year = this.digits(this.position, yearDigits);
    if (yearDigits === 2) year += year < 50 ? 2000 : 1900;
    else if (year >= 1950 && year < 2050) throw new DerError('GeneralizedTime before 2050', start);
    const at = this.position + yearDigits;
    const month = this.digits(at, 2);
    const day = this.digits(at + 2, 2);
    const hour = this.digits(at + 4, 2);
    const minute = this.digits(at + 6, 2);
    const second = this.digits(at + 8, 2);
    const isOverflow = hour > 23 || minute > 59 || second > 59;
    if (isOverflow || day < 1 || day > daysInMonth(year, month)) throw new DerError('no such time', start);
    this.position = end;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  }

  private digits(offset: number, count: number): number {
    let value = 0;
    for (let index = offset; index < offset + count; index += 1) {
      const digit = (this.octets[index] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) throw new DerError('time with a letter', offset);
      value = value * 10 + digit;
    }
    return value;
  }
}
