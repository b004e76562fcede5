import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isColourWanted, terminal, type Terminal } from '../../infra/local/terminal.ts';
import type { Bench, Measure } from './bench.ts';
import { BUNDLE_MEASURES } from './measures/bundles.ts';
import { GATE_MEASURES } from './measures/gate.ts';
import { ISSUE_SERVER_MEASURES } from './measures/issue-server.ts';
import { ISSUE_MEASURES } from './measures/issue.ts';
import { LIST_MEASURES } from './measures/lists.ts';
import { OFFBOARDING_MEASURES } from './measures/offboarding.ts';
import { STORED_MEASURES } from './measures/stored.ts';
import { chosen, parseBenchOptions, USAGE, type BenchOptions } from './options.ts';
import { jsonOf, machine, markdownOf, printRows } from './report.ts';
import { verdictOf, type MeasuredRow } from './row.ts';
import { bundleWorkers } from './workers.ts';

/** `npm run bench`: each measure beside its peer, in the same run. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKERS = ['lists', 'index-to-crl', 'stored', 'issue', 'issue-api'];
const MEASURES: readonly Measure[] = [
  ...LIST_MEASURES,
  ...STORED_MEASURES,
  ...ISSUE_MEASURES,
  ...ISSUE_SERVER_MEASURES,
  ...BUNDLE_MEASURES,
  ...GATE_MEASURES,
  ...OFFBOARDING_MEASURES,
];

async function main(): Promise<number> {
  let options: BenchOptions;
  let measures: readonly Measure[];
  try {
    options = parseBenchOptions(process.argv.slice(2));
    measures = chosen(MEASURES, options.only);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const stream = options.json || options.markdown ? process.stderr : process.stdout;
  const screen = terminal({ stream });
  screen.title(`Benchmarks on ${machine()}`);
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const { rows, failures } = await measureAll(measures, options, directory, screen);
    screen.title('Results');
    printRows(rows, isColourWanted({ stream }), (text) => stream.write(text));
    const missed = rows.filter((row) => verdictOf(row) === 'not met');
    if (missed.length > 0) screen.warn(`not met: ${missed.map(({ name }) => name).join(', ')}`);
    if (options.markdown) process.stdout.write(markdownOf(rows, new Date()));
    if (options.json) process.stdout.write(`${jsonOf(rows)}\n`);
    return failures > 0 || (options.strict && missed.length > 0) ? 1 : 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureAll(
  measures: readonly Measure[],
  { quick }: BenchOptions,
  directory: string,
  screen: Terminal,
): Promise<{ rows: MeasuredRow[]; failures: number }> {
  const isTerminal = process.stderr.isTTY === true;
  const bench: Bench = {
    workers: await bundleWorkers(ROOT, directory, WORKERS),
    directory,
    root: ROOT,
    quick,
    rounds: (usually, few) => (quick ? few : usually),
    // One line that is written over again and again: in a file it would be noise.
    progress: (text) => void (isTerminal && process.stderr.write(`\r\x1b[2K  ${text} `)),
    notice: (text) => screen.warn(text),
  };
  const rows: MeasuredRow[] = [];
  let failures = 0;
  for (const { name, measure } of measures) {
    const began = performance.now();
    try {
      rows.push(...(await measure(bench)));
      if (isTerminal) process.stderr.write('\r\x1b[2K');
      screen.done(name, performance.now() - began);
    } catch (error) {
      failures += 1;
      screen.failed(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { rows, failures };
}

process.exitCode = await main();
