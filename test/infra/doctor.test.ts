import {
  EC2Client,
  ExportClientVpnClientCertificateRevocationListCommand,
  ImportClientVpnClientCertificateRevocationListCommand,
  ModifyClientVpnEndpointCommand,
  type ModifyClientVpnEndpointCommandInput,
} from '@aws-sdk/client-ec2';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { createFaults, type Fault } from '../../infra/local/cloud/faults.ts';
import { startStack, type Stack } from '../../infra/local/stack.ts';
import { dynamoEndpointStore } from '../../shared/adapters/dynamo/endpoint-store.ts';
import { expiryKey, personKey } from '../../shared/adapters/dynamo/keys.ts';
import { dynamoPersonStore } from '../../shared/adapters/dynamo/person-store.ts';
import { documentClientFrom } from '../../shared/adapters/dynamo/table.ts';
import { EMPTY_CHAIN, chained } from '../../shared/domain/audit-entry.ts';
import { personIdFrom } from '../../shared/domain/identity.ts';
import { EMPTY_JOURNAL } from '../../shared/domain/journal.ts';
import { s3Journal } from '../../shared/adapters/s3-journal.ts';
import { kmsSigner } from '../../shared/adapters/kms-signer.ts';
import { readCaFacts } from '../../shared/domain/x509/ca-facts.ts';
import { assembleCertList, buildTbsCertList } from '../../shared/domain/x509/crl.ts';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import type { CertificationAuthority } from '../../shared/domain/endpoint.ts';
import { startScriptedAws, type Script } from '../support/scripted-aws.ts';
import { DAY, revokedCertificates, serialNumberFrom, testCa, testCrlDer } from '../unit/x509/fixtures.ts';
import { fakeMachine, type FakeMachine } from '../unit/cli/fake-world.ts';

const faults = createFaults();
let stack: Stack;
let machine: FakeMachine;
let ec2: EC2Client;
let authority: CertificationAuthority;
let goodList: string;
let gateArn: string;

beforeAll(async () => {
  stack = await startStack({ schedules: 'manual', vpn: 'tls', faults, redeliverySeconds: 0 });
  await stack.settled();
  machine = fakeMachine({ DATA_DIR: stack.dataDirectory });
  ec2 = new EC2Client({});
  const client = new DynamoDBClient({});
  const store = dynamoEndpointStore({
    client: documentClientFrom(client),
    tableName: 'vpn-portal-local-Table',
  });
  const [found, endpoint] = [await store.findAuthority('ca1'), await store.find(stack.endpointId)];
  client.destroy();
  if (found === undefined || endpoint === undefined) throw new Error('the stack is not set up');
  authority = found;
  gateArn = endpoint.gateArn;
  goodList = await exportList();
  stack.ec2.lies.importPendingMs = 0;
  // No vendor is asked, so nobody needs to hear that there is nothing to show it.
  stack.cloud.secrets.empty('vpn-portal/local/lookups');
}, 20_000);
afterEach(() => faults.clear());
afterAll(async () => {
  machine.remove();
  ec2.destroy();
  await stack.close();
});

const report = z.object({
  isBroken: z.boolean(),
  counts: z.record(z.string(), z.number()),
  findings: z.array(
    z.object({
      code: z.string(),
      impact: z.string(),
      severity: z.string(),
      seen: z.string(),
      cure: z.object({ words: z.string(), command: z.string().optional() }).optional(),
    }),
  ),
});
type Report = z.infer<typeof report>;

async function doctor(...args: string[]): Promise<Report & { exitCode: number }> {
  const { exitCode, json } = await machine.run(['doctor', '--json', ...args]);
  return { exitCode, ...report.parse(json()) };
}
const codesOf = ({ findings }: Report, ...severities: string[]): string[] =>
  findings.filter(({ severity }) => severities.includes(severity)).map(({ code }) => code);

const ALWAYS = 1_000;
const refuse = (service: Fault['service'], action: string, code = 'AccessDeniedException'): void =>
  faults.add({ service, action, kind: 'error', code, status: 403, times: ALWAYS });

