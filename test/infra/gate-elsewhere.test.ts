import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stsAnswer } from '../../infra/local/cloud/sts.ts';
import { bundleFaults } from '../../infra/package/bundle-contents.ts';
import { bundleFunctions } from '../../infra/package/bundle.ts';
import { dynamoGateProbeStore } from '../../shared/adapters/dynamo/gate-probe-store.ts';
import { gateProbesFor, probeFault, probeFixtures } from '../../shared/domain/gate-probe.ts';
import { ENFORCE } from '../../shared/domain/gate-policy.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READER = 'arn:aws:iam::111122223333:role/vpn-portal-prod-GateReaderRole-ABC';
const EXTERNAL_ID = '5f4d3b20-1c2d-11ee-8c99-0242ac120002';
const run = promisify(execFile);

/** As Lambda does it: the file alone, in a process that has nothing but the environment. */
const ASK = `
  const { handler } = await import(process.argv[1]);
  for (const event of JSON.parse(process.argv[2]))
    console.log('answer ' + JSON.stringify(await handler(event, { awsRequestId: '1' })));
`;

interface Seen {
  /** What STS was asked for. */
  readonly assumed: Readonly<Record<string, string>>[];
  /** With which credentials, and in which Region, the table was read. */
  readonly reads: { readonly accessKeyId: string; readonly region: string; readonly token: string }[];
}

/** STS as the reader role's trust has it, and DynamoDB, which is real, behind one address. */
async function home(dynamoDb: string, seen: Seen) {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const query = Object.fromEntries(new URLSearchParams(body));
      if (query['Action'] === 'AssumeRole') {
        seen.assumed.push(query);
        const isTrusted = query['ExternalId'] === EXTERNAL_ID && query['RoleArn'] === READER;
        const refusal =
          '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code></Error></ErrorResponse>';
        const said = stsAnswer({ method: 'POST', path: '/', headers: {}, body }, 'AssumeRole');
        response.writeHead(isTrusted ? 200 : 403, { 'content-type': 'text/xml' });
        response.end(isTrusted ? said.body : refusal);
        return;
      }
      const { authorization = '', 'x-amz-security-token': token = '' } = request.headers;
      const [, accessKeyId = '', region = ''] =
        /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(authorization) ?? [];
      seen.reads.push({ accessKeyId, region, token: String(token) });
      const headers = Object.fromEntries(
        ['content-type', 'x-amz-target', 'authorization', 'x-amz-date'].map((name) => [
          name,
          String(request.headers[name]),
        ]),
      );
      const from = await fetch(dynamoDb, { method: 'POST', headers, body });
      response.writeHead(from.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(await from.text());
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

describe('the gate of an endpoint elsewhere, bundled', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gate-elsewhere-'));
  const seen: Seen = { assumed: [], reads: [] };
  let database: EmbeddedDynamoDb;
  let there: Awaited<ReturnType<typeof home>>;
  let bundles: Awaited<ReturnType<typeof bundleFunctions>>;
  beforeAll(async () => {
    database = await startEmbeddedDynamoDb();
    there = await home(database.endpoint, seen);
    bundles = await bundleFunctions(ROOT, ['gate/elsewhere'], directory);
  }, 30_000);
  afterAll(async () => {
    await there.close();
    await database.close();
    rmSync(directory, { recursive: true });
  });

  async function ask(externalId: string): Promise<unknown[]> {
    const table = await database.newTable();
    const store = dynamoGateProbeStore(table);
    const { admitted, denied } = probeFixtures(Date.now());
    await store.putAdmitted(admitted);
    await store.putDenied(denied);
    const events = JSON.stringify(gateProbesFor(ENFORCE).map(({ event }) => event));
    const file = join(directory, 'functions/gate/elsewhere/index.mjs');
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', ASK, file, events], {
      env: {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'own',
        AWS_SECRET_ACCESS_KEY: 'own',
        AWS_ENDPOINT_URL_DYNAMODB: there.url,
        AWS_ENDPOINT_URL_STS: there.url,
        TABLE_NAME: table.tableName,
        HOME_REGION: 'eu-west-1',
        GATE_READER_ROLE_ARN: READER,
        GATE_READER_EXTERNAL_ID: externalId,
        GATE_MODE: 'enforce',
        SIGN_IN_NAME: 'none',
        SIGN_IN_DOMAINS: '',
      },
    });
    return [...stdout.matchAll(/^answer (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as unknown);
  }

  it('holds STS beside DynamoDB, and nothing else of what it must not have', () => {
    expect(bundles.flatMap(bundleFaults)).toEqual([]);
  });

  it('answers as the gate at home does, reading the table there through the role, which it takes once', async () => {
    const answers = await ask(EXTERNAL_ID);
    expect(gateProbesFor(ENFORCE).map((probe, index) => probeFault(probe, answers[index]))).toEqual(
      gateProbesFor(ENFORCE).map(() => undefined),
    );
    expect(seen.assumed).toMatchObject([
      { RoleArn: READER, ExternalId: EXTERNAL_ID, DurationSeconds: '3600' },
    ]);
    const reader = { accessKeyId: 'ASIALOCAL', region: 'eu-west-1', token: READER };
    expect(seen.reads).toEqual([reader, reader, reader, reader, reader, reader, reader]);
  });

  it('denies everybody where it may not take the role, and reads nothing', async () => {
    seen.reads.length = 0;
    const answers = await ask('somebody-else');
    expect(answers).toHaveLength(4);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        allow: false,
        'error-msg-on-denied-connection': expect.stringMatching(/cannot check/) as string,
      });
    }
    expect(seen.reads).toEqual([]);
  });
});
