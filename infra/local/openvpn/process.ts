import { spawn } from 'node:child_process';

/** Debian installs openvpn where an ordinary user's PATH does not look. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`,
});

const STOP_GRACE_MS = 2_000;

export interface OpenVpnProcess {
  readonly pid: number | undefined;
  /** Settles once, when the process is gone. */
  readonly exited: Promise<void>;
  /** Asks it to end, then makes it end. */
  stop(): Promise<void>;
}

/**
 * Starts `openvpn` with a configuration on its standard input, so that private keys never lie in a file.
 *
 * @param onLine every line that it logs
 */
export function startOpenVpn(
  configuration: string,
  onLine: (line: string) => void,
  extra: readonly string[] = [],
): OpenVpnProcess {
  const child = spawn('openvpn', ['--config', 'stdin', '--suppress-timestamps', ...extra], {
    env: environment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C reaches every process of the terminal's group: we end first, and openvpn with us.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      onLine(`openvpn could not be started: ${error.message}`);
      resolve();
    });
    child.once('close', () => resolve());
  });
  for (const stream of [child.stdout, child.stderr]) splitLines(stream, onLine);
  child.stdin.on('error', () => undefined);
  child.stdin.end(configuration);
  return {
    pid: child.pid,
    exited,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Runs `openvpn` with arguments only. @returns its exit code (undefined: not there) and what it said */
export function runOpenVpn(args: readonly string[]): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('openvpn', args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    }
    child.once('error', (error) => resolve({ code: undefined, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Calls back for each whole line, without its end. */
export function splitLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string | Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.trimEnd());
  });
}