const importList = (crlPem: string) =>
  ec2.send(
    new ImportClientVpnClientCertificateRevocationListCommand({
      ClientVpnEndpointId: stack.endpointId,
      CertificateRevocationList: crlPem,
    }),
  );

const exportList = async (): Promise<string> =>
  (
    await ec2.send(
      new ExportClientVpnClientCertificateRevocationListCommand({ ClientVpnEndpointId: stack.endpointId }),
    )
  ).CertificateRevocationList ?? '';

const modify = (changes: Partial<ModifyClientVpnEndpointCommandInput>) =>
  ec2.send(new ModifyClientVpnEndpointCommand({ ClientVpnEndpointId: stack.endpointId, ...changes }));

/** A list as the portal's own CA signs it, in KMS. */
async function ownList(entries: number, endsInDays = 60): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const issuer = readCaFacts(authority.certificateDer);
  const tbs = buildTbsCertList({
    issuer,
    crlNumber: 900,
    thisUpdate: now - 60 * DAY,
    nextUpdate: now + endsInDays * DAY,
    revoked: revokedCertificates(entries, now),
  });
  const client = new KMSClient({});
  const signature = await kmsSigner({ client }).sign(authority.keyId, tbs);
  client.destroy();
  return pemFrom('X509 CRL', assembleCertList(tbs, signature));
}

describe('the doctor at a portal that runs', () => {
  it('finds nothing broken, and says what it could not look at', async () => {
    const found = await doctor();
    expect(codesOf(found, 'broken', 'warning')).toEqual(['tableUnprotected']);
    expect(found).toMatchObject({ exitCode: 0, isBroken: false });
    expect(codesOf(found, 'well')).toEqual(
      expect.arrayContaining([
        'endpointUp',
        'clientCaOurs',
        'gateDecides',
        'crlRecorded',
        'caKeyMatches',
        'secretPresent',
        'networksAuthorized',
        'journalAgrees',
        'sourceNamesHolders',
      ]),
    );
    const notHere = found.findings.filter(({ code }) => code === 'notLookedAt').map(({ seen }) => seen);
    expect(notHere.join('\n')).toMatch(/Lambda does not answer here/);
  });

  it('answers what it can of the checklist for a real account', async () => {
    const { json, exitCode } = await machine.run(['checklist', '--look', '--json']);
    const { entries } = z
      .object({ entries: z.array(z.object({ id: z.string(), answer: z.string() })) })
      .parse(json());
    const holds = entries.filter(({ answer }) => answer === 'holds').map(({ id }) => id);
    expect(holds).toEqual(
      expect.arrayContaining(['alias-as-handler', 'chain-of-several', 'export-is-what-was-imported']),
    );
    expect(entries.filter(({ answer }) => answer === 'otherwise')).toEqual([]);
    expect(exitCode).toBe(0);
  });

  it('looks at one endpoint alone, also where the portal does not know it', async () => {
    expect(codesOf(await doctor('--endpoint', stack.endpointId), 'broken')).toEqual([]);
    const found = await doctor('--endpoint', 'cvpn-endpoint-00000000000000000');
    expect(found.exitCode).toBe(1);
    expect(codesOf(found, 'broken')).toEqual(expect.arrayContaining(['endpointMissing']));
  });
});

const SECRET = JSON.stringify({ secrets: [`whsec_${'A'.repeat(44)}`] });

