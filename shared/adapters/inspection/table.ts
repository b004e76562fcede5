import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Inspection } from '../../ports/inspection.ts';
import { ItemReader } from '../dynamo/item.ts';
import { endpointKey } from '../dynamo/keys.ts';
import { documentClientFrom, getItem } from '../dynamo/table.ts';
import { unlessAbsent } from './absent.ts';

/** The table itself, and who publishes. */
export const inspectTable = ({
  client,
}: {
  readonly client: DynamoDBClient;
}): Pick<Inspection, 'table' | 'hasPointInTimeRecovery' | 'lease'> => ({
  table: (tableName) =>
    unlessAbsent(async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
      return {
        name: tableName,
        status: Table?.TableStatus ?? 'unknown',
        isDeletionProtected: Table?.DeletionProtectionEnabled === true,
      };
    }),

  async hasPointInTimeRecovery(tableName) {
    const { ContinuousBackupsDescription } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName: tableName }),
    );
    const status = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    return status === 'ENABLED';
  },

  async lease(tableName, endpointId) {
    const item = await getItem({ client: documentClientFrom(client), tableName }, endpointKey(endpointId));
    const reader = item === undefined ? undefined : new ItemReader(item);
    return reader?.has('leaseUntil') === true ? { until: reader.whole('leaseUntil') } : undefined;
  },
});
