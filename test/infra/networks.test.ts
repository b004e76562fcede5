import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { networksFile } from '../../infra/package/networks.ts';
import { readYaml } from '../../infra/local/runner/yaml.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NETWORKS = {
  subnetIds: 'subnet-a subnet-b',
  allowedNetworks: '10.0.0.0/16 192.168.0.0/24 192.168.1.0/24',
  routedNetworks: '192.168.0.0/24',
  dnsServers: '10.0.0.2',
};
const ofType = (type: string, networks = NETWORKS) =>
  Object.entries(networksFile(networks).template.Resources).filter(([, one]) => one['Type'] === type);

describe("the endpoint's networks", () => {
  it('are an association for each subnet, which the registration waits for', () => {
    const associations = ofType('AWS::EC2::ClientVpnTargetNetworkAssociation');
    expect(associations.map(([, one]) => one['Properties'])).toMatchObject([
      { SubnetId: 'subnet-a' },
      { SubnetId: 'subnet-b' },
    ]);
    expect(networksFile(NETWORKS).associations).toEqual(associations.map(([logicalId]) => logicalId));
  });

  it('are a rule for each network, one after the other', () => {
    const rules = ofType('AWS::EC2::ClientVpnAuthorizationRule');
    expect(rules.map(([, one]) => one['Properties'])).toMatchObject([
      { TargetNetworkCidr: '10.0.0.0/16', AuthorizeAllGroups: true },
      { TargetNetworkCidr: '192.168.0.0/24' },
      { TargetNetworkCidr: '192.168.1.0/24' },
    ]);
    expect(rules.map(([, one]) => one['DependsOn'])).toEqual([undefined, [rules[0]?.[0]], [rules[1]?.[0]]]);
  });

  it('are a route through each subnet for each network behind the VPC, and none for the VPC itself', () => {
    expect(ofType('AWS::EC2::ClientVpnRoute').map(([, one]) => one['Properties'])).toMatchObject([
      { DestinationCidrBlock: '192.168.0.0/24', TargetVpcSubnetId: 'subnet-a' },
      { DestinationCidrBlock: '192.168.0.0/24', TargetVpcSubnetId: 'subnet-b' },
    ]);
  });

  it('keep their names when the first of a list is taken away: CloudFormation would replace the others', () => {
    const fewer = {
      ...NETWORKS,
      subnetIds: 'subnet-b',
      allowedNetworks: '192.168.1.0/24',
      routedNetworks: '',
    };
    const before = networksFile(NETWORKS).template.Resources;
    const after = networksFile(fewer).template.Resources;
    expect(Object.keys(after)).toHaveLength(2);
    for (const [logicalId, { Properties }] of Object.entries(after)) {
      expect(before[logicalId]?.['Properties']).toEqual(Properties);
    }
  });

  it('are none on a laptop: infra/aws/networks.yml is what no parameters make', () => {
    const none = { subnetIds: '', allowedNetworks: '', routedNetworks: '', dnsServers: '' };
    expect(readYaml(join(ROOT, 'infra/aws/networks.yml'))).toEqual(networksFile(none));
  });
});
