import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeClientVpnEndpointsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { SecretsManagerClient, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { startDynamoDbFaults } from '../../../infra/local/cloud/dynamodb-faults.ts';
import { createFaults, faultHook } from '../../../infra/local/cloud/faults.ts';
import type { Fault } from '../../../infra/local/cloud/faults.ts';
import type { CloudRequest } from '../../../infra/local/cloud/protocol.ts';
import { startCloud } from '../../../infra/local/cloud/server.ts';
import type { Cloud } from '../../../infra/local/cloud/server.ts';

const clientOptions = (endpoint: string) => ({
  endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});

/** In jest the SDK wraps errors of Node's core, which are of another realm. */
const reset: object = { message: expect.stringContaining('ECONNRESET') as string };

describe('createFaults', () => {
  it('gives faults in order, as often as they say, to the calls that they name', () => {
    const faults = createFaults();
    faults.add({ service: 'kms', action: 'Sign', kind: 'throttle', times: 2 });
    faults.add({ service: 'kms', action: '*', kind: 'before', skip: 1 });
    expect(faults.match('acm', 'Sign')).toBeUndefined();
    const kinds = ['Sign', 'Sign', 'Sign', 'GetPublicKey', 'Sign'].map(
      (action) => faults.match('kms', action)?.kind,
    );
    expect(kinds).toEqual(['throttle', 'throttle', undefined, 'before', undefined]);
    expect(faults.pending()).toEqual([]);
  });

  it('shows what has not happened yet, and forgets it when told', () => {
    const faults = createFaults();
    faults.add({ service: 'sqs', action: 'SendMessage', kind: 'after', times: 3 });
    faults.match('sqs', 'SendMessage');
    expect(faults.pending()).toMatchObject([{ kind: 'after', times: 2 }]);
    faults.clear();
    expect(faults.match('sqs', 'SendMessage')).toBeUndefined();
  });

  it('can be asked as a hook', async () => {
    const faults = createFaults();
    faults.add({ service: 'ec2', action: 'A', kind: 'throttle' });
    faults.add({ service: 'ec2', action: 'A', kind: 'after' });
    const hook = faultHook(faults, 'ec2');
    expect(await hook('A')).toEqual({ code: 'RequestLimitExceeded', status: 503 });
    expect(await hook('A')).toBe('after');
    expect(await hook('A')).toBeUndefined();
  });
});

describe('a fault in the cloud', () => {
  let cloud: Cloud;
  let secrets: SecretsManagerClient;
  let ec2: EC2Client;
  const ec2Requests: CloudRequest[] = [];

  beforeAll(async () => {
    cloud = await startCloud({
      ec2: async (request) => {
        ec2Requests.push(request);
        return { status: 200, body: '<DescribeClientVpnEndpointsResponse/>' };
      },
    });
    secrets = new SecretsManagerClient(clientOptions(cloud.url));
    ec2 = new EC2Client(clientOptions(cloud.url));
  });
  beforeEach(() => {
    cloud.secrets.put('name', 'old');
    cloud.faults.clear();
    ec2Requests.length = 0;
  });
  afterAll(async () => {
    secrets.destroy();
    ec2.destroy();
    await cloud.close();
  });

  const put = (abortSignal?: AbortSignal) =>
    secrets.send(new PutSecretValueCommand({ SecretId: 'name', SecretString: 'new' }), {
      ...(abortSignal === undefined ? {} : { abortSignal }),
    });

  it.each<[Fault['kind'], object, string]>([
    ['throttle', { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }, 'old'],
    ['error', { name: 'InternalServiceError', $metadata: { httpStatusCode: 500 } }, 'old'],
    ['before', reset, 'old'],
    ['after', reset, 'new'],
  ])('of kind %s', async (kind, error, value) => {
    cloud.faults.add({ service: 'secrets-manager', action: 'PutSecretValue', kind });
    await expect(put()).rejects.toMatchObject(error);
    expect(cloud.secrets.get('name')).toBe(value);
    await put();
    expect(cloud.secrets.get('name')).toBe('new');
  });

  it('of kind timeout leaves the caller waiting, without an effect', async () => {
    cloud.faults.add({ service: 'secrets-manager', action: '*', kind: 'timeout' });
    await expect(put(AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'AbortError' });
    expect(cloud.secrets.get('name')).toBe('old');
  });

  it('of kind delay comes late', async () => {
    cloud.faults.add({ service: 'secrets-manager', action: '*', kind: 'delay', milliseconds: 60 });
    const start = performance.now();
    await put();
    expect(performance.now() - start).toBeGreaterThan(50);
  });

  it('reaches EC2 in its own form of error', async () => {
    const describeEndpoints = () => ec2.send(new DescribeClientVpnEndpointsCommand({}));
    cloud.faults.add({ service: 'ec2', action: 'DescribeClientVpnEndpoints', kind: 'throttle' });
    await expect(describeEndpoints()).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    expect(ec2Requests).toEqual([]);
    cloud.faults.add({ service: 'ec2', action: 'DescribeClientVpnEndpoints', kind: 'after' });
    await expect(describeEndpoints()).rejects.toMatchObject(reset);
    expect(ec2Requests).toHaveLength(1);
    await describeEndpoints();
    expect(new URLSearchParams(ec2Requests[1]?.body).get('Version')).toBe('2016-11-15');
    expect(ec2Requests[1]?.headers['content-type']).toContain('x-www-form-urlencoded');
  });

  it.each([
    ['an unknown service', { 'x-amz-target': 'Unknown.Action' }, '{}'],
    ['an unknown action', { 'x-amz-target': 'TrentService.CreateKey' }, '{}'],
    ['a body that is not JSON', { 'x-amz-target': 'TrentService.Sign' }, '{'],
  ])('is not needed to refuse %s', async (_, headers, body) => {
    expect((await fetch(cloud.url, { method: 'POST', headers, body })).status).toBe(400);
  });
});

describe('startDynamoDbFaults', () => {
  const faults = createFaults();
  let real: Server;
  let proxy: Awaited<ReturnType<typeof startDynamoDbFaults>>;
  let client: DynamoDBClient;
  const seen: string[] = [];

  beforeAll(async () => {
    real = createServer((request, response) => {
      seen.push(String(request.headers['x-amz-target']));
      request.resume().on('end', () => {
        response
          .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
          .end('{"Item":{"pk":{"S":"a"}}}');
      });
    });
    real.listen(0, '127.0.0.1');
    await once(real, 'listening');
    const address = real.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    proxy = await startDynamoDbFaults({ target: `http://127.0.0.1:${port}`, faults });
    client = new DynamoDBClient(clientOptions(proxy.url));
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(async () => {
    client.destroy();
    await proxy.close();
    real.close();
  });

  const put = { TableName: 'table', Item: { pk: { S: 'a' } } };
  const get = () => client.send(new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' } } }));
  const transact = () =>
    client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: put }, { Put: put }] }));

  it('passes everything else through', async () => {
    expect((await get()).Item).toEqual({ pk: { S: 'a' } });
    expect(seen).toEqual(['DynamoDB_20120810.GetItem']);
  });

  it('lets a transaction conflict, with a reason for each of its items', async () => {
    faults.add({ service: 'dynamodb', action: 'TransactWriteItems', kind: 'transactionConflict' });
    await expect(transact()).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [expect.objectContaining({ Code: 'TransactionConflict' }), { Code: 'None' }],
    });
    expect(seen).toEqual([]);
  });

  it('lets a single write meet a transaction', async () => {
    faults.add({ service: 'dynamodb', action: 'PutItem', kind: 'transactionConflict' });
    await expect(client.send(new PutItemCommand(put))).rejects.toMatchObject({
      name: 'TransactionConflictException',
    });
  });

  it.each<[Omit<Fault, 'service' | 'action'>, object, number]>([
    [{ kind: 'throttle' }, { name: 'ThrottlingException' }, 0],
    [{ kind: 'error' }, { name: 'InternalServerError' }, 0],
    [
      { kind: 'error', code: 'ProvisionedThroughputExceededException', status: 400 },
      { name: 'ProvisionedThroughputExceededException' },
      0,
    ],
    [{ kind: 'before' }, reset, 0],
    [{ kind: 'after' }, reset, 1],
  ])('spoils a call as %j says', async (fault, error, passed) => {
    faults.add({ service: 'dynamodb', action: 'GetItem', ...fault });
    await expect(get()).rejects.toMatchObject(error);
    expect(seen).toHaveLength(passed);
  });
});
