import { homedir, hostname } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ScreenStream } from './terminal/screen.ts';

/** How a person starts this program, for lines to copy. */
export const PROGRAM = 'npm run -s cli --';

const NAME = 'vpn-certificate-portal';

/** Everything of the surroundings that a command may depend on. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: ScreenStream;
  readonly stderr: ScreenStream;
  /** Where the local stack is looked for. */
  readonly workingDirectory: string;
  /** Where names of files start. */
  readonly filesDirectory: string;
  readonly homeDirectory: string;
  readonly hostname: string;
  /** Asks whoever sits at the terminal; undefined where nobody does. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** The surroundings of this process. */
export function worldOf({ env, stdin, stdout, stderr }: NodeJS.Process): World {
  // npm changes into the project; whoever runs a script through it means files where she stands.
  const { INIT_CWD: startDirectory, npm_lifecycle_event: script } = env;
  const isInteractive = stdin.isTTY && stderr.isTTY;
  return {
    env,
    stdout,
    stderr,
    workingDirectory: process.cwd(),
    filesDirectory: script === 'cli' && startDirectory !== undefined ? startDirectory : process.cwd(),
    homeDirectory: homedir(),
    hostname: hostname(),
    ask: isInteractive ? (question) => askAt(stdin, stderr, question) : undefined,
    now: () => Date.now(),
    sleep: (milliseconds) => pause(milliseconds),
  };
}

/** @returns what was typed; empty when the input ends without an answer */
async function askAt(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  question: string,
): Promise<string> {
  const lines = createInterface({ input, output });
  try {
    const ended = new Promise<string>((answer) =>
      lines.once('close', () => {
        output.write('\n');
        answer('');
      }),
    );
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.removeAllListeners('close');
    lines.close();
  }
}

/** XDG Base Directory Specification: a relative path in a variable is to be passed over. */
const baseDirectory = ({ env, homeDirectory }: World, variable: string, fallback: string): string => {
  const given = env[variable];
  return given !== undefined && isAbsolute(given) ? given : join(homeDirectory, fallback);
};

/** Where tokens are kept. */
export const configDirectory = (world: World): string =>
  join(baseDirectory(world, 'XDG_CONFIG_HOME', '.config'), NAME);

/** Where unfinished enrolments are kept. */
export const stateDirectory = (world: World): string =>
  join(baseDirectory(world, 'XDG_STATE_HOME', '.local/state'), NAME);

/** A file as its user named it. */
export const filePath = ({ filesDirectory }: World, name: string): string => resolve(filesDirectory, name);
