import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { deployPackage } from '../../infra/deploy/deploy-package.ts';
import type { DeployRequest } from '../../infra/deploy/osls-plugin.ts';
import { startCloudFormation, type CloudFormationStandIn } from './cloudformation-stand-in.ts';

/* `npm run deploy` as an administrator types it, against a CloudFormation that makes nothing. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARAMETERS = [
  'companyName=Example Company',
  'oidcIssuer=https://login.example.com/oauth2/default',
  'serverName=vpn.example.com',
  'vpcId=vpc-0123456789abcdef0',
  'subnetIds=subnet-0123456789abcdef0 subnet-0123456789abcdef1',
  'allowedNetworks=10.0.0.0/16',
  'alarmEmail=vpn-operators@example.com',
];
const answer = z.looseObject({
  ok: z.boolean(),
  code: z.string(),
  faults: z.array(z.string()).optional(),
  changes: z.array(z.looseObject({ logicalId: z.string() })).optional(),
  judgement: z
    .looseObject({
      refused: z.array(z.looseObject({ logicalId: z.string(), properties: z.array(z.string()) })),
    })
    .optional(),
});

let aws: CloudFormationStandIn;
beforeAll(async () => (aws = await startCloudFormation()));
afterAll(() => aws.close());
afterEach(() => {
  aws.writes.length = 0;
});

const awsEnvironment = (): Record<string, string> => ({
  NO_COLOR: '1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: aws.url,
  AWS_MAX_ATTEMPTS: '1',
  SLS_AWS_MONITORING_FREQUENCY: '20',
});

async function deploy(...args: string[]) {
  const all = [...PARAMETERS.flatMap((pair) => ['--param', pair]), '--json', ...args];
  const child = spawn(process.execPath, [join(ROOT, 'infra/deploy/main.ts'), '--stage', 'prod', ...all], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...awsEnvironment() },
  });
  let said = '';
  let out = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const json = answer.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
  return { code, said, json };
}

const deniedBy = (policy: string | undefined): string => policy ?? '';

// Each begins with what the one before left.
describe('npm run deploy', () => {
  it('says every fault of the parameters at once, and asks AWS nothing', async () => {
    const { code, json } = await deploy('--param', 'vpcId=vpc', '--param', 'clientCidrBlock=10.0.0.0/8');
    expect(code).toBe(2);
    expect(json).toMatchObject({ ok: false, code: 'wrongParameters' });
    expect(json.faults?.map((fault) => fault.split(' ')[0])).toEqual(['clientCidrBlock', 'vpcId']);
    expect(aws.writes).toEqual([]);
  }, 120_000);

  it('makes a first deploy, past the shell of one that never began, and guards the stack', async () => {
    aws.status = 'REVIEW_IN_PROGRESS';
    const { code, said, json } = await deploy('--adopt', 'Table=old-table', '--adopt', 'CaKey=mrk-1');
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(aws.imported).toEqual(
      expect.arrayContaining(['Table', 'TableName', 'old-table', 'CaKey', 'mrk-1']),
    );
    // The deploy that follows finds them there.
    expect(json.changes?.find(({ logicalId }) => logicalId === 'Table')?.['action']).not.toBe('Add');
    expect(json).toMatchObject({ ok: true, code: 'deployed' });
    expect(aws.writes[0]).toBe('DeleteStack');
    expect(Object.keys(aws.resources)).toEqual(expect.arrayContaining(['Endpoint', 'Table', 'GateAlias']));
    expect(aws.isProtected).toBe(true);
    expect(deniedBy(aws.policy)).toContain('LogicalResourceId/Endpoint');
  }, 240_000);

  it('makes the next one, in which every function and so half of the stack changes', async () => {
    const before = aws.resources;
    const { code, said, json } = await deploy('--param', 'sessionTimeoutHours=8');
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(json).toMatchObject({ ok: true, code: 'deployed', judgement: { refused: [] } });
    expect(json.changes?.length).toBeGreaterThan(50);
    expect(aws.resources['Endpoint']?.Properties?.['SessionTimeoutHours']).not.toEqual(
      before['Endpoint']?.Properties?.['SessionTimeoutHours'],
    );
  }, 240_000);

  it('stops before anything changes where the endpoint would be replaced, and names why', async () => {
    const before = aws.resources;
    const { code, said, json } = await deploy('--param', 'clientCidrBlock=10.200.0.0/16');
    expect(code).toBe(1);
    expect(json).toMatchObject({ ok: false, code: 'refused' });
    const endpoint = json.judgement?.refused.find(({ logicalId }) => logicalId === 'Endpoint');
    expect(endpoint?.properties).toContain('ClientCidrBlock');
    expect(said).toContain("everybody's VPN ends");
    expect(said).toContain('--allow-replacement Endpoint');
    expect(aws.resources).toBe(before);
    expect(aws.writes).not.toContain('ExecuteChangeSet');
    expect(aws.writes.at(-1)).toBe('DeleteChangeSet');
  }, 240_000);

  it('does it all the same for whoever names each resource, and guards the stack again', async () => {
    const named = ['Endpoint', ...Object.keys(aws.resources).filter((id) => id.startsWith('Association'))];
    const { outcome } = await deployAgain({ allowReplacement: named });
    expect(outcome).toBe('deployed');
    expect(aws.resources['Endpoint']?.Properties?.['ClientCidrBlock']).toBe('10.200.0.0/16');
    expect(deniedBy(aws.policiesAtWork.at(-1))).not.toContain('LogicalResourceId/Endpoint"');
    expect(deniedBy(aws.policiesAtWork.at(-1))).toContain('LogicalResourceId/Table');
    expect(deniedBy(aws.policy)).toContain('LogicalResourceId/Endpoint"');
  }, 120_000);

  it('only shows the change set where that is what was asked', async () => {
    const before = aws.resources;
    const { outcome, verdict } = await deployAgain({ dryRun: true });
    expect(outcome).toBe('shown');
    expect(verdict?.judgement.refused).toEqual([]);
    expect(aws.resources).toBe(before);
    expect(aws.writes).not.toContain('ExecuteChangeSet');
  }, 120_000);

  it('puts another CA beside the first and touches nothing of it, and ends the first only where that is said', async () => {
    const rollover = [
      'clientCidrBlock=10.200.0.0/16',
      'furtherAuthorities=ca2=10.104.0.0/16',
      'issuingCaId=ca2',
    ];
    const params = rollover.flatMap((pair) => ['--param', pair]);
    const first = aws.resources['Endpoint'];
    const { code, said, json } = await deploy(...params);
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(json).toMatchObject({ ok: true, judgement: { refused: [] } });
    expect(aws.resources).toHaveProperty('EndpointOfCa2');
    expect(aws.resources['Endpoint']).toEqual(first);
    const ended = await deploy(...params, '--param', 'endedCaIds=ca1');
    expect(ended.code).toBe(1);
    const refused = ended.json.judgement?.refused.map(({ logicalId }) =>
      logicalId.replace(/[0-9a-f]{12}$/, ''),
    );
    expect([...new Set(refused)].sort()).toEqual(['Association', 'Endpoint', 'EndpointRegistration']);
    expect(ended.said).toContain('the portal would look after the endpoint no more');
    expect(aws.resources['Endpoint']).toEqual(first);
  }, 240_000);
});

/** What was packaged last, without packaging it anew. */
async function deployAgain(changes: Partial<DeployRequest>) {
  Object.assign(process.env, awsEnvironment());
  return deployPackage({
    root: ROOT,
    serviceDirectory: join(ROOT, '.build/service'),
    stage: 'prod',
    stream: { write: () => undefined },
    allowReplacement: [],
    adoptions: [],
    dryRun: false,
    ...changes,
  });
}
