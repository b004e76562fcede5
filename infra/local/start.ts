import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startStack, type Stack, type StackLogEntry } from './stack.ts';
import { DataDirectoryInUseError } from './stack/data-directory.ts';
import { nextSteps } from './stack/next-steps.ts';
import { PortInUseError } from './stack/ports.ts';
import { duration, terminal, type Terminal } from './terminal.ts';

const DEFAULT_PORT = 4000;
const DEFAULT_DATA_DIRECTORY = fileURLToPath(new URL('../../.local', import.meta.url));

const USAGE = `npm start -- [options]
  --fresh       begin anew: forget the CA, certificates and lists of earlier starts
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
    },
  });
  const port = env['PORT'] ?? String(DEFAULT_PORT);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`PORT=${port} is not a port`);
  const { fresh, json, help } = values;
  const given = values.data ?? env['DATA_DIR'] ?? '';
  return {
    dataDir: given === '' ? DEFAULT_DATA_DIRECTORY : resolve(given),
    port: Number(port),
    fresh,
    json,
    help,
  };
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
  screen.title('VPN certificate portal');
  let stack: Stack;
  try {
    stack = await startStack({
      dataDir: options.dataDir,
      port: options.port,
      fresh: options.fresh,
      schedules: 'timers',
      vpn: 'auto',
      log: (entry) => printEntry(screen, entry),
    });
  } catch (error) {
    printFailure(screen, error);
    return 1;
  }
  printReady(screen, stack, performance.now() - began);
  if (options.json) process.stdout.write(`${JSON.stringify(summary(stack))}\n`);
  return untilStopped(screen, stack);
}

function printEntry(screen: Terminal, entry: StackLogEntry): void {
  switch (entry.kind) {
    case 'started':
      return screen.done(`${entry.what}  ${entry.where}`, entry.milliseconds);
    case 'answered':
      return screen.note(entry.line);
    case 'vpn':
      return screen.note(entry.text);
  }
}

function printFailure(screen: Terminal, error: unknown): void {
  screen.failed(error instanceof Error ? error.message : String(error));
  if (error instanceof PortInUseError) {
    screen.note('Stop that program, or choose another port: PORT=4001 npm start');
  } else if (error instanceof DataDirectoryInUseError) {
    screen.note(
      `Stop it (kill ${error.pid}), or keep this one's data elsewhere: npm start -- --data .local/second`,
    );
  } else if (error instanceof Error && error.cause !== undefined) {
    screen.note(
      error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : JSON.stringify(error.cause),
    );
  }
}

function printReady(screen: Terminal, stack: Stack, milliseconds: number): void {
  if (stack.vpn.kind === 'tls') screen.warn(stack.vpn.words);
  screen.title(`Ready in ${duration(milliseconds)}`);
  screen.table([
    ['API', stack.apiUrl],
    ['sign-in', stack.issuer],
    ['VPN', `${stack.endpointId}, ${stack.vpn.words}`],
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
  vpn: stack.vpn.kind,
  hrSecret: stack.hrSecret,
  dataDirectory: stack.dataDirectory,
  pid: process.pid,
});

/** Runs until it is told to end; being told twice ends it at once. */
function untilStopped(screen: Terminal, stack: Stack): Promise<number> {
  return new Promise((resolvePromise) => {
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) process.exit(1);
      isStopping = true;
      screen.title('Stopping');
      stack.close().then(
        () => {
          screen.done('everything stopped');
          resolvePromise(0);
        },
        (error: unknown) => {
          printFailure(screen, error);
          resolvePromise(1);
        },
      );
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
}

process.exit(await main());
