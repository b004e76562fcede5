import type { Bench, Measure } from '../bench.ts';
import type { MeasuredRow } from '../row.ts';
import { startSourceWorker } from '../workers.ts';

const CROWDS = [1, 100, 5_000];
const STORED = [1_000, 20_000];
const TIMES = {
  deniedP50: 'event received → denied, p50',
  deniedP99: 'event received → denied, p99',
  cutP50: 'event received → connection ended, p50',
  cutP99: 'event received → connection ended, p99',
  revoked: 'every certificate has its row for the list, for all of them',
} as const;
const REPORTED = { better: 'lower', must: null, aim: null, peer: null } as const;

async function measureOffboarding(bench: Bench): Promise<MeasuredRow[]> {
  const rows: MeasuredRow[] = [];
  const crowds = bench.quick ? CROWDS.slice(0, 2) : CROWDS;
  for (const leavers of crowds) {
    bench.progress(`offboarding of ${leavers}`);
    const worker = startSourceWorker(bench.root, 'offboarding');
    const seen = await worker.ask({ kind: 'times', leavers });
    await worker.close();
    for (const [name, title] of Object.entries(TIMES)) {
      const words = name.replace('P', '-p').toLowerCase();
      const figures = 'eight events at a time, embedded DynamoDB';
      const row = { name: `offboarding-${leavers}-${words}`, title: `${leavers} leave: ${title}`, figures };
      rows.push({ ...REPORTED, ...row, value: seen[name] ?? NaN, unit: 'ms' });
    }
  }
  for (const stored of STORED) {
    bench.progress(`calls for one leaver of ${stored}`);
    const worker = startSourceWorker(bench.root, 'offboarding');
    const { calls = NaN } = await worker.ask({ kind: 'calls', stored });
    await worker.close();
    const figures = 'counted, over the simulated table';
    const title = `calls of the store for one leaver of ${stored} people, from the event to the row of the list`;
    rows.push({
      ...REPORTED,
      name: `offboarding-calls-${stored}`,
      title,
      figures,
      value: calls,
      unit: 'calls',
    });
  }
  return rows;
}

export const OFFBOARDING_MEASURES: readonly Measure[] = [
  { name: 'offboarding', measure: measureOffboarding },
];
