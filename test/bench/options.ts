import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [NAME …] [options]
  NAME          only what begins so, for example crl, issue, bundle, gate, offboarding
  --only NAME   the same
  --quick       fewer rounds
  --strict      exit code 1 when something that must be reached is not
  --json        one line of JSON last on standard output; the words go to standard error
  --markdown    the table for docs/benchmarks.md on standard output, likewise
  --help
Exit code 0: measured; 1: could not be measured, or --strict and a must was missed; 2: unknown option.`;

export interface BenchOptions {
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly strict: boolean;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly help: boolean;
}

/** @throws Error in words for the terminal */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { only, quick, strict, json, markdown, help } = values;
  if (json && markdown) throw new Error('--json and --markdown: one of them');
  return { only: [...only, ...positionals], quick, strict, json, markdown, help };
}

/** @throws Error where a name means nothing */
export function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  only: readonly string[],
): readonly T[] {
  for (const name of only) {
    if (!all.some((one) => one.name.startsWith(name))) {
      throw new Error(`nothing is called ${name}; there are ${all.map((one) => one.name).join(', ')}`);
    }
  }
  return only.length === 0 ? all : all.filter((one) => only.some((name) => one.name.startsWith(name)));
}
