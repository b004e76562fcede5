import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamoAuditStore } from '../../shared/adapters/dynamo/audit-store.ts';
import { dynamoCertificateStore } from '../../shared/adapters/dynamo/certificate-store.ts';
import { dynamoCrlStore } from '../../shared/adapters/dynamo/crl-store.ts';
import { dynamoEndpointStore } from '../../shared/adapters/dynamo/endpoint-store.ts';
import { dynamoJournalStore } from '../../shared/adapters/dynamo/journal-store.ts';
import { dynamoOffboardingStore } from '../../shared/adapters/dynamo/offboarding-store.ts';
import { dynamoPersonStore } from '../../shared/adapters/dynamo/person-store.ts';
import { documentClientFrom } from '../../shared/adapters/dynamo/table.ts';
import { s3Journal } from '../../shared/adapters/s3-journal.ts';
import { readJournalledChains } from '../../shared/use-cases/journalled-chains.ts';
import { replayJournal, type Replayed } from '../../shared/use-cases/replay-journal.ts';
import type { AwsTarget } from './target.ts';

/** What a bucket's journal has of everybody. @throws Error as the SDK has it, or where the journal was changed */
export const journalledChains = (target: AwsTarget, bucket: string) =>
  readJournalledChains(archiveIn(target, bucket));

const requestHandler = { requestTimeout: 10_000, connectionTimeout: 3_000, throwOnRequestTimeout: true };

const archiveIn = (target: AwsTarget, bucket: string) =>
  s3Journal({ client: new S3Client({ ...target.clientOptions('any'), requestHandler }), bucket });

/** Replays a bucket's journal into a table, with the rights of whoever types. @throws Error as the SDK has it */
export function replay(
  target: AwsTarget,
  { tableName, bucket }: { readonly tableName: string; readonly bucket: string },
): Promise<Replayed> {
  const client = new DynamoDBClient({ ...target.clientOptions('dynamodb'), requestHandler });
  const table = { client: documentClientFrom(client), tableName };
  return replayJournal({
    journal: dynamoJournalStore(table),
    archive: archiveIn(target, bucket),
    auditStore: dynamoAuditStore(table),
    people: dynamoPersonStore(table),
    certificates: dynamoCertificateStore(table),
    offboardings: dynamoOffboardingStore(table),
    crls: dynamoCrlStore(table),
    endpoints: dynamoEndpointStore(table),
  });
}
