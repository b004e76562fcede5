import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoRevocationStore } from '../../../shared/adapters/dynamo/revocation-store.ts';
import { documentClientFrom } from '../../../shared/adapters/dynamo/table.ts';
import { listEntries } from '../../../shared/domain/crl-facts.ts';
import { assembleCertList, buildTbsCertList } from '../../../shared/domain/x509/crl.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import { DAY, NOW } from '../../unit/x509/fixtures.ts';
import { BENCH_AWS, CA_ID, TABLE } from '../table.ts';
import { answerQuestions, cpuMilliseconds } from './answering.ts';
import { fileCa } from './signing.ts';

/** From the table to the text that is imported. Arguments: the folder of the CA, and where DynamoDB is. */

const [directory = '', endpoint = ''] = process.argv.slice(2);
const ca = fileCa(directory);
const client = documentClientFrom(new DynamoDBClient({ ...BENCH_AWS, endpoint }));
const revocations = dynamoRevocationStore({ client, tableName: TABLE });

async function storedList(): Promise<string> {
  const { entries: revoked } = listEntries(await revocations.list(CA_ID, NOW), []);
  if (revoked.length !== 20_000) throw new Error(`${revoked.length} rows came`);
  const tbs = buildTbsCertList({
    issuer: ca.facts,
    crlNumber: 7,
    thisUpdate: NOW - 300,
    nextUpdate: NOW + 60 * DAY,
    revoked,
  });
  return pemFrom('X509 CRL', assembleCertList(tbs, ca.sign(tbs)));
}

answerQuestions(async () => ({ cpu: await cpuMilliseconds(storedList) }));
