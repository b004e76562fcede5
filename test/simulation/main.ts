import { parseArgs } from 'node:util';
import { terminal } from '../../infra/local/terminal.ts';
import { simulate, type RunResult } from './simulate.ts';

const HELP = `npm run simulate -- [--seeds N] [--from S] [--first] [--json]

Runs the portal under crashes, lost answers, duplicates, delays, throttling and lies, one run for each seed, and
holds every step against what must always hold. The same seed is the same run.

  --seeds N   how many seeds (200)
  --from S    the first of them (1)
  --first     ends at the first that fails
  --json      one line of JSON, the last on standard output

Ends with 1 when an invariant did not hold, and tells that run's story step by step; with 2 for wrong arguments.`;

interface Asked {
  readonly seeds: number;
  readonly from: number;
  readonly first: boolean;
  readonly json: boolean;
}

const PROGRESS_MILLISECONDS = 500;

function parse(args: readonly string[]): Asked | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      first: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [seeds, from] = [Number(values.seeds), Number(values.from)];
  if (values.help || !Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from) || from < 0)
    return undefined;
  return { seeds, from, first: values.first, json: values.json };
}

async function main(args: readonly string[]): Promise<number> {
  let asked: Asked | undefined;
  try {
    asked = parse(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n`);
  }
  if (asked === undefined) {
    process.stderr.write(`${HELP}\n`);
    return args.includes('--help') ? 0 : 2;
  }
  const began = performance.now();
  const failed: RunResult[] = [];
  let [steps, seeds] = [0, 0];
  const progress = progressTo(process.stderr);
  for (let seed = asked.from; seed < asked.from + asked.seeds; seed += 1) {
    const result = await simulate(seed);
    steps += result.steps;
    seeds += 1;
    if (result.violations.length > 0) failed.push(result);
    progress(`${seeds} of ${asked.seeds} seeds, ${failed.length} failed`);
    if (asked.first && failed.length > 0) break;
  }
  progress(undefined);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  if (asked.json) tellJson({ seeds, steps, seconds }, failed);
  else await tellPeople({ seeds, steps, seconds }, failed);
  return failed.length > 0 ? 1 : 0;
}

interface Totals {
  readonly seeds: number;
  readonly steps: number;
  readonly seconds: number;
}

function tellJson(totals: Totals, failed: readonly RunResult[]): void {
  const failures = failed.map(({ seed, hash, violations }) => ({ seed, hash, violations }));
  process.stdout.write(`${JSON.stringify({ ok: failed.length === 0, ...totals, failed: failures })}\n`);
}

/** Of several that failed, the shortest story is told. */
async function tellPeople({ seeds, steps, seconds }: Totals, failed: readonly RunResult[]): Promise<void> {
  const out = terminal({ stream: process.stdout });
  const told = [...failed].sort((one, other) => one.steps - other.steps)[0];
  if (told === undefined) return out.done(`${seeds} seeds, ${steps} steps in ${seconds} s: everything held`);
  out.title(`Seed ${told.seed}, step by step`);
  for (const line of (await simulate(told.seed, { isTold: true })).story()) out.plain(line);
  out.title(`${failed.length} of ${seeds} seeds failed`);
  for (const { seed, violations } of failed) {
    for (const { invariant, rule, words } of violations) {
      out.failed(`seed ${seed}: ${words}`);
      out.note(`invariant ${invariant}: ${rule}`);
    }
  }
  out.command(`npm run simulate -- --seeds 1 --from ${told.seed}`, 'the same run again');
}

/** One line that is written over, on a terminal only. */
function progressTo(stream: NodeJS.WriteStream): (words: string | undefined) => void {
  let told = 0;
  return (words) => {
    if (!stream.isTTY || (words !== undefined && performance.now() - told < PROGRESS_MILLISECONDS)) return;
    told = performance.now();
    stream.write(`\r\u001b[K${words ?? ''}`);
  };
}

process.exitCode = await main(process.argv.slice(2));
