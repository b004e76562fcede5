import { createColors } from 'picocolors';
import { duration, isColourWanted, type TerminalOptions } from '../terminal.ts';
import type { Listener } from './telling.ts';

/** What the story is told over; what only stands in for it is said so that nobody misses it. */
export interface Ground {
  readonly words: string;
  readonly isReal: boolean;
}

/** Where the story is shown. */
export interface Screen extends Listener {
  /** The first line, and what it is about. */
  opening(title: string, on: Ground, about: string): void;
  /** The last line. */
  closing(ok: boolean, words: readonly string[], on: Ground): void;
  note(words: string): void;
}

export interface ScreenOptions extends TerminalOptions {
  readonly stream: TerminalOptions['stream'] & { readonly columns?: number };
}

const NARROWEST = 60;
const WIDEST = 100;
const USUAL_COLUMNS = 80;
/** `  ✓ 10  ` */
const MARGIN = 8;

/**
 * Shows steps as they come: one line each with its time at the right, and under it what was observed. On a terminal
 * the step that runs is shown too.
 */
export function screen(options: ScreenOptions): Screen {
  const { stream } = options;
  const colour = createColors(isColourWanted(options));
  const isTerminal = stream.isTTY === true && (options.env ?? process.env)['TERM'] !== 'dumb';
  const width = Math.min(WIDEST, Math.max(NARROWEST, (stream.columns ?? USUAL_COLUMNS) - 1));
  const line = (text: string): void => void stream.write(`${text}\n`);
  const indent = ' '.repeat(MARGIN);
  const below = (text: string, paint: (text: string) => string): void => {
    for (const part of text.split('\n').flatMap((row) => wrapped(row, width - MARGIN))) {
      line(`${indent}${paint(part)}`);
    }
  };
  const heading = (number: number): string => `${String(number).padStart(2)}  `;
  const ground = ({ words, isReal }: Ground): string => (isReal ? colour.green(words) : colour.yellow(words));
  const wipe = (): void => void (isTerminal && stream.write('\r\u001b[2K'));
  return {
    opening(title, on, about) {
      line(`${colour.bold(title)} · ${ground(on)}`);
      for (const part of wrapped(about, width)) line(colour.dim(part));
      line('');
    },
    began(number, title) {
      if (!isTerminal) return;
      stream.write(`  ${colour.cyan('▸')} ${heading(number)}${title} …`.slice(0, width + 10));
    },
    ended(number, title, { ok, milliseconds, expected, seen }, lines) {
      wipe();
      const time = duration(milliseconds);
      const [first = '', ...rest] = wrapped(title, width - MARGIN - time.length - 1);
      const gap = ' '.repeat(Math.max(1, width - MARGIN - first.length - time.length));
      const mark = ok ? colour.green('✓') : colour.red('✗');
      line(`  ${mark} ${colour.dim(heading(number))}${colour.bold(first)}${gap}${colour.dim(time)}`);
      for (const part of rest) line(`${indent}${colour.bold(part)}`);
      for (const text of lines) below(text, colour.dim);
      if (expected !== undefined) below(`expected: ${expected}`, colour.red);
      if (seen !== undefined) for (const text of seen.split('\n')) below(`seen:     ${text}`, colour.red);
    },
    closing(ok, words, on) {
      wipe();
      line('');
      const mark = ok ? colour.green('✓') : colour.red('✗');
      line(`  ${mark} ${colour.bold(words.join(' · '))} · ${ground(on)}`);
    },
    note(words) {
      wipe();
      line(colour.dim(`  ${words}`));
    },
  };
}

/** Breaks a text between words; a word that is longer than a line stays whole. Runs of spaces stay too. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > 0 ? space : rest.indexOf(' ', width);
    if (end <= 0) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