/** Each thing broken once: how, how it is mended, and what must come of it. */
const BROKEN: readonly (readonly [
  what: string,
  breaks: () => unknown,
  mends: () => unknown,
  code: string,
])[] = [
  [
    'the endpoint asks another function',
    () => modify({ ClientConnectOptions: { Enabled: true, LambdaFunctionArn: `${OTHER_GATE}` } }),
    () => gateOn(),
    'gateOther',
  ],
  [
    'that function is not there',
    () => modify({ ClientConnectOptions: { Enabled: true, LambdaFunctionArn: `${OTHER_GATE}` } }),
    () => gateOn(),
    'gateMissing',
  ],
  [
    'the gate cannot reach the table',
    () => refuse('dynamodb', 'GetItem'),
    () => undefined,
    'gateCannotDecide',
  ],
  [
    'the secret has no value',
    () => stack.cloud.secrets.empty(SECRET_NAME),
    () => stack.cloud.secrets.put(SECRET_NAME, SECRET),
    'secretEmpty',
  ],
  [
    'the tokens of SCIM have no value',
    () => stack.cloud.secrets.empty(SCIM_SECRET_NAME),
    () => stack.cloud.secrets.put(SCIM_SECRET_NAME, JSON.stringify({ tokens: ['A'.repeat(44)] })),
    'secretEmpty',
  ],
  [
    "the vendors' directories are asked, and there is nothing to show them",
    () => setUp('directory-lookup', { DIRECTORY_LOOKUPS: 'hr=https://example.bamboohr.com/api/v1' }),
    () => setUp('directory-lookup', { DIRECTORY_LOOKUPS: '' }),
    'secretEmpty',
  ],
  [
    "the company's directory is asked, and there is nothing to show it",
    () => stack.cloud.secrets.empty(DIRECTORY_SECRET_NAME),
    () => stack.cloud.secrets.put(DIRECTORY_SECRET_NAME, JSON.stringify({ bearerToken: 'A'.repeat(44) })),
    'secretEmpty',
  ],
  [
    'nobody may go anywhere',
    () => (stack.ec2.lies.authorizedCidrs = []),
    () => (stack.ec2.lies.authorizedCidrs = undefined),
    'nothingAuthorized',
  ],
  [
    'nobody may go to the network of the association',
    () => (stack.ec2.lies.authorizedCidrs = ['192.168.0.0/16']),
    () => (stack.ec2.lies.authorizedCidrs = undefined),
    'networkNotAuthorized',
  ],
  [
    'a source cannot name somebody who holds a certificate',
    () => hold(true),
    () => hold(false),
    'sourceCannotName',
  ],
  ['work was given up', () => giveUp(), () => takeUp(), 'deadLetters'],
  [
    "the CA's key is disabled",
    () => stack.cloud.kms.setState(authority.keyId, 'Disabled'),
    () => stack.cloud.kms.setState(authority.keyId, 'Enabled'),
    'caKeyDisabled',
  ],
  [
    "the CA's key is being deleted",
    () => stack.cloud.kms.setState(authority.keyId, 'PendingDeletion'),
    () => stack.cloud.kms.setState(authority.keyId, 'Enabled'),
    'caKeyPendingDeletion',
  ],
  [
    'sessions last a day',
    () => modify({ SessionTimeoutHours: 24 }),
    () => modify({ SessionTimeoutHours: 10 }),
    'sessionLong',
  ],
  [
    'no connection is logged',
    () => modify({ ConnectionLogOptions: { Enabled: false } }),
    () => modify({ ConnectionLogOptions: { Enabled: true, CloudwatchLogGroup: 'log' } }),
    'connectionLogOff',
  ],
  ['the list is of another CA', () => importList(foreignList()), () => importList(goodList), 'crlForeign'],
  [
    'the list has ended',
    async () => importList(await ownList(0, -1)),
    () => importList(goodList),
    'crlExpired',
  ],
  [
    'somebody imported another list',
    async () => importList(await ownList(1)),
    () => importList(goodList),
    'crlDrift',
  ],
  [
    'the list is nearly full',
    async () => importList(await ownList(14_000)),
    () => importList(goodList),
    'crlFilling',
  ],
];

const SECRET_NAME = 'vpn-portal/local/hr';
const SCIM_SECRET_NAME = 'vpn-portal/local/scim';
const DIRECTORY_SECRET_NAME = 'vpn-portal/local/directory';

/** As a deployment with another parameter would. */
const setUp = (functionKey: string, variables: Readonly<Record<string, string>>): void => {
  const { environment } = stack.service.functions.find(({ key }) => key === functionKey) ?? {};
  Object.assign(environment ?? {}, variables);
};

