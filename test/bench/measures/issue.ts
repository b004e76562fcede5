import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { caDirectory } from '../authority.ts';
import type { Bench, Measure } from '../bench.ts';
import { requestsFor } from '../key-pool.ts';
import { interleave } from '../rounds.ts';
import type { MeasuredRow } from '../row.ts';

const REQUESTS = 60;
const PER_ROUND = 300;

async function measureIssue(bench: Bench): Promise<MeasuredRow[]> {
  const directory = caDirectory(join(bench.directory, 'ca'));
  const requestFile = join(directory, 'requests.json');
  writeFileSync(requestFile, JSON.stringify(await requestsFor(REQUESTS)));
  const worker = await bench.workers.start('issue', [directory, requestFile]);
  const perSecond = async (kind: string): Promise<number> =>
    PER_ROUND / (((await worker.ask({ kind, count: PER_ROUND }))['cpu'] ?? NaN) / 1000);
  for (const kind of ['raw', 'issue', 'issue', 'issue']) await perSecond(kind);
  const rounds = await interleave(
    bench.rounds(21, 7),
    { raw: () => perSecond('raw'), issue: () => perSecond('issue') },
    (round) => bench.progress(`issue, round ${round}`),
  );
  await worker.close();
  return [
    {
      name: 'issue',
      title: 'CSR → certificate, with key policy, lints and the check of our own signature; local key',
      value: rounds.ratio('issue', 'raw'),
      unit: 'x',
      better: 'higher',
      must: 0.33,
      aim: 0.6,
      peer: 'raw RSA-2048 signatures by node:crypto, both per core-second',
      figures: `${rounds.of('issue').toFixed(0)} : ${rounds.of('raw').toFixed(0)} per core-second`,
    },
  ];
}

export const ISSUE_MEASURES: readonly Measure[] = [{ name: 'issue', measure: measureIssue }];
