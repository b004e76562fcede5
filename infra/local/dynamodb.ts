import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  CreateTableCommand,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { load } from 'js-yaml';
import * as z from 'zod';

const BINARY = fileURLToPath(new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url));
/** util-linux's: ends the child with us also where we are ended by force. Where it is absent the child stays behind. */
const SETPRIV = '/usr/bin/setpriv';
const TABLE_FRAGMENT = fileURLToPath(new URL('../aws/table.yml', import.meta.url));

const READY_WITHIN_MILLISECONDS = 5_000;
const STOPPED_WITHIN_MILLISECONDS = 2_000;
const START_ATTEMPTS = 3;

/** A DynamoDB to speak to, and how to be done with it. */
export interface LocalDynamoDb {
  readonly endpoint: string;
  /** Stops what was started; one that was there before is left alone. */
  close(): Promise<void>;
}

/**
 * Gives the DynamoDB of this machine: the one that `AWS_ENDPOINT_URL_DYNAMODB` names, else the embedded one,
 * started on 127.0.0.1.
 *
 * @param options.dbPath file that keeps the data; without it the data ends with the process
 * @param options.port a port that is to be kept; without it a free one is taken
 * @throws Error where the embedded one cannot run and no other is named
 */
export async function startDynamoDb(
  options: { readonly dbPath?: string; readonly port?: number } = {},
): Promise<LocalDynamoDb> {
  const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  if (given !== undefined && given !== '') return { endpoint: given, close: async () => undefined };
  if (!existsSync(BINARY)) {
    throw new Error(
      'the embedded DynamoDB runs on Linux x64 only: start another one and name it in AWS_ENDPOINT_URL_DYNAMODB',
    );
  }
  let words = '';
  // Between finding a free port and listening on it somebody else can take it.
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    const port = options.port ?? (await freePort());
    const running = start(port, options.dbPath);
    if (await isReady(port, running.child)) {
      return { endpoint: `http://127.0.0.1:${port}`, close: () => stop(running.child) };
    }
    words = running.words();
    await stop(running.child);
  }
  throw new Error(`the embedded DynamoDB did not start: ${words}`);
}

function start(port: number, dbPath: string | undefined): { child: ChildProcess; words(): string } {
  const file = dbPath === undefined ? [] : ['--db-path', dbPath];
  const serve = [BINARY, 'serve', '--host', '127.0.0.1', '-p', String(port), ...file];
  const [command = BINARY, ...args] = existsSync(SETPRIV)
    ? [SETPRIV, '--pdeathsig', 'KILL', ...serve]
    : serve;
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-2_000);
  });
  child.on('error', (error) => {
    words = error.message;
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  return { child, words: () => words };
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

async function isReady(port: number, child: ChildProcess): Promise<boolean> {
  const until = performance.now() + READY_WITHIN_MILLISECONDS;
  while (performance.now() < until && !hasEnded(child)) {
    if (await accepts(port)) return !hasEnded(child);
    await sleep(5);
  }
  return false;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MILLISECONDS);
  await ended;
  clearTimeout(force);
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port was given')),
      );
    });
  });

/** What we use of AWS::DynamoDB::Table; anything else in the fragment must be understood here first. */
const fragmentSchema = z.strictObject({
  Resources: z.strictObject({
    Table: z.strictObject({
      Type: z.literal('AWS::DynamoDB::Table'),
      DeletionPolicy: z.literal('Retain'),
      UpdateReplacePolicy: z.literal('Retain'),
      Properties: z.strictObject({
        BillingMode: z.literal('PAY_PER_REQUEST'),
        AttributeDefinitions: z.array(
          z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
        ),
        KeySchema: z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
        TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.literal(true) }),
        // What no emulator has, or would only be in the way of a table that lives for a test.
        PointInTimeRecoverySpecification: z.strictObject({ PointInTimeRecoveryEnabled: z.literal(true) }),
        DeletionProtectionEnabled: z.literal(true),
      }),
    }),
  }),
});

/**
 * Makes the table as `infra/aws/table.yml` describes it; one that is there stays as it is.
 *
 * @param tableName at least 3 letters
 */
export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  const { Properties } = fragmentSchema.parse(load(readFileSync(TABLE_FRAGMENT, 'utf8'))).Resources.Table;
  const { BillingMode, AttributeDefinitions, KeySchema, TimeToLiveSpecification } = Properties;
  const input: CreateTableCommandInput = {
    TableName: tableName,
    BillingMode,
    AttributeDefinitions,
    KeySchema,
  };
  try {
    const { TableDescription } = await client.send(new CreateTableCommand(input));
    if (TableDescription?.TableStatus !== 'ACTIVE') {
      await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName: tableName });
    }
  } catch (error) {
    if (error instanceof ResourceInUseException) return;
    throw error;
  }
  await client.send(new UpdateTimeToLiveCommand({ TableName: tableName, TimeToLiveSpecification }));
}
