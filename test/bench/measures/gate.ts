import type { Bench, Measure } from '../bench.ts';
import { median } from '../rounds.ts';
import type { MeasuredRow } from '../row.ts';
import { startSourceWorker, type Answer } from '../workers.ts';

const PER_ROUND = 400;

async function measureGate(bench: Bench): Promise<MeasuredRow[]> {
  const worker = startSourceWorker(bench.root, 'gate');
  const rounds: Answer[] = [];
  const count = bench.rounds(9, 3);
  await worker.ask({ count: PER_ROUND });
  for (let round = 1; round <= count; round += 1) {
    bench.progress(`gate, round ${round}`);
    rounds.push(await worker.ask({ count: PER_ROUND }));
  }
  await worker.close();
  const of = (name: string): number => median(rounds.map((answer) => answer[name] ?? NaN));
  const common = {
    must: null,
    aim: null,
    peer: null,
    figures: 'two reads of the embedded DynamoDB, log and metrics included',
  };
  const title = 'gate: decision with its two reads';
  return [
    { ...common, name: 'gate-p50', title: `${title}, p50`, value: of('p50'), unit: 'ms', better: 'lower' },
    { ...common, name: 'gate-p99', title: `${title}, p99`, value: of('p99'), unit: 'ms', better: 'lower' },
    {
      ...common,
      name: 'gate-per-core-second',
      title: `${title}, per second on one core`,
      value: PER_ROUND / (of('cpu') / 1000),
      unit: '/s',
      better: 'higher',
    },
  ];
}

export const GATE_MEASURES: readonly Measure[] = [{ name: 'gate', measure: measureGate }];
