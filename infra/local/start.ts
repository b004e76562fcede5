import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Stack, StackLogEntry } from './stack.ts';
import { dataDirectoryFrom, DataDirectoryInUseError, FUNCTION_LOG } from './stack/data-directory.ts';
import { nextSteps } from './stack/next-steps.ts';
import { PortInUseError } from './stack/ports.ts';
import { duration, terminal, type Terminal } from './terminal.ts';

const DEFAULT_PORT = 4000;

const USAGE = `npm start -- [options]
  --fresh       begin anew: forget the CA, certificates and lists of earlier starts
  --param NAME=VALUE  a parameter of infra/aws/parameters.yml, as for npm run deploy; once for each
  --data DIR    where everything is kept (DATA_DIR; .local when absent)
  --json        one line of JSON on standard output when everything runs
  --help
PORT sets the port of the API (${DEFAULT_PORT} when absent).`;

interface StartOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly params: Readonly<Record<string, string>>;
}

/** @throws Error with words for the terminal */
function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fresh: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      data: { type: 'string' },
      param: { type: 'string', multiple: true, default: [] },
    },
  });
  const port = env['PORT'] ?? String(DEFAULT_PORT);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`PORT=${port} is not a port`);
  const { fresh, json, help } = values;
  return {
    dataDir: dataDirectoryFrom(values.data, env),
    port: Number(port),
    fresh,
    json,
    help,
    params: paramsFrom(values.param),
  };
}

/** @throws Error for what is no name and value */
function paramsFrom(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words.map((word) => {
    const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) throw new Error(`--param ${word}: NAME=VALUE expected`);
    return [name, value] as const;
  });
  return Object.fromEntries(pairs);
}

async function main(): Promise<number> {
  let options: StartOptions;
  try {
    options = parseOptions(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  // With --json the words for people go elsewhere, so that the one line is the last.
  const screen = terminal({ stream: options.json ? process.stderr : process.stdout });
  const began = performance.now();
  const end = toldToEnd();
  screen.title('VPN certificate portal');
  let stack: Stack;
  try {
    // Only now: it brings everything with it, and words about options should not wait for that.
    const { startStack } = await import('./stack.ts');
    stack = await startStack({
      dataDir: options.dataDir,
      port: options.port,
      fresh: options.fresh,
      schedules: 'timers',
      vpn: 'auto',
      params: options.params,
      log: (entry) => printEntry(screen, entry),
    });
  } catch (error) {
    printFailure(screen, options, error);
    return 1;
  }
  // At AWS such a fault ends one sandbox, not the portal.
  process.on('unhandledRejection', (error) => screen.failed(`nobody awaited this failure: ${String(error)}`));
  printReady(screen, stack, performance.now() - began);
  if (options.json) process.stdout.write(`${JSON.stringify(summary(stack))}\n`);
  await end;
  return stop(screen, stack);
}

function printEntry(screen: Terminal, entry: StackLogEntry): void {
  switch (entry.kind) {
    case 'started':
      return screen.done(`${entry.what}  ${entry.where}`, entry.milliseconds);
    case 'answered':
      return screen.note(entry.line);
    case 'notice':
      return screen.note(`notice to ${entry.to}: ${entry.subject}`);
    case 'vpn':
      return screen.note(entry.text);
  }
}

function printFailure(screen: Terminal, options: StartOptions, error: unknown): void {
  screen.failed(error instanceof Error ? error.message : String(error));
  if (error instanceof PortInUseError) {
    screen.note(
      error.port === options.port
        ? 'Stop that program, or choose another port: PORT=4001 npm start'
        : 'Tokens and profiles remember this port. Stop that program, or begin anew: npm start -- --fresh',
    );
  } else if (error instanceof DataDirectoryInUseError) {
    screen.note(
      `Stop it (kill ${error.pid}), or keep this one's data elsewhere: npm start -- --data .local/second`,
    );
  } else {
    if (error instanceof Error && error.cause instanceof Error) screen.note(error.cause.message);
    screen.note(`What functions wrote: ${join(options.dataDir, FUNCTION_LOG)}`);
  }
}

function printReady(screen: Terminal, stack: Stack, milliseconds: number): void {
  if (stack.vpn.kind === 'tls') screen.warn(stack.vpn.words);
  screen.title(`Ready in ${duration(milliseconds)}`);
  screen.table([
    ['API', stack.apiUrl],
    ['sign-in', stack.issuer],
    ['VPN', `${Object.values(stack.endpoints).join(' and ')}, ${stack.vpn.words}`],
    ['HR secret', stack.hrSecret ?? 'none'],
    ['data', stack.dataDirectory],
    ['logs', stack.functionLogPath],
  ]);
  screen.title('Try');
  for (const { command, explanation } of nextSteps(stack)) screen.command(command, explanation);
  screen.title('Ctrl-C stops everything.');
}

const summary = (stack: Stack) => ({
  apiUrl: stack.apiUrl,
  issuer: stack.issuer,
  audience: stack.audience,
  endpointId: stack.endpointId,
  endpoints: stack.endpoints,
  vpn: stack.vpn.kind,
  hrSecret: stack.hrSecret,
  dataDirectory: stack.dataDirectory,
  pid: process.pid,
});

/** Resolves when the process is told to end, also while it is still starting; told twice, it ends at once. */
function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let wasTold = false;
    const onSignal = (): void => {
      if (wasTold) process.exit(1);
      wasTold = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

async function stop(screen: Terminal, stack: Stack): Promise<number> {
  screen.title('Stopping');
  try {
    await stack.close();
    screen.done('everything stopped');
    return 0;
  } catch (error) {
    screen.failed(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

process.exit(await main());
