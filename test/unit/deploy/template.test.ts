import { adoptionTemplate } from '../../../infra/deploy/adopt.ts';
import { withGateVersion } from '../../../infra/deploy/gate-version.ts';
import { parseDeployOptions, UsageError } from '../../../infra/deploy/options.ts';
import { registerLast } from '../../../infra/deploy/register-last.ts';
import { policyWithout, stackPolicy } from '../../../infra/deploy/stack-policy.ts';

const VERSION = { Type: 'AWS::Lambda::Version' };

describe("the gate's newest version", () => {
  it('stands wherever the template says GateVersion, and nowhere else', () => {
    const template = {
      Resources: {
        GateVersion: VERSION,
        GateLambdaVersionAbc: VERSION,
        Alias: { Properties: { FunctionVersion: { 'Fn::GetAtt': ['GateVersion', 'Version'] } } },
        Probe: { Properties: { Environment: { ARN: { Ref: 'GateVersion' }, NAME: 'GateVersion' } } },
      },
    };
    withGateVersion(template);
    expect(template.Resources).toEqual({
      GateLambdaVersionAbc: VERSION,
      Alias: { Properties: { FunctionVersion: { 'Fn::GetAtt': ['GateLambdaVersionAbc', 'Version'] } } },
      Probe: { Properties: { Environment: { ARN: { Ref: 'GateLambdaVersionAbc' }, NAME: 'GateVersion' } } },
    });
  });

  it.each([
    ['none', {}],
    ['two', { GateLambdaVersionA: VERSION, GateLambdaVersionB: VERSION }],
  ])('is not guessed where there is %s', (_many, Resources) => {
    expect(() => withGateVersion({ Resources })).toThrow(/instead of one/);
  });
});

it('the registration waits for everything that does not wait for it', () => {
  const Resources: Parameters<typeof registerLast>[0]['Resources'] = {
    Registration: { Type: 'Custom::EndpointRegistration', DependsOn: ['Association'] },
    Association: {},
    Publisher: {},
    After: { DependsOn: 'Registration' },
    AfterThat: { Properties: { Text: { 'Fn::Sub': '${After.Arn}' } } },
    Circle: { DependsOn: ['Circle'] },
  };
  registerLast({ Resources });
  expect(Resources['Registration']?.DependsOn).toEqual(['Association', 'Circle', 'Publisher']);
});

describe('the stack policy', () => {
  const policy = stackPolicy({
    Table: { Type: 'AWS::DynamoDB::Table' },
    Endpoint: { Type: 'AWS::EC2::ClientVpnEndpoint' },
    Dashboard: { Type: 'AWS::CloudWatch::Dashboard' },
  });

  it('keeps by name what the VPN stands on', () => {
    expect(policy).toEqual([
      { Effect: 'Allow', Principal: '*', Action: 'Update:*', Resource: '*' },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: ['Update:Replace', 'Update:Delete'],
        Resource: ['LogicalResourceId/Endpoint', 'LogicalResourceId/Table'],
      },
    ]);
  });

  it('lets go of what was allowed by name, and of nothing else', () => {
    const body = JSON.stringify({ Statement: policy });
    const freed = JSON.parse(policyWithout(body, ['Endpoint']) ?? '') as { Statement: unknown[] };
    expect(freed.Statement).toEqual([policy[0], { ...policy[1], Resource: ['LogicalResourceId/Table'] }]);
    expect(policyWithout(body, ['Endpoin', 'Dashboard'])).toBeUndefined();
    const all = JSON.parse(policyWithout(body, ['Endpoint', 'Table']) ?? '') as { Statement: unknown[] };
    expect(all.Statement).toEqual([policy[0]]);
  });
});

describe('what an earlier stack left', () => {
  const wanted = {
    Resources: {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { BillingMode: 'PAY_PER_REQUEST' } },
      CaKey: {
        Type: 'AWS::KMS::Key',
        Properties: { KeySpec: 'RSA_2048', KeyPolicy: { Principal: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
      },
      Endpoint: { Type: 'AWS::EC2::ClientVpnEndpoint' },
    },
  };
  const named = (logicalId: string) => [{ logicalId, physicalId: 'x' }];

  it('is imported without what refers to others, beside what the stack has', () => {
    const { Resources } = adoptionTemplate(wanted, { Resources: { Bucket: {} } }, [
      ...named('Table'),
      ...named('CaKey'),
    ]);
    expect(Object.keys(Resources)).toEqual(['Bucket', 'Table', 'CaKey']);
    expect(Resources['CaKey']).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { KeySpec: 'RSA_2048' },
    });
    expect(JSON.stringify(Resources['CaKey'])).not.toContain('Fn::');
  });

  it.each(['Endpoint', 'Tabel', 'constructor'])('is not adopted as %s, and says what can be', (logicalId) => {
    expect(() => adoptionTemplate(wanted, {}, named(logicalId))).toThrow(/There are: Table, CaKey/);
  });

  it('is not adopted in the place of what is there', () => {
    expect(() => adoptionTemplate(wanted, { Resources: { Table: {} } }, named('Table'))).toThrow(/already/);
  });
});

describe('the options of a deploy', () => {
  it('are read', () => {
    const args = ['--stage', 'prod', '--param', 'a=b=c', '--allow-replacement', 'Endpoint', '--dry-run'];
    expect(parseDeployOptions(args)).toMatchObject({
      stage: 'prod',
      given: { a: 'b=c' },
      allowReplacement: ['Endpoint'],
      dryRun: true,
    });
  });

  it.each([
    [['--allow-replacement', '*']],
    [['--allow-replacement', 'Endpoint,Table']],
    [['--allow-replacement', '']],
    [['--param', 'stage']],
    [['--adopt', 'Table']],
    [['--force']],
    [['prod']],
  ])('%j are none', (args) => {
    expect(() => parseDeployOptions(args)).toThrow(UsageError);
  });
});
