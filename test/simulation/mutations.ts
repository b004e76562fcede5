import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { terminal, type Terminal } from '../../infra/local/terminal.ts';
import { MUTATIONS, type Mutation } from './mutation-list.ts';

/** As many copies of the tree as there are cores to run on. */
const COPIES = 2;
const MOST_SEEDS = 2_000;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = ['shared', 'test', 'infra', 'package.json', 'tsconfig.json'];

interface Outcome {
  readonly name: string;
  readonly found: boolean;
  readonly invariant?: number;
  readonly words?: string;
  /** How many seeds it took. */
  readonly seeds?: number;
  readonly fault?: string;
}

/** Applies one mutation to a copy, simulates until it is found, and takes it back. */
async function tryMutation(copy: string, { name, file, search, replace }: Mutation): Promise<Outcome> {
  const path = join(copy, file);
  const text = await readFile(path, 'utf8');
  const parts = text.split(search);
  if (parts.length !== 2) {
    const fault = `its text is found ${parts.length - 1} times in ${file}: bring test/simulation/mutation-list.ts up to date`;
    return { name, found: false, fault };
  }
  await writeFile(path, parts.join(replace));
  try {
    return { name, ...(await simulateIn(copy)) };
  } finally {
    await writeFile(path, text);
  }
}

async function simulateIn(copy: string): Promise<Omit<Outcome, 'name'>> {
  const { output, errors } = await run(copy, [
    'test/simulation/main.ts',
    ...['--seeds', String(MOST_SEEDS), '--first', '--json'],
  ]);
  const last = output.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{'))
    return { found: false, fault: `it does not run: ${errors.trim().slice(0, 300)}` };
  const { ok, seeds, failed } = JSON.parse(last) as {
    ok: boolean;
    seeds: number;
    failed: { violations: { invariant: number; words: string }[] }[];
  };
  const violation = failed[0]?.violations[0];
  if (ok || violation === undefined) return { found: false, seeds };
  return { found: true, invariant: violation.invariant, words: violation.words, seeds };
}

function run(cwd: string, args: readonly string[]): Promise<{ output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve({ output, errors }));
  });
}

async function copyOf(directory: string): Promise<string> {
  const copy = await mkdtemp(join(directory, 'tree-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(copy, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const HELP = `npm run mutate -- [--only WORDS] [--json]

Breaks the code in one way after the other, each in a copy of the tree, and simulates until that is noticed.

  --only WORDS   the mutations whose names have these words
  --json         one line of JSON, the last on standard output

Ends with 1 when one was not found, or does not apply any more; with 2 for wrong arguments.`;

interface Asked {
  readonly mutations: readonly Mutation[];
  readonly json: boolean;
}

/** @throws TypeError in words for an unknown option, Error for mutations that there are not */
function parse(args: readonly string[]): Asked | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const mutations = MUTATIONS.filter(({ name }) => name.includes(values.only));
  if (mutations.length === 0) throw new Error(`no mutation's name has "${values.only}"`);
  return { mutations, json: values.json };
}

/** Tries all of them, two at a time. @throws Error where something is found in the code as it is */
async function tryAll(mutations: readonly Mutation[], out: Terminal): Promise<Outcome[]> {
  const directory = await mkdtemp(join(tmpdir(), 'mutations-'));
  const left = [...mutations];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    const copy = await copyOf(directory);
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const outcome = await tryMutation(copy, next);
      outcomes.push(outcome);
      tell(outcome, out);
    }
  };
  try {
    // What is found in the code as it is would say nothing of a mutation.
    const unchanged = await simulateIn(await copyOf(directory));
    if (unchanged.found || unchanged.fault !== undefined) {
      throw new Error(`the code as it is: ${unchanged.words ?? unchanged.fault ?? ''}`);
    }
    out.done(`the code as it is: nothing found in ${unchanged.seeds} seeds`);
    await Promise.all(Array.from({ length: COPIES }, worker));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return outcomes;
}

function tell({ name, found, invariant, words, seeds, fault }: Outcome, out: Terminal): void {
  if (!found) {
    out.failed(`${name}: ${fault ?? `not found in ${seeds} seeds`}`);
    return;
  }
  out.done(`${name}: found by invariant ${invariant} in ${seeds} seeds`);
  out.note(words ?? '');
}

async function main(args: readonly string[]): Promise<number> {
  let asked: Asked | undefined;
  try {
    asked = parse(args);
  } catch (error) {
    process.stderr.write(`${wordsOf(error)}\n\n`);
  }
  if (asked === undefined) {
    process.stderr.write(`${HELP}\n`);
    return args.includes('--help') ? 0 : 2;
  }
  const out = terminal({ stream: asked.json ? process.stderr : process.stdout });
  const began = performance.now();
  const outcomes = await tryAll(asked.mutations, out);
  const survived = outcomes.filter(({ found }) => !found);
  const seconds = Math.round((performance.now() - began) / 1000);
  out.title(`${outcomes.length - survived.length} of ${outcomes.length} mutations found, in ${seconds} s`);
  if (asked.json)
    process.stdout.write(`${JSON.stringify({ ok: survived.length === 0, seconds, mutations: outcomes })}\n`);
  return survived.length > 0 ? 1 : 0;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${wordsOf(error)}\n`);
  return 1;
});
