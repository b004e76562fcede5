import { createColors } from 'picocolors';

/** Where and how lines are printed. */
export interface Terminal {
  /** A heading with room above it. */
  title(text: string): void;
  /** Something done, with how long it took. */
  done(text: string, milliseconds?: number): void;
  failed(text: string): void;
  warn(text: string): void;
  note(text: string): void;
  /** Names and values in two columns. */
  table(rows: readonly (readonly [string, string])[]): void;
  /** A line to copy as it is, alone in its line and without colour, so that copying gives the command only. */
  command(text: string, explanation?: string): void;
  plain(text: string): void;
}

export interface TerminalOptions {
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly env?: NodeJS.ProcessEnv;
}

/** https://no-color.org: set and not empty means no colour; FORCE_COLOR asks for it away from a terminal. */
export function isColourWanted({ stream, env = process.env }: TerminalOptions): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Coloured lines on a terminal, the same words without colour in a file or a pipe. */
export function terminal(options: TerminalOptions): Terminal {
  const { stream } = options;
  const colour = createColors(isColourWanted(options));
  const line = (text: string): void => void stream.write(`${text}\n`);
  return {
    title: (text) => line(`\n${colour.bold(text)}`),
    done: (text, milliseconds) =>
      line(
        `  ${colour.green('✓')} ${text}${milliseconds === undefined ? '' : colour.dim(` ${duration(milliseconds)}`)}`,
      ),
    failed: (text) => line(`  ${colour.red('✗')} ${text}`),
    warn: (text) => line(`  ${colour.yellow('!')} ${colour.yellow(text)}`),
    note: (text) => line(colour.dim(`  ${text}`)),
    table(rows) {
      const width = Math.max(0, ...rows.map(([name]) => name.length));
      for (const [name, value] of rows) line(`  ${colour.cyan(name.padEnd(width))}  ${value}`);
    },
    command(text, explanation) {
      if (explanation !== undefined) line(colour.dim(`  # ${explanation}`));
      line(`  ${text}`);
    },
    plain: line,
  };
}

/** `8 ms`, `1.4 s` */
export const duration = (milliseconds: number): string =>
  milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
