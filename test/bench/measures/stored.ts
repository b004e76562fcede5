import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { createTable, startDynamoDb } from '../../../infra/local/dynamodb.ts';
import { revocationKey } from '../../../shared/adapters/dynamo/keys.ts';
import { chunksOf, documentClientFrom } from '../../../shared/adapters/dynamo/table.ts';
import { opensslGencrl, revokedCaDirectory } from '../authority.ts';
import type { Bench, Measure } from '../bench.ts';
import { cpuOf } from '../commands.ts';
import { revocationRows } from '../list-material.ts';
import { interleave } from '../rounds.ts';
import type { MeasuredRow } from '../row.ts';
import { BENCH_AWS, CA_ID, TABLE } from '../table.ts';

const COUNT = 20_000;
const AT_ONCE = 8;

/** Writes the rows as they lie once a list took them up. */
async function fill(endpoint: string): Promise<void> {
  const plain = new DynamoDBClient({ ...BENCH_AWS, endpoint });
  await createTable(plain, TABLE);
  const client = documentClientFrom(plain);
  const chunks = [...chunksOf(revocationRows(COUNT), 25)];
  const writeOn = async (): Promise<void> => {
    for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
      const puts = chunk.map(({ serialNumber, notAfter, revocationDate, reason }) => ({
        PutRequest: {
          Item: { ...revocationKey(CA_ID, notAfter, serialNumber), revocationDate, reason, crlNumber: 6 },
        },
      }));
      await client.send(new BatchWriteCommand({ RequestItems: { [TABLE]: puts } }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writeOn));
  plain.destroy();
}

async function measureStored(bench: Bench): Promise<MeasuredRow[]> {
  const directory = revokedCaDirectory(bench.directory, COUNT);
  const database = await startDynamoDb();
  try {
    bench.progress('20,000 rows into the embedded DynamoDB');
    await fill(database.endpoint);
    const worker = await bench.workers.start('stored', [directory, database.endpoint]);
    const cpu = async (): Promise<number> => (await worker.ask({ kind: 'list' }))['cpu'] ?? NaN;
    for (let run = 0; run < 6; run += 1) await cpu();
    const rounds = await interleave(
      bench.rounds(11, 5),
      { openssl: () => cpuOf(opensslGencrl(directory)), ours: cpu },
      (round) => bench.progress(`stored rows, round ${round}`),
    );
    await worker.close();
    return [
      {
        name: 'crl-20000-stored',
        title: '20,000 stored rows → read from the embedded DynamoDB → PEM, CPU of our process, warm',
        value: rounds.ratio('ours', 'openssl'),
        unit: 'x',
        better: 'lower',
        must: 0.7,
        aim: 0.3,
        peer: 'openssl ca -gencrl on the same rows, CPU of the process',
        figures: `${rounds.of('ours').toFixed(0)} ms : ${rounds.of('openssl').toFixed(0)} ms`,
      },
    ];
  } finally {
    await database.close();
  }
}

export const STORED_MEASURES: readonly Measure[] = [{ name: 'crl-stored', measure: measureStored }];
