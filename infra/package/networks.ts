import { createHash } from 'node:crypto';
import { parseAccessRule } from './access-rules.ts';
import { wordsOf } from './values.ts';

/** What a stage's parameters say of the endpoint's networks, each a list with spaces between. */
export interface Networks {
  readonly subnetIds: string;
  readonly allowedNetworks: string;
  readonly routedNetworks: string;
  readonly dnsServers: string;
}

type Resource = Readonly<Record<string, unknown>>;

const ENDPOINT = { Ref: 'Endpoint' };
/** Client VPN allows changes to routes and rules of one endpoint by the handful only, so each waits for the last. */
const after = (previous: string | undefined): Resource =>
  previous === undefined ? {} : { DependsOn: [previous] };

/**
 * The stage's infra/aws/networks.yml: one association for each subnet, one authorization rule for each network and
 * group, one route for each network behind the VPC and subnet.
 *
 * Each resource is named after what it is about and not by its place in a list: to take one away must not replace the
 * others, which would end the connections of everybody.
 */
export function networksFile({ subnetIds, allowedNetworks, routedNetworks, dnsServers }: Networks): {
  readonly dnsServers: unknown;
  readonly associations: readonly string[];
  readonly template: { readonly Resources: Readonly<Record<string, Resource>> };
} {
  const Resources: Record<string, Resource> = {};
  const associations = wordsOf(subnetIds).map((SubnetId) => {
    const logicalId = logicalIdOf('Association', SubnetId);
    Resources[logicalId] = {
      Type: 'AWS::EC2::ClientVpnTargetNetworkAssociation',
      Properties: { ClientVpnEndpointId: ENDPOINT, SubnetId },
    };
    return logicalId;
  });
  let previous: string | undefined;
  for (const word of wordsOf(allowedNetworks)) {
    const { network, groupId } = parseAccessRule(word);
    const logicalId = logicalIdOf(
      'AuthorizationRule',
      groupId === undefined ? network : `${network} ${groupId}`,
    );
    Resources[logicalId] = {
      Type: 'AWS::EC2::ClientVpnAuthorizationRule',
      ...after(previous),
      Properties: {
        ClientVpnEndpointId: ENDPOINT,
        TargetNetworkCidr: network,
        ...(groupId === undefined ? { AuthorizeAllGroups: true } : { AccessGroupId: groupId }),
      },
    };
    previous = logicalId;
  }
  // A route goes through a subnet that is associated.
  let route: string | undefined;
  for (const DestinationCidrBlock of wordsOf(routedNetworks)) {
    for (const TargetVpcSubnetId of wordsOf(subnetIds)) {
      const logicalId = logicalIdOf('Route', `${DestinationCidrBlock} ${TargetVpcSubnetId}`);
      Resources[logicalId] = {
        Type: 'AWS::EC2::ClientVpnRoute',
        DependsOn: [logicalIdOf('Association', TargetVpcSubnetId), ...(route === undefined ? [] : [route])],
        Properties: { ClientVpnEndpointId: ENDPOINT, DestinationCidrBlock, TargetVpcSubnetId },
      };
      route = logicalId;
    }
  }
  const servers = wordsOf(dnsServers);
  return {
    dnsServers: servers.length === 0 ? { Ref: 'AWS::NoValue' } : servers,
    associations,
    template: { Resources },
  };
}

/** A logical id has letters and digits only. */
const logicalIdOf = (kind: string, about: string): string =>
  kind + createHash('sha256').update(about).digest('hex').slice(0, 12);
