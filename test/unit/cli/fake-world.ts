import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../../cli/run.ts';
import type { World } from '../../../cli/world.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output, when `--json` was asked for. */
  json(): unknown;
}

/** A person's machine: her own directories, an environment, and nobody at the terminal unless `ask` is given. */
export interface FakeMachine {
  readonly directory: string;
  run(args: readonly string[], changes?: Partial<World>): Promise<CommandResult>;
  remove(): void;
}

export function fakeMachine(env: Record<string, string> = {}): FakeMachine {
  const directory = mkdtempSync(join(tmpdir(), 'cli-'));
  mkdirSync(join(directory, 'home'));
  const world = {
    env,
    workingDirectory: directory,
    filesDirectory: directory,
    homeDirectory: join(directory, 'home'),
    hostname: 'laptop.example.com',
    ask: undefined,
    now: () => Date.now(),
    sleep: async () => undefined,
  };
  return {
    directory,
    async run(args, changes = {}) {
      let stdout = '';
      let stderr = '';
      const exitCode = await runCommandLine(args, {
        ...world,
        stdout: { write: (text) => void (stdout += text) },
        stderr: { write: (text) => void (stderr += text) },
        ...changes,
      });
      const json = (): unknown => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      return { exitCode, stdout, stderr, json };
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}