/** Somebody whom no source knows by a name holds a certificate, or no longer does. */
async function hold(holds: boolean): Promise<void> {
  const client = new DynamoDBClient({});
  const table = { client: documentClientFrom(client), tableName: 'vpn-portal-local-Table' };
  const personId = personIdFrom('https://id.example', 'nameless');
  const notAfter = Math.floor(Date.now() / 1000) + DAY;
  const row = { ...expiryKey('ca1', notAfter, serialNumberFrom(1)), certificateId: 'x', personId };
  const person = { issuer: 'https://id.example', subject: 'nameless', login: 'nameless' };
  if (holds) await dynamoPersonStore(table).register({ personId, ...person, aliases: [], at: Date.now() });
  const { tableName: TableName } = table;
  if (holds) await table.client.send(new PutCommand({ TableName, Item: row }));
  for (const { pk, sk } of holds ? [] : [row, personKey(personId)]) {
    await table.client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
  }
  client.destroy();
}

const DEAD_QUEUE = 'vpn-portal-local-connections-dead.fifo';
async function giveUp(): Promise<void> {
  const client = new SQSClient({});
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: DEAD_QUEUE }));
  const ids = { MessageGroupId: 'a', MessageDeduplicationId: String(Date.now()) };
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}', ...ids }));
  client.destroy();
}
async function takeUp(): Promise<void> {
  const client = new SQSClient({});
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: DEAD_QUEUE }));
  const { Messages: [message] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  client.destroy();
}
const OTHER_GATE = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-other';
const gateOn = () => modify({ ClientConnectOptions: { Enabled: true, LambdaFunctionArn: gateArn } });
const foreignList = (): string => {
  const now = Math.floor(Date.now() / 1000);
  const validity = { thisUpdate: now - DAY, nextUpdate: now + 30 * DAY };
  return pemFrom('X509 CRL', testCrlDer(testCa('foreign', now), [], validity));
};

