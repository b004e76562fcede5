import { join } from 'node:path';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as yaml from 'js-yaml';
import { childOf, readYaml, type Tree } from '../../infra/local/runner/yaml.ts';
import { authoritiesFile } from '../../infra/package/authorities.ts';
import { choicesFile } from '../../infra/package/choices.ts';
import { gateElsewhereTemplate } from '../../infra/package/elsewhere.ts';
import { policyFindings, validatorFindings } from '../../infra/package/judge.ts';
import { endpointProperties } from '../../functions/set-up/properties.ts';

import { gateSlice, homeSlice, tableSlice } from '../../shared/config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEMPLATE = join(ROOT, 'infra/aws/elsewhere/endpoint-role.yml');

describe('the template for an endpoint in another account', () => {
  it('is one that CloudFormation takes, and keeps our own rules', () => {
    expect(validatorFindings(TEMPLATE)).toEqual([]);
    expect(policyFindings(ROOT, TEMPLATE, join(ROOT, 'infra/aws/policy.guard'))).toEqual([]);
  });

  it('allows what the roles of the portal do at endpoints, and nothing else', () => {
    const actionsIn = (path: string): string[] => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return [...new Set(text.match(/ec2:\w+/g))].sort();
    };
    expect(actionsIn('infra/aws/elsewhere/endpoint-role.yml')).toEqual(
      actionsIn('infra/aws/roles/endpoint.yml'),
    );
    // And to switch the gate is the operator's alone.
    const roles = childOf(readYaml(TEMPLATE), 'Resources');
    const mayModify = ['EndpointRole', 'OperatorRole'].filter((role) =>
      JSON.stringify(childOf(roles, role)).includes('ec2:ModifyClientVpnEndpoint'),
    );
    expect(mayModify).toEqual(['OperatorRole']);
  });

  it('names the role so that the portal may assume it and its registration takes it', () => {
    const { Resources } = yaml.load(readFileSync(TEMPLATE, 'utf8')) as {
      Resources: { EndpointRole: { Properties: { RoleName: { 'Fn::Sub': string } } } };
    };
    const name = Resources.EndpointRole.Properties.RoleName['Fn::Sub'].replace(
      '${EndpointId}',
      'cvpn-endpoint-0a',
    );
    const registration = {
      EndpointId: 'cvpn-endpoint-0a',
      CaId: 'ca1',
      ServerCertificateArn: 'arn:aws:acm:us-east-1:222233334444:certificate/1',
      GateArn: 'arn:aws:lambda:us-east-1:222233334444:function:AWSClientVPN-gate',
      Region: 'us-east-1',
    };
    const parse = (roleName: string) =>
      endpointProperties.safeParse({
        ...registration,
        AccessRoleArn: `arn:aws:iam::222233334444:role/${roleName}`,
      }).success;
    expect([parse(name), parse('admin')]).toEqual([true, false]);
  });
});

