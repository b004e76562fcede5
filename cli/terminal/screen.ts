import { createColors } from 'picocolors';
import { columnsOf, printable } from './printable.ts';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** A text, or one with a meaning that colour shows. */
export type Cell = string | { readonly text: string; readonly style: Style };

/** Where words for people go. Every text is made printable on its way, so that only this file writes escapes. */
export interface Screen {
  title(text: string): void;
  done(text: string): void;
  failed(text: string): void;
  warn(text: string): void;
  note(text: string): void;
  line(text: string): void;
  /** Names and values in two columns; what has no value is left out. */
  fields(rows: readonly (readonly [string, Cell | undefined])[]): void;
  table(headings: readonly string[], rows: readonly (readonly Cell[])[]): void;
  /** A line to copy, alone in its line and without colour. */
  command(text: string, explanation?: string): void;
  /** A file's text, line by line. */
  text(text: string): void;
}

export interface ScreenStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** https://no-color.org: set and not empty means no colour; FORCE_COLOR asks for it away from a terminal. */
export function isColourWanted(
  stream: ScreenStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** @param isColoured as `isColourWanted` says */
export function createScreen(stream: ScreenStream, isColoured: boolean): Screen {
  const colour = createColors(isColoured);
  const line = (text: string): void => void stream.write(`${text.trimEnd()}\n`);
  const paint = (cell: Cell, columns = 0): string => {
    const text = printable(typeof cell === 'string' ? cell : cell.text);
    const padded = text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
    return typeof cell === 'string' ? padded : colour[cell.style](padded);
  };
  return {
    title: (text) => line(colour.bold(paint(text))),
    done: (text) => line(`${colour.green('✓')} ${paint(text)}`),
    failed: (text) => line(`${colour.red('✗')} ${paint(text)}`),
    warn: (text) => line(`${colour.yellow('!')} ${paint(text)}`),
    note: (text) => line(colour.dim(paint(text))),
    line: (text) => line(paint(text)),
    fields(rows) {
      const shown = rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
      const width = widest(shown.map(([name]) => name));
      for (const [name, value] of shown) line(`  ${colour.dim(paint(name, width))}  ${paint(value)}`);
    },
    table(headings, rows) {
      const widths = headings.map((heading, index) =>
        widest([heading, ...rows.map((row) => row[index] ?? '')]),
      );
      line(`  ${headings.map((heading, index) => colour.dim(paint(heading, widths[index]))).join('  ')}`);
      for (const row of rows) line(`  ${row.map((cell, index) => paint(cell, widths[index])).join('  ')}`);
    },
    command(text, explanation) {
      if (explanation !== undefined) line(colour.dim(`  # ${paint(explanation)}`));
      line(`  ${paint(text)}`);
    },
    text: (text) => text.split('\n').forEach((one) => line(paint(one))),
  };
}

const widest = (cells: readonly Cell[]): number =>
  Math.max(0, ...cells.map((cell) => columnsOf(printable(typeof cell === 'string' ? cell : cell.text))));