it('the cure that the doctor gives for a gate that is off puts it back', async () => {
  await modify({ ClientConnectOptions: { Enabled: false } });
  const off = (await doctor()).findings.find(({ code }) => code === 'gateOff');
  const [, command = ''] = off?.cure?.command?.split(' -- ') ?? [];
  const { exitCode, stderr } = await machine.run([...command.split(' '), '--yes']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(codesOf(await doctor(), 'broken')).toEqual([]);
});

describe('the doctor finds that', () => {
  it.each(BROKEN)('%s', async (_what, breaks, mends, code) => {
    await breaks();
    try {
      const found = await doctor();
      expect(codesOf(found, 'broken', 'warning')).toContain(code);
      expect(found.exitCode).toBe(found.isBroken ? 1 : 0);
    } finally {
      faults.clear();
      await mends();
    }
  });

  it('the server certificate, the list and the CA come to their end', async () => {
    stack.moveTime(780 * DAY);
    try {
      expect(codesOf(await doctor(), 'broken', 'warning')).toEqual(
        expect.arrayContaining(['serverCertificateEnds', 'crlExpired']),
      );
    } finally {
      stack.moveTime(-780 * DAY);
    }
  });
});

describe('the doctor at a stage', () => {
  const script: Script = {
    stackStatus: 'UPDATE_COMPLETE',
    resources: {},
    alarms: ['crl-days', 'gate-errors'].map((AlarmName) => ({
      AlarmName,
      StateValue: 'OK',
      ActionsEnabled: true,
      AlarmActions: ['arn:topic'],
    })),
    subscriptionArns: ['arn:aws:sns:eu-west-1:111122223333:alarms:1'],
    functionState: 'Active',
    reservedConcurrency: 50,
    concurrencyLimit: 1_000,
  };
  const well = { ...script };
  let aws: Awaited<ReturnType<typeof startScriptedAws>>;
  const before = { ...process.env };

  beforeAll(async () => {
    aws = await startScriptedAws(script, stack.lambdaUrl);
    for (const service of ['CLOUDFORMATION', 'CLOUDWATCH', 'SNS', 'LAMBDA']) {
      process.env[`AWS_ENDPOINT_URL_${service}`] = aws.url;
    }
    well.resources = {
      Table: 'vpn-portal-local-Table',
      Endpoint: stack.endpointId,
      CrlDaysAlarm: 'crl-days',
      GateErrorsAlarm: 'gate-errors',
      AlarmTopic: 'arn:aws:sns:eu-west-1:111122223333:alarms',
      HoldersTopic: 'arn:aws:sns:eu-west-1:111122223333:holders',
      HrWebhookSecret: SECRET_NAME,
    };
  });
  beforeEach(() => Object.assign(script, well));
  afterAll(() => {
    aws.close();
    Object.assign(process.env, before);
    for (const service of ['CLOUDFORMATION', 'CLOUDWATCH', 'SNS']) {
      delete process.env[`AWS_ENDPOINT_URL_${service}`];
    }
  });
  const atStage = () => doctor('--stage', 'prod', '--region', 'eu-west-1');

  it('finds its parts by the stack, and looks at everything', async () => {
    const found = await atStage();
    expect(codesOf(found, 'broken', 'warning')).toEqual(['tableUnprotected']);
    expect(codesOf(found, 'well')).toEqual(
      expect.arrayContaining([
        'stackWhole',
        'alarmsQuiet',
        'alarmsHeard',
        'holdersHeard',
        'gateReserved',
        'gateActive',
        'accountConcurrency',
      ]),
    );
    expect(found.findings.find(({ code }) => code === 'tableUnprotected')?.cure?.command).toMatch(
      / --region eu-west-1$/,
    );
  });

  it.each<readonly [string, Partial<Script>, code: string]>([
    ['there is no such stack', { stackStatus: undefined }, 'stackMissing'],
    ['the stack was rolled back', { stackStatus: 'UPDATE_ROLLBACK_COMPLETE' }, 'stackNotWhole'],
    ['the gate failed to start', { functionState: 'Failed' }, 'gateNotActive'],
    ['the gate may not run', { reservedConcurrency: 0 }, 'gateThrottled'],
    ['nothing is reserved for the gate', { reservedConcurrency: undefined }, 'gateNotReserved'],
    ['the account has no room', { concurrencyLimit: 10 }, 'accountConcurrencyLow'],
    ['an alarm is gone', { alarms: [] }, 'alarmsMissing'],
    [
      'an alarm rings',
      { alarms: [{ AlarmName: 'crl-days', StateValue: 'ALARM', ActionsEnabled: true, AlarmActions: ['a'] }] },
      'alarmRings',
    ],
    [
      'an alarm is silenced',
      { alarms: [{ AlarmName: 'crl-days', StateValue: 'OK', ActionsEnabled: false, AlarmActions: ['a'] }] },
      'alarmsSilenced',
    ],
    [
      'nobody confirmed the letter',
      { subscriptionArns: ['Deleted', 'PendingConfirmation'] },
      'alarmsUnheard',
    ],
    ['nobody reads what is for holders', { subscriptionArns: [] }, 'holdersUnheard'],
  ])('finds that %s', async (_what, changes, code) => {
    Object.assign(script, changes);
    expect(codesOf(await atStage(), 'broken', 'warning')).toContain(code);
  });

  it('goes on where CloudFormation does not answer and the table is named', async () => {
    const { AWS_ENDPOINT_URL_CLOUDFORMATION: url } = process.env;
    process.env['AWS_ENDPOINT_URL_CLOUDFORMATION'] = 'http://127.0.0.1:1';
    try {
      const found = await doctor(
        '--stage',
        'prod',
        '--region',
        'eu-west-1',
        '--table',
        'vpn-portal-local-Table',
      );
      expect(found.findings.find(({ code }) => code === 'noAnswer')?.seen).toMatch(
        /^CloudFormation did not answer .*ECONNREFUSED/,
      );
      expect(codesOf(found, 'well')).toContain('gateDecides');
      expect(found.exitCode).toBe(1);
    } finally {
      process.env['AWS_ENDPOINT_URL_CLOUDFORMATION'] = url;
    }
  });
});

describe('the doctor without rights', () => {
  it.each([
    ['ec2', 'DescribeClientVpnEndpoints', 'ec2:DescribeClientVpnEndpoints', 1],
    [
      'ec2',
      'ExportClientVpnClientCertificateRevocationList',
      'ec2:ExportClientVpnClientCertificateRevocationList',
      1,
    ],
    ['acm', 'GetCertificate', 'acm:GetCertificate', 1],
    ['kms', 'DescribeKey', 'kms:DescribeKey', 0],
    ['kms', 'GetPublicKey', 'kms:GetPublicKey', 0],
    ['secrets-manager', 'DescribeSecret', 'secretsmanager:DescribeSecret', 0],
    ['dynamodb', 'DescribeTable', 'dynamodb:DescribeTable', 0],
    ['dynamodb', 'GetItem', 'dynamodb:GetItem', 1],
    ['dynamodb', 'Query', 'dynamodb:Query', 1],
  ] as const)('to %s:%s names it and goes on', async (service, action, right, exitCode) => {
    refuse(service, action, service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDeniedException');
    const found = await doctor();
    const missing = found.findings.filter(({ code }) => code === 'notAllowed');
    expect(missing.map(({ seen }) => seen).join('\n')).toContain(` may not ${right}`);
    expect(missing.map(({ cure }) => cure?.command)).toEqual(
      missing.map(() => 'npm run -s cli -- doctor --policy'),
    );
    expect(found.exitCode).toBe(exitCode);
    expect(codesOf(found, 'well').length).toBeGreaterThan(8);
  });

  it('names the service that does not answer', async () => {
    faults.add({ service: 'kms', action: 'DescribeKey', kind: 'error', times: ALWAYS });
    const found = await doctor();
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        code: 'noAnswer',
        seen: expect.stringMatching(/^KMS did not answer/) as string,
      }),
    );
  });

  it('looks for credentials once, and says how to get some', async () => {
    refuse('ec2', '*', 'AuthFailure');
    const found = await doctor();
    expect(codesOf(found, 'broken')).toContain('noCredentials');
    expect(found.exitCode).toBe(1);
  });

  it('prints the policy that it needs, and looks at nothing', async () => {
    refuse('ec2', '*');
    const { exitCode, json, stderr } = await machine.run(['doctor', '--policy', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stderr)).toEqual((json() as { policy: unknown }).policy);
    expect(stderr).toContain('ec2:DescribeClientVpnEndpoints');
    expect(stderr).not.toMatch(/(Put|Update|Modify|Delete|Create|Import|Terminate)/);
  });
});

