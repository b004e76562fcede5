import { parseArgs } from 'node:util';

export const USAGE = `npm run demo -- [options]
  --tls     tell it over mutual TLS, also where OpenVPN can run
  --json    one line of JSON last on standard output; the words go to standard error
  --help
Exit code 0: every step was observed; 1: one was not; 2: unknown option; 130: stopped by Ctrl-C.`;

export interface DemoOptions {
  readonly tls: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws Error in words for the terminal */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tls: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { tls, json, help } = values;
  return { tls, json, help };
}
