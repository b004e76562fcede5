import { parseArgs } from 'node:util';

export const USAGE = `npm run cost -- [options]
  --written    what the last written run counted, instead of a run of the local stack (a minute and a half)
  --write      writes infra/cost/counted.json and docs/cost.md
  --markdown   what docs/cost.md says, on standard output; words for people go to standard error
  --json       one line of JSON last on standard output, likewise
  --help
Exit code 0: computed; 1: something of the run was not as it should be; 2: unknown option.`;

export interface CostOptions {
  readonly written: boolean;
  readonly write: boolean;
  readonly markdown: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws Error in words for the terminal */
export function parseCostOptions(args: readonly string[]): CostOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { written: flag, write: flag, markdown: flag, json: flag, help: flag },
  });
  const { written, write, markdown, json, help } = values;
  if (json && markdown) throw new Error('--json and --markdown: one of them');
  return { written, write, markdown, json, help };
}
