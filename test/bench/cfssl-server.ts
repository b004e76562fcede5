import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CONFIGURATION = {
  signing: {
    default: { expiry: '4320h' },
    profiles: {
      client: { usages: ['digital signature', 'key encipherment', 'client auth'], expiry: '4320h' },
    },
  },
};
const READY_WITHIN_MILLISECONDS = 10_000;
/** What the kernel counts a process's time in, on every Linux. */
const TICKS_PER_SECOND = 100;

export interface CfsslServer {
  readonly signUrl: string;
  /** All that it has taken so far. */
  cpuMilliseconds(): number;
  close(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(!socket.destroy().connecting));
    socket.once('error', () => resolve(false));
  });

/** @param directory holds `ca.crt` and `ca.key` */
export async function startCfssl(cfssl: string, directory: string): Promise<CfsslServer> {
  const configuration = join(directory, 'cfssl.json');
  writeFileSync(configuration, JSON.stringify(CONFIGURATION));
  const port = await freePort();
  const ca = ['-ca', 'ca.crt', '-ca-key', 'ca.key', '-config', configuration];
  const args = ['serve', '-address', '127.0.0.1', '-port', String(port), '-loglevel', '5', ...ca];
  const child = spawn(cfssl, args, { cwd: directory, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const until = performance.now() + READY_WITHIN_MILLISECONDS;
  while (!(await accepts(port))) {
    if (performance.now() > until || child.exitCode !== null) throw new Error('cfssl serve does not listen');
    await sleep(20);
  }
  return {
    signUrl: `http://127.0.0.1:${port}/api/v1/cfssl/sign`,
    cpuMilliseconds() {
      // proc(5): utime and stime are the 14th and 15th, counted behind the name in parentheses.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
    },
    async close() {
      child.kill();
      await ended;
    },
  };
}
