import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { screen } from '../../infra/local/demo/presentation.ts';
import { runDemo as runStory } from '../../infra/local/demo/run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'demo-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What it left in its own temporary directory. */
  readonly files: readonly string[];
  /** Command lines of processes that still work there. */
  readonly processes: readonly string[];
}

/** Runs the demo in a temporary directory of its own, so that whatever it leaves is seen. */
function runDemo(name: string, args: readonly string[]) {
  const temporary = join(directory, name);
  mkdirSync(temporary);
  const child = spawn(process.execPath, ['infra/local/demo.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(([code]): Ended => {
    const files = readdirSync(temporary);
    return { code: code as number | null, out, err, files, processes: processesIn(temporary) };
  });
  return { child, ended };
}

function processesIn(path: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        return [readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    })
    .filter((commandLine) => commandLine.includes(path));
}

/** Resolves when the output has the text, or has ended. */
const shown = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve) => {
    let out = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes(text)) resolve();
    });
    child.once('close', () => resolve());
  });

describe('npm run demo', () => {
  const unknown = runDemo('unknown', ['--tsl']);

  // The whole story takes twelve seconds, most of them waiting: `.ci/run` tells it, over OpenVPN and over TLS. Here it
  // is begun, and interrupted.
  it('begins over mutual TLS if asked, says so first, and cleans up after Ctrl-C', async () => {
    const { child, ended } = runDemo('interrupted', ['--tls']);
    await shown(child, '✓  3');
    child.kill('SIGINT');
    const { out, ...rest } = await ended;
    // Of what fails here the story's own words say the most.
    expect(out).not.toContain('✗');
    const steps = out.match(/^ {2}[✓✗] +\d+ /gm)?.map((mark) => mark.trim().replaceAll(/ +/g, ' '));
    expect(steps).toEqual(['✓ 1', '✓ 2', '✓ 3']);
    expect(out.split('\n', 1)[0]).toContain('mutual TLS in place of OpenVPN');
    expect(rest).toEqual({ code: 130, err: '', files: [], processes: [] });
  }, 60_000);

  it('takes no unknown option', async () => {
    const { code, out, err } = await unknown.ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('npm run demo -- [options]');
  });
});

it('a story that breaks is not ok, and says at which step and why', async () => {
  let text = '';
  const display = screen({ stream: { write: (more) => (text += more) }, env: {} });
  const start = () => Promise.reject(new Error('there is no free port'));
  const report = await runStory({ tls: true, start }, display, new AbortController().signal);
  expect(report).toMatchObject({
    ok: false,
    backend: 'tls',
    steps: [{ name: 'start', ok: false, observed: {}, seen: 'there is no free port' }],
  });
  expect(text).toContain('seen:     there is no free port');
  expect(text.trimEnd().split('\n').at(-1)).toMatch(/✗ not observed: step 1, start .* mutual TLS in place/);
});
