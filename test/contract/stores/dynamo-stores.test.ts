import { dynamoStores, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import type { EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { storeContracts } from './all.contract.ts';

describe('DynamoDB', () => {
  let dynamoDb: EmbeddedDynamoDb;

  beforeAll(async () => {
    dynamoDb = await startEmbeddedDynamoDb();
  });
  afterAll(() => dynamoDb.close());

  storeContracts(async () => dynamoStores(await dynamoDb.newTable()));
});
