import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A command line with where it runs. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** What one run of a command took, its children included. */
export interface CommandTimes {
  readonly cpuMilliseconds: number;
  readonly wallMilliseconds: number;
}

/** Debian installs easy-rsa aside. */
const ASIDE = ['/usr/share/easy-rsa'];

/** @returns where a program is; undefined where it is not installed */
export function programPath(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...ASIDE];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

/** The first line that a program says about its version. */
export function versionOf(file: string, ...args: string[]): string {
  const { stdout } = spawnSync(file, args, { encoding: 'utf8' });
  return (stdout ?? '').split('\n')[0]?.trim() ?? '';
}

/**
 * Runs a command as a process of its own and asks the operating system what it took. bash does the asking: Node tells
 * of no other process than itself, and `time` of bash counts in milliseconds.
 *
 * @throws Error with what it said, when it fails
 */
export async function timeCommand({ file, args, env, cwd }: Command): Promise<CommandTimes> {
  const script = 'TIMEFORMAT="%3U %3S %3R"; exec 3>&2; { time "$@" >&3 2>&3; } 2>&1';
  const child = spawn('bash', ['-c', script, 'bash', file, ...args], {
    env: { ...process.env, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let times = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (times += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${said.trim()}`);
  const [user = NaN, system = NaN, wall = NaN] = times.trim().split(' ').map(Number);
  if (Number.isNaN(wall)) throw new Error(`bash told no times of ${file}: ${times}`);
  return { cpuMilliseconds: (user + system) * 1000, wallMilliseconds: wall * 1000 };
}

export const cpuOf = async (command: Command): Promise<number> =>
  (await timeCommand(command)).cpuMilliseconds;
