import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ENFORCE } from '../../../shared/domain/gate-policy.ts';
import { gateHandler } from '../../../functions/gate/handler.ts';
import { createTable, startDynamoDb } from '../../../infra/local/dynamodb.ts';
import { documentClientFrom } from '../../../shared/adapters/dynamo/table.ts';
import { issueCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { dynamoStores } from '../../support/embedded-dynamodb.ts';
import { callerOf } from '../../support/world.ts';
import { testKey } from '../../unit/x509/fixtures.ts';
import { publicKeySha256HexOf } from '../../../shared/domain/x509/rsa-public-key.ts';
import { quantile } from '../rounds.ts';
import { BENCH_AWS, TABLE } from '../table.ts';
import { answerQuestions, cpuMilliseconds } from './answering.ts';
import { contextOf, ENDPOINT_ID, observed, portalOver } from './portal.ts';

/** Asks the gate about one good certificate again and again, one question after the other. */

const database = await startDynamoDb();
const plain = new DynamoDBClient({ ...BENCH_AWS, endpoint: database.endpoint });
await createTable(plain, TABLE);
const deps = await portalOver(dynamoStores({ client: documentClientFrom(plain), tableName: TABLE }));
const { subjectPublicKeyInfoDer } = testKey('leaf');
const { commonName } = await issueCertificate(deps, {
  caller: callerOf('alice', Date.now()),
  deviceName: 'laptop',
  publicKey: { subjectPublicKeyInfoDer, publicKeySha256Hex: publicKeySha256HexOf(subjectPublicKeyInfoDer) },
  isKeyOurs: false,
});
const gate = gateHandler({ ...deps, ...observed, gatePolicy: ENFORCE });
const event = {
  'connection-id': 'cvpn-connection-0123456789abcdef0',
  'endpoint-id': ENDPOINT_ID,
  'common-name': commonName,
  'schema-version': 'v2',
};

answerQuestions(async ({ count }) => {
  const wall: number[] = [];
  const cpu = await cpuMilliseconds(async () => {
    for (let run = 0; run < Number(count); run += 1) {
      const began = performance.now();
      const { allow } = await gate(event, contextOf(String(run)));
      wall.push(performance.now() - began);
      if (!allow) throw new Error('the gate refused a good certificate');
    }
  });
  return { cpu, p50: quantile(wall, 0.5), p99: quantile(wall, 0.99) };
});
process.on('disconnect', () => void database.close());
