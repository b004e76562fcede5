import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, startDynamoDb } from '../../infra/local/dynamodb.ts';
import { dynamoAuditStore } from '../../shared/adapters/dynamo/audit-store.ts';
import { dynamoCertificateStore } from '../../shared/adapters/dynamo/certificate-store.ts';
import { dynamoCrlStore } from '../../shared/adapters/dynamo/crl-store.ts';
import { dynamoEndpointStore } from '../../shared/adapters/dynamo/endpoint-store.ts';
import { dynamoScimUserStore } from '../../shared/adapters/dynamo/scim-user-store.ts';
import { dynamoServerCertificateStore } from '../../shared/adapters/dynamo/server-certificate-store.ts';
import { dynamoExportStore } from '../../shared/adapters/dynamo/export-store.ts';
import { dynamoGateProbeStore } from '../../shared/adapters/dynamo/gate-probe-store.ts';
import { dynamoGateStore } from '../../shared/adapters/dynamo/gate-store.ts';
import { dynamoJournalStore } from '../../shared/adapters/dynamo/journal-store.ts';
import { dynamoNoticeStore } from '../../shared/adapters/dynamo/notice-store.ts';
import { dynamoOffboardingStore } from '../../shared/adapters/dynamo/offboarding-store.ts';
import { dynamoPersonStore } from '../../shared/adapters/dynamo/person-store.ts';
import { dynamoReconciliationStore } from '../../shared/adapters/dynamo/reconciliation-store.ts';
import { dynamoRevocationStore } from '../../shared/adapters/dynamo/revocation-store.ts';
import { dynamoLookupStore } from '../../shared/adapters/dynamo/lookup-store.ts';
import { dynamoSurgeStore } from '../../shared/adapters/dynamo/surge-store.ts';
import { documentClientFrom } from '../../shared/adapters/dynamo/table.ts';
import type { DynamoTable } from '../../shared/adapters/dynamo/table.ts';
import { requireStrictExpressions } from './strict-expressions.ts';
import type { Stores } from './stores.ts';

/** A DynamoDB for tests: the embedded one, or what AWS_ENDPOINT_URL_DYNAMODB names. */
export interface EmbeddedDynamoDb {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** A new, empty table, made as infra/aws/table.yml says. */
  newTable(): Promise<DynamoTable>;
  close(): Promise<void>;
}

/** Starts it; takes some 50 ms. Call `close` when done. */
export async function startEmbeddedDynamoDb(): Promise<EmbeddedDynamoDb> {
  const running = await startDynamoDb();
  const { endpoint } = running;
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  requireStrictExpressions(client);
  return {
    endpoint,
    client,
    newTable: async () => {
      const tableName = `test-${randomUUID()}`;
      await createTable(client, tableName);
      return { client: documentClientFrom(client), tableName };
    },
    close: async () => {
      client.destroy();
      await running.close();
    },
  };
}

/** Every store over one table. */
export const dynamoStores = (table: DynamoTable): Stores => ({
  people: dynamoPersonStore(table),
  certificates: dynamoCertificateStore(table),
  revocations: dynamoRevocationStore(table),
  crls: dynamoCrlStore(table),
  endpoints: dynamoEndpointStore(table),
  offboardings: dynamoOffboardingStore(table),
  serverCertificates: dynamoServerCertificateStore(table),
  surges: dynamoSurgeStore(table),
  lookups: dynamoLookupStore(table),
  reconciliations: dynamoReconciliationStore(table),
  gate: dynamoGateStore(table),
  exports: dynamoExportStore(table),
  gateProbe: dynamoGateProbeStore(table),
  notices: dynamoNoticeStore(table),
  audit: dynamoAuditStore(table),
  journal: dynamoJournalStore(table),
  scimUsers: dynamoScimUserStore(table),
});
