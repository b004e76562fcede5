/** One record of a CSV file, with the line that it begins in, from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Where a text is not CSV. */
export class CsvFault extends Error {
  override readonly name = 'CsvFault';
  readonly line: number;

  constructor(line: number, words: string) {
    super(words);
    this.line = line;
  }
}

/** @returns undefined for what is not UTF-8 */
export function utf8From(octets: Uint8Array): string | undefined {
  try {
    // It takes the byte order mark away.
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return undefined;
  }
}

/** The one that the first line has: names of columns hold neither. */
export function separatorOf(text: string): ',' | ';' {
  const end = text.search(/[\r\n]/);
  return (end < 0 ? text : text.slice(0, end)).includes(';') ? ';' : ',';
}

/**
 * Reads CSV as RFC 4180 has it, with either separator and either end of line, and nothing beyond: no quote in the
 * middle of a cell, nothing behind a closing one. Libraries mend what they meet, so that a slip of the hand names
 * other people than were meant; here it is refused with its line. Records without any cell are left out.
 *
 * @throws CsvFault
 */
export function readCsv(text: string, separator: ',' | ';'): CsvRecord[] {
  const records: CsvRecord[] = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    const began = line;
    const cells: string[] = [];
    for (let isOver = false; !isOver;) {
      const cell = text[at] === '"' ? quoted(text, at, line) : bare(text, at, line, separator);
      cells.push(cell.value);
      line += cell.lines;
      at = cell.end;
      if (text[at] === separator) at += 1;
      else {
        at = endOfLine(text, at, line);
        isOver = true;
      }
    }
    line += 1;
    if (cells.length > 1 || cells[0] !== '') records.push({ line: began, cells });
  }
  return records;
}

interface Cell {
  readonly value: string;
  readonly end: number;
  /** Ends of lines within it. */
  readonly lines: number;
}

function quoted(text: string, from: number, line: number): Cell {
  const parts: string[] = [];
  for (let at = from + 1; ;) {
    const close = text.indexOf('"', at);
    if (close < 0) throw new CsvFault(line, 'a quoted cell has no closing quote');
    parts.push(text.slice(at, close));
    if (text[close + 1] !== '"') {
      const value = parts.join('"');
      return { value, end: close + 1, lines: value.split('\n').length - 1 };
    }
    at = close + 2;
  }
}

function bare(text: string, from: number, line: number, separator: string): Cell {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1;
  const value = text.slice(from, end);
  if (value.includes('"')) throw new CsvFault(line, 'a quote stands in a cell that does not begin with one');
  return { value, end, lines: 0 };
}

function endOfLine(text: string, at: number, line: number): number {
  if (at >= text.length) return at;
  if (text[at] === '\n') return at + 1;
  if (text.startsWith('\r\n', at)) return at + 2;
  throw new CsvFault(
    line,
    text[at] === '\r'
      ? 'a line ends with a carriage return alone'
      : 'something stands behind a closing quote',
  );
}