describe('the doctor is asked for what is not there:', () => {
  it.each([
    ['no stage and no stack', [], 'No stage is named'],
    ['a bad stage', ['--stage', 'Prod!'], 'is no stage'],
    ['a word too many', ['now'], 'one word too many'],
  ])('%s', async (_what, args, words) => {
    const elsewhere = fakeMachine();
    const { exitCode, stderr } = await elsewhere.run(['doctor', ...args]);
    elsewhere.remove();
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
  });
});

describe('the doctor at a portal without a secret', () => {
  // Last: a secret that is made again has another ARN.
  it('says so in words, gravest first, and what to do at the end', async () => {
    stack.cloud.secrets.remove(SECRET_NAME);
    const { exitCode, stdout, stderr } = await machine.run(['doctor']);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout.indexOf('Can people connect?')).toBeLessThan(stdout.indexOf('Are leavers kept out?'));
    expect(stdout).toMatch(/✗ there is no secret arn:/);
    expect(stdout.slice(stdout.indexOf('Do now'))).toMatch(/^Do now\n {2}# .*\n {2}npm start\n/);
    expect(stdout).not.toMatch(/\u001b/);
    expect(stdout).not.toContain('whsec_');
  });
});

it('the doctor finds that the journal knows what the table does not, and names the cure', async () => {
  const entry = chained(personIdFrom('https://id.example', 'zoe'), EMPTY_CHAIN, {
    at: Date.now(),
    actor: 'portal',
    action: 'denied',
    facts: {},
  });
  const client = new S3Client({ forcePathStyle: true });
  const archive = s3Journal({ client, bucket: 'vpn-portal-local-journalbucket' });
  await archive.put({
    sequence: 1,
    previousSha256Hex: EMPTY_JOURNAL.sha256Hex,
    at: 1,
    lines: [{ kind: 'entry', entry }],
  });
  client.destroy();
  const found = await doctor();
  expect(found.findings.find(({ code }) => code === 'tableBehindJournal')).toMatchObject({
    severity: 'broken',
    cure: { command: 'npm run -s cli -- replay' },
  });
});
