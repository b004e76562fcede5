import { fork, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as z from 'zod';

/** What a worker is asked, and answers: text and numbers. */
export type Question = Readonly<Record<string, string | number | boolean>>;
const answer = z.union([
  z.strictObject({ failed: z.string() }),
  z.strictObject({ done: z.record(z.string(), z.number()) }),
]);
export type Answer = Readonly<Record<string, number>>;

/** A process that stays, so that what it does is done warm. */
export interface Worker {
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

export interface Workers {
  start(name: string, args?: readonly string[], nodeOptions?: readonly string[]): Promise<Worker>;
}

/** No loader, no debugger, no warnings: Node as it comes. */
const bareEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_OPTIONS: '',
  NODE_COMPILE_CACHE: '',
});

/**
 * Bundles the workers as functions are bundled for AWS, so that what is measured is loaded as it is there. Each runs
 * in a process of its own.
 */
export async function bundleWorkers(
  root: string,
  directory: string,
  names: readonly string[],
): Promise<Workers> {
  await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `test/bench/workers/${name}.ts`, out: name })),
    outdir: directory,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    banner: {
      js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return {
    start: async (name, args = [], nodeOptions = []) =>
      workerOf(
        fork(join(directory, `${name}.mjs`), args, {
          execArgv: [...nodeOptions],
          env: bareEnvironment(),
          stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        }),
      ),
  };
}

/** A worker that is not bundled, since it loads the project's own sources when it runs. */
export const startSourceWorker = (root: string, name: string, args: readonly string[] = []): Worker =>
  workerOf(
    fork(join(root, `test/bench/workers/${name}.ts`), args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    }),
  );

function workerOf(child: ChildProcess): Worker {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const onEnd = (): void => reject(new Error(`a worker ended: ${said.trim()}`));
        if (child.exitCode !== null || child.signalCode !== null) return onEnd();
        child.once('exit', onEnd);
        child.once('message', (message) => {
          child.off('exit', onEnd);
          const given = answer.parse(message);
          if ('failed' in given) reject(new Error(given.failed));
          else resolve(given.done);
        });
        child.send(question, (error) => error && reject(error));
      }),
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** Runs a module in a fresh Node. @returns wall time in milliseconds, from before it is started until it is gone */
export async function timeFreshNode(file: string, env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${file} failed: ${said.slice(-2_000)}`);
  return performance.now() - began;
}
