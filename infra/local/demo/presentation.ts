import { createColors } from 'picocolors';
import { duration, isColourWanted, type TerminalOptions } from '../terminal.ts';
import type { Listener } from './telling.ts';

/** Where the story is shown. */
export interface Screen extends Listener {
  /** The first line. `warn` is for what nobody may miss. */
  opening(title: string, subtitle: string, warn: boolean): void;
  /** The last line. */
  closing(ok: boolean, words: readonly string[]): void;
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
    for (const part of wrapped(text, width - MARGIN)) line(`${indent}${paint(part)}`);
  };
  const heading = (number: number): string => `${String(number).padStart(2)}  `;
  const wipe = (): void => void (isTerminal && stream.write('\r\u001b[2K'));
  return {
    opening(title, subtitle, warn) {
      line(`${colour.bold(title)} ${warn ? colour.yellow(subtitle) : colour.dim(subtitle)}`);
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
    closing(ok, words) {
      wipe();
      line('');
      line(`  ${ok ? colour.green('✓') : colour.red('✗')} ${colour.bold(words.join(' · '))}`);
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
