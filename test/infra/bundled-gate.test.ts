import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../../infra/package/bundle.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** As Lambda does it: the file alone, in a process that has nothing but the environment. */
const ASK = `
  const { handler } = await import(process.argv[1]);
  const event = {
    'connection-id': 'cvpn-connection-0123456789abcdef0',
    'endpoint-id': 'cvpn-endpoint-0123456789abcdef0',
    'common-name': '7K3M9QZ2X4T1ABCD.alice',
    'schema-version': 'v2',
  };
  const { allow, ['error-msg-on-denied-connection']: words } = await handler(event, { awsRequestId: '1' });
  console.log(JSON.stringify({ allow, words }));
`;

/** What was left out of the bundle must not be what an answer needs. */
describe('the gate, bundled', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bundled-gate-'));
  let database: EmbeddedDynamoDb;
  beforeAll(async () => {
    database = await startEmbeddedDynamoDb();
    await bundleFunctions(ROOT, ['gate'], directory);
  }, 30_000);
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true });
  });

  /** What it answers about a certificate that nobody knows. */
  async function ask(
    credentials: Readonly<Record<string, string>>,
  ): Promise<{ allow: boolean; words: string }> {
    const { tableName } = await database.newTable();
    const file = join(directory, 'functions/gate/index.mjs');
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', ASK, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
        TABLE_NAME: tableName,
        GATE_MODE: 'enforce',
        SIGN_IN_NAME: 'none',
        SIGN_IN_DOMAINS: '',
        ...credentials,
      },
    });
    return JSON.parse(said.trim().split('\n').at(-1) ?? '') as { allow: boolean; words: string };
  }

  it('reads the table with the credentials of its environment', async () => {
    const { allow, words } = await ask({ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    expect(allow).toBe(false);
    expect(words).toMatch(/not known/);
  });

  it('denies, and looks for credentials nowhere else, where there are none', async () => {
    const { allow, words } = await ask({});
    expect(allow).toBe(false);
    expect(words).toMatch(/cannot check/);
  });
});
