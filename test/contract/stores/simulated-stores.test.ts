import { dynamoStores } from '../../support/embedded-dynamodb.ts';
import { undisturbedDynamoTable } from '../../support/simulated-dynamodb/client.ts';
import { storeContracts } from './all.contract.ts';

describe('simulated DynamoDB', () => storeContracts(async () => dynamoStores(undisturbedDynamoTable())));
