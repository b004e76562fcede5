import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, startDynamoDb } from '../../../infra/local/dynamodb.ts';
import { documentClientFrom } from '../../../shared/adapters/dynamo/table.ts';
import { dynamoStores } from '../../support/embedded-dynamodb.ts';
import { registered, registrationOf } from '../../support/store-fixtures.ts';

const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

describe('the local DynamoDB', () => {
  let folder: string;
  let tableName: string;

  beforeEach(async () => {
    tableName = `test-${randomUUID()}`;
    folder = await mkdtemp(join(tmpdir(), 'dynamodb-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('has the table of infra/aws/table.yml, made once', async () => {
    const running = await startDynamoDb();
    const client = clientOf(running.endpoint);
    await createTable(client, tableName);
    await createTable(client, tableName);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    expect(Table?.KeySchema).toEqual([
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ]);
    expect(Table?.GlobalSecondaryIndexes).toBeUndefined();
    const { TimeToLiveDescription } = await client.send(
      new DescribeTimeToLiveCommand({ TableName: tableName }),
    );
    expect(TimeToLiveDescription?.AttributeName).toBe('expiresAt');
    client.destroy();
    await running.close();
  });

  it('keeps its data in a file, and leaves nothing running', async () => {
    const dbPath = join(folder, 'data.sqlite');
    for (const round of [1, 2]) {
      const running = await startDynamoDb({ dbPath });
      const client = clientOf(running.endpoint);
      await createTable(client, tableName);
      const stores = dynamoStores({ client: documentClientFrom(client), tableName });
      await registered(stores, `person${round}`);
      for (const earlier of round === 1 ? [1] : [1, 2]) {
        const { personId } = registrationOf(`person${earlier}`);
        expect(await stores.people.find(personId)).toMatchObject({ login: `person${earlier}` });
      }
      client.destroy();
      await running.close();
      // One that somebody else runs is not ours to stop.
      const isOurs = running.endpoint !== process.env['AWS_ENDPOINT_URL_DYNAMODB'];
      if (isOurs) await expect(fetch(running.endpoint)).rejects.toThrow();
    }
  });

  it('is the one that AWS_ENDPOINT_URL_DYNAMODB names, and is then left running', async () => {
    const before = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = 'http://127.0.0.1:1';
    try {
      const given = await startDynamoDb();
      expect(given.endpoint).toBe('http://127.0.0.1:1');
      await given.close();
    } finally {
      if (before === undefined) delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
      else process.env['AWS_ENDPOINT_URL_DYNAMODB'] = before;
    }
  });
});
