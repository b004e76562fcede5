import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as yaml from 'js-yaml';
import { policyFindings, validatorFindings } from '../../infra/package/judge.ts';
import { endpointProperties } from '../../functions/set-up/properties.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEMPLATE = join(ROOT, 'infra/aws/elsewhere/endpoint-role.yml');

describe('the template for an endpoint in another account', () => {
  it('is one that CloudFormation takes, and keeps our own rules', () => {
    expect(validatorFindings(TEMPLATE)).toEqual([]);
    expect(policyFindings(ROOT, TEMPLATE, join(ROOT, 'infra/aws/policy.guard'))).toEqual([]);
  });

  it('allows what the four roles of the portal do at endpoints, and nothing else', () => {
    const actionsIn = (path: string): string[] => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return [...new Set(text.match(/ec2:\w+/g))].sort();
    };
    // An operator switches a gate elsewhere with that account's own credentials.
    const here = actionsIn('infra/aws/roles/endpoint.yml').filter(
      (one) => one !== 'ec2:ModifyClientVpnEndpoint',
    );
    expect(actionsIn('infra/aws/elsewhere/endpoint-role.yml')).toEqual(here);
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