describe('the template for a gate in another account or Region', () => {
  const read = (path: string): Tree => readYaml(join(ROOT, path));
  const code = Buffer.from('export const handler = 1;');
  const packaged = (values: Readonly<Record<string, string>> = {}, octets: Uint8Array = code) =>
    gateElsewhereTemplate(read('infra/aws/elsewhere/gate.yml'), {
      portal: 'vpn-portal-prod',
      values,
      code: octets,
    });
  const at = (tree: Tree, ...keys: string[]): Tree => keys.reduce(childOf, tree);

  it('is one that CloudFormation takes, and keeps our own rules', () => {
    // `aws cloudformation package` puts the place of the uploaded code there.
    const text = JSON.stringify(packaged()).replace('"./code"', '{"S3Bucket":"code","S3Key":"0123"}');
    const directory = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    const path = join(directory, 'template.json');
    writeFileSync(path, text);
    expect(validatorFindings(path)).toEqual([]);
    expect(policyFindings(ROOT, path, join(ROOT, 'infra/aws/policy.guard'))).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  it('lets the gate write its log and take the one role, which may what the gate at home may', () => {
    const statementsOf = (file: Tree, role: string): Tree =>
      at(file, 'Resources', role, 'Properties', 'Policies', '0', 'PolicyDocument', 'Statement');
    const own = statementsOf(packaged(), 'GateRole');
    expect(own).toMatchObject([
      { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
      { Action: ['sts:AssumeRole'], Resource: { Ref: 'GateReaderRoleArn' } },
    ]);
    expect(own).toHaveLength(2);
    const reader = statementsOf(read('infra/aws/roles/gate-reader.yml'), 'GateReaderRole');
    expect(reader).toEqual([childOf(statementsOf(read('infra/aws/roles/gate.yml'), 'GateRole'), '1')]);
  });

  it('gives the function every variable that its cold start wants, and a name that Client VPN takes', () => {
    const properties = at(packaged(), 'Resources', 'Gate', 'Properties');
    expect(at(properties, 'FunctionName')).toEqual({ 'Fn::Sub': 'AWSClientVPN-${Portal}-gate' });
    const names = Object.keys(at(properties, 'Environment', 'Variables') as object);
    const wanted = [homeSlice, gateSlice, tableSlice].flatMap(({ shape }) => Object.keys(shape));
    expect(names.filter((name) => !name.startsWith('POWERTOOLS_')).sort()).toEqual(wanted.sort());
  });

  it('makes another version of other code, and knows what the stage has decided', () => {
    const versionIn = (template: Tree): string =>
      Object.keys(at(template, 'Resources') as object).find((name) => name.startsWith('GateVersion')) ?? '';
    const [one, other] = [packaged(), packaged({}, Buffer.from('other'))];
    expect(versionIn(one)).toMatch(/^GateVersion[0-9a-f]{12}$/);
    expect(versionIn(other)).not.toBe(versionIn(one));
    expect(at(one, 'Resources', 'GateAlias', 'Properties', 'FunctionVersion')).toEqual({
      'Fn::GetAtt': [versionIn(one), 'Version'],
    });
    const decided = packaged({ region: 'eu-central-1', crlLifeDays: '30', gateMode: '' });
    const defaultOf = (name: string): Tree => at(decided, 'Parameters', name, 'Default');
    expect(['Portal', 'HomeRegion', 'CrlLifeDays', 'GateMode'].map(defaultOf)).toEqual([
      'vpn-portal-prod',
      'eu-central-1',
      '30',
      'enforce',
    ]);
  });

  it('is trusted at home by its role and account, with words that only the two stacks know', () => {
    const values = {
      caId: 'ca1',
      endpointsElsewhere: 'cvpn-endpoint-0fedcba9876543210=us-east-1:222233334444:ca1',
    };
    expect(choicesFile(values)).toMatchObject({
      gateAccounts: [{ 'Fn::Sub': 'arn:${AWS::Partition}:iam::222233334444:root' }],
      gateRoles: [
        {
          'Fn::Sub':
            'arn:${AWS::Partition}:iam::222233334444:role/${self:service}-${sls:stage}-gate-us-east-1',
        },
      ],
    });
    const trust = at(read('infra/aws/roles/gate-reader.yml'), 'Resources', 'GateReaderRole', 'Properties');
    expect(at(trust, 'AssumeRolePolicyDocument', 'Statement')).toMatchObject([
      {
        Principal: { AWS: '${file(infra/aws/choices.yml):gateAccounts}' },
        Condition: {
          ArnLike: { 'aws:PrincipalArn': '${file(infra/aws/choices.yml):gateRoles}' },
          StringEquals: {
            'sts:ExternalId': { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] },
          },
        },
      },
    ]);
    const [registration] = Object.values(authoritiesFile(values, read).Resources);
    const properties = at(registration, 'Properties');
    expect(properties).toMatchObject({
      EndpointId: 'cvpn-endpoint-0fedcba9876543210',
      CaId: 'ca1',
      Region: 'us-east-1',
    });
    expect(at(properties, 'GateArn', 'Fn::Sub')).toBe(
      'arn:${AWS::Partition}:lambda:us-east-1:222233334444:function:AWSClientVPN-${self:service}-${sls:stage}-gate:live',
    );
  });
});
