import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'start-test-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

const script = (name: string, args: readonly string[], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [join('infra/local', name), ...args], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', DATA_DIR: directory, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return { child, ended };
};
const run = (name: string, args: readonly string[], env?: Record<string, string>) =>
  script(name, args, env).ended;

/** What a process has started and what still runs of it. */
const childrenOf = (pid: number): { pid: number; name: string }[] =>
  readdirSync('/proc').flatMap((entry) => {
    const stat = statOf(entry);
    return stat?.parent === pid ? [{ pid: Number(entry), name: stat.name }] : [];
  });

const isRunning = ({ pid }: { pid: number }): boolean => (statOf(String(pid))?.state ?? 'Z') !== 'Z';

/** proc(5): number, name in brackets, state, parent. */
function statOf(entry: string): { name: string; state: string; parent: number } | undefined {
  if (!/^\d+$/.test(entry)) return undefined;
  try {
    const text = readFileSync(`/proc/${entry}/stat`, 'utf8');
    const [, name = '', state = '', parent = ''] = /\((.*)\) (\S) (\d+)/.exec(text) ?? [];
    return { name, state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

const ready = async (child: ChildProcess) => {
  if (child.stdout === null) throw new Error('no output');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return summary.parse(JSON.parse(line.toString()));
};

const summary = z.object({
  apiUrl: z.string(),
  endpointId: z.string(),
  dataDirectory: z.string(),
  pid: z.number(),
});

describe('npm start', () => {
  it('runs everything, lets others have tokens, and keeps others off its data; ended by force it leaves no child, and begun again it finds everything', async () => {
    const first = script('start.ts', ['--json']);
    const stack = await ready(first.child);
    expect(stack.dataDirectory).toBe(directory);
    const children = childrenOf(stack.pid);
    expect(children.map(({ name }) => name)).toContain('dynoxide');

    const [token, stranger, second] = await Promise.all([
      run('token.ts', ['alice']),
      run('token.ts', ['nobody']),
      run('start.ts', []),
    ]);
    expect(token).toMatchObject({ code: 0, err: '' });
    const headers = { authorization: `Bearer ${token.out.trim()}` };
    const response = await fetch(`${stack.apiUrl}/v1/me`, { headers });
    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ login: 'alice' }),
    ]);
    expect(stranger).toMatchObject({ code: 1, out: '' });
    expect(stranger.err).toContain('people are alice, bob, carol');
    expect(second.code).toBe(1);
    expect(second.out).toContain(`a stack runs on ${directory} already, as process ${stack.pid}`);

    first.child.kill('SIGKILL');
    await first.ended;
    for (let tries = 0; tries < 40 && children.some(isRunning); tries += 1) await sleep(50);
    expect(children.filter(isRunning)).toEqual([]);

    const again = script('start.ts', ['--json']);
    const restarted = await ready(again.child);
    expect(restarted.endpointId).toBe(stack.endpointId);
    again.child.kill('SIGTERM');
    const { code, out } = await again.ended;
    expect(code).toBe(0);
    // The one line of JSON stayed the last.
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(childrenOf(restarted.pid)).toEqual([]);
    expect(readdirSync(directory)).not.toContain('stack.lock');
  }, 30_000);

  it('says in words why it cannot start, or what it takes', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const [taken, unknown, badPort, noStack] = await Promise.all([
      run('start.ts', ['--data', join(directory, 'other')], { PORT: String(port) }),
      run('start.ts', ['--unknown']),
      run('start.ts', [], { PORT: 'http' }),
      run('token.ts', ['alice', '--data', join(directory, 'none')]),
    ]);
    other.close();
    expect(taken.code).toBe(1);
    expect(taken.out).toContain(`port ${port} on 127.0.0.1, for the API, is in use by another program`);
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.err).toContain('--fresh');
    expect(badPort).toMatchObject({ code: 2, out: '' });
    expect(badPort.err).toContain('PORT=http is not a port');
    expect(noStack).toMatchObject({ code: 1, out: '' });
    expect(noStack.err).toContain('start one with: npm start');
  }, 30_000);
});
