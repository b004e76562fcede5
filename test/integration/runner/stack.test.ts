import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { createFaults } from '../../../infra/local/cloud/faults.ts';
import { startStack, type Stack, type StackOptions } from '../../../infra/local/stack.ts';
import { DataDirectoryInUseError, findRunningStack } from '../../../infra/local/stack/data-directory.ts';
import { isPortFree, PortInUseError } from '../../../infra/local/stack/ports.ts';
import { FIXTURE } from './fixture-stack.ts';

const directory = mkdtempSync(join(tmpdir(), 'stack-test-'));
const stacks: Stack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

const SMALL = { schedules: 'manual', vpn: 'tls', serviceFile: FIXTURE } as const;
const start = async (options: Partial<StackOptions> = {}) => {
  const stack = await startStack({ ...SMALL, ...options });
  stacks.push(stack);
  return stack;
};
const echo = z.object({ environment: z.record(z.string(), z.string()) });
const environmentOf = async (stack: Stack) =>
  echo.parse(await (await fetch(`${stack.apiUrl}/echo`)).json()).environment;

describe('a stack', () => {
  const faults = createFaults();
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ ...SMALL, faults, redeliverySeconds: 0 });
  });
  afterAll(() => stack.close());

  const call = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${stack.apiUrl}/scoped`, { headers })).status;
  };

  it('makes the resources of the service file, where SDK clients made with nothing find them', async () => {
    const { TABLE_NAME: tableName, KEY_ARN: keyArn, SECRET_ARN: secretArn } = await environmentOf(stack);
    const dynamoDb = new DynamoDBClient({});
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: tableName }));
    expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual(['pk', 'sk']);
    const kms = new KMSClient({});
    const { KeySpec } = await kms.send(new GetPublicKeyCommand({ KeyId: keyArn }));
    expect(KeySpec).toBe('RSA_2048');
    expect(secretArn).toMatch(/^arn:aws:secretsmanager:/);
    expect(stack.hrSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    dynamoDb.destroy();
    kms.destroy();
  });

  it('asks for custom resources once the functions run, in the order of their references', async () => {
    const { payload } = await stack.invoke('set-up', {});
    expect(payload).toMatchObject({
      events: [
        { RequestType: 'Create', ResourceType: 'Custom::Authority' },
        {
          ResourceType: 'Custom::Registration',
          ResourceProperties: { Table: 'fixture-local', Earlier: 'ca1' },
        },
      ],
    });
    expect(stack.endpointId).toBe('');
  });

  it("lets its own provider's people in through the authorizer", async () => {
    expect(await call(await stack.tokenFor('alice'))).toBe(200);
    expect(await call(await stack.tokenFor('alice', { scopes: ['openid'] }))).toBe(403);
    expect(await call(await stack.tokenFor('alice', { audience: 'https://other.example' }))).toBe(401);
  });

  it('hands messages of a FIFO queue to its function, in the order of a group, until none is left', async () => {
    const { JOBS_QUEUE_ARN: queueArn = '' } = await environmentOf(stack);
    for (const [index, body] of ['first', 'once', 'third'].entries()) {
      stack.cloud.sqs.send(queueArn, { body, groupId: 'g', deduplicationId: String(index) });
    }
    await stack.settled();
    const { payload } = await stack.invoke('worker', { report: true });
    const order = z.array(z.array(z.string())).parse(payload).flat();
    expect(order.filter((body, index) => order.lastIndexOf(body) === index)).toEqual([
      'first',
      'once',
      'third',
    ]);
    expect(order.filter((body) => body === 'once')).toHaveLength(2);
    expect(stack.cloud.sqs.count(queueArn)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('puts faults into the stand-ins, the DynamoDB among them', async () => {
    const { TABLE_NAME: tableName } = await environmentOf(stack);
    const client = new DynamoDBClient({ maxAttempts: 1 });
    faults.add({ service: 'dynamodb', action: 'DescribeTable', kind: 'throttle' });
    const describe = () => client.send(new DescribeTableCommand({ TableName: tableName }));
    await expect(describe()).rejects.toThrow(
      expect.objectContaining({ name: 'ThrottlingException' }) as Error,
    );
    await expect(describe()).resolves.toBeDefined();
    client.destroy();
  });

  it('keeps what functions write in a file', async () => {
    await environmentOf(stack);
    expect(readFileSync(stack.functionLogPath, 'utf8')).toContain('echo a line of the function\n');
  });

  it('refuses a token whose time has passed when time is moved, and takes one of the new time', async () => {
    const token = await stack.tokenFor('alice', { ttlSeconds: 60 });
    stack.moveTime(61);
    expect(await call(token)).toBe(401);
    expect(await call(await stack.tokenFor('alice', { ttlSeconds: 60 }))).toBe(200);
  });
});

describe('a data directory', () => {
  it('brings back ports, keys and secrets, unless one begins anew', async () => {
    const dataDir = join(directory, 'kept');
    const seen: unknown[] = [];
    for (const fresh of [false, false, true]) {
      const stack = await start({ dataDir, fresh });
      const { KEY_ARN: keyArn } = await environmentOf(stack);
      seen.push({ issuer: stack.issuer, keyArn, hrSecret: stack.hrSecret });
      await stack.close();
    }
    const [first, second, third] = seen;
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
    expect(statSync(dataDir).mode & 0o077).toBe(0);
  });

  it('is for one stack at a time, which others can find', async () => {
    const dataDir = join(directory, 'locked');
    const stack = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow(DataDirectoryInUseError);
    expect(findRunningStack(dataDir)).toMatchObject({ apiUrl: stack.apiUrl, issuer: stack.issuer });
    await stack.close();
    expect(findRunningStack(dataDir)).toBeUndefined();
  });
});

describe('the end of a stack', () => {
  it('leaves no port, no file, no environment and no moved time', async () => {
    const before = { ...process.env };
    const stack = await start();
    stack.moveTime(1_000_000);
    await stack.close();
    for (const url of [
      stack.apiUrl,
      stack.issuer,
      stack.cloud.url,
      stack.lambdaUrl,
      stack.dynamoDbEndpoint,
    ]) {
      expect([url, await isPortFree(Number(new URL(url).port))]).toEqual([url, true]);
    }
    expect(existsSync(stack.dataDirectory)).toBe(false);
    expect(process.env).toEqual(before);
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(60_000);
  });

  it('comes at once where the port of the API is in use', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      }),
    );
    const dataDir = join(directory, 'port');
    await expect(start({ port, dataDir })).rejects.toThrow(PortInUseError);
    // It gave the directory back.
    await start({ dataDir });
    other.close();
  });

  it('comes also where set-up or a function cannot be loaded', async () => {
    const dataDir = join(directory, 'broken');
    await expect(start({ dataDir, serviceFile: join(directory, 'none.yml') })).rejects.toThrow('none.yml');
    await start({ dataDir });
  });
});
