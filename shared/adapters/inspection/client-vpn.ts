import {
  DescribeClientVpnEndpointsCommand,
  paginateDescribeClientVpnAuthorizationRules,
  paginateDescribeClientVpnRoutes,
  type ClientVpnEndpoint,
} from '@aws-sdk/client-ec2';
import type { EndpointSettingsFacts } from '../../domain/doctor/facts.ts';
import type { Inspection } from '../../ports/inspection.ts';
import { clientOf, type Ec2Access } from '../ec2/clients.ts';
import { ENDPOINT_NOT_FOUND, isEc2Error } from '../ec2/error.ts';

/** How an endpoint is set at EC2. */
export const inspectClientVpn = (access: Ec2Access): Pick<Inspection, 'endpointSettings' | 'networks'> => ({
  async networks(endpointId) {
    const client = await clientOf(access, endpointId);
    const asked = { ClientVpnEndpointId: endpointId };
    const networks = { authorizedCidrs: [] as string[], routedCidrs: [] as string[] };
    for await (const { AuthorizationRules = [] } of paginateDescribeClientVpnAuthorizationRules(
      { client },
      asked,
    ))
      for (const { DestinationCidr, Status } of AuthorizationRules)
        if (DestinationCidr !== undefined && Status?.Code === 'active')
          networks.authorizedCidrs.push(DestinationCidr);
    for await (const { Routes = [] } of paginateDescribeClientVpnRoutes({ client }, asked))
      for (const { DestinationCidr } of Routes)
        if (DestinationCidr !== undefined) networks.routedCidrs.push(DestinationCidr);
    return networks;
  },

  async endpointSettings(endpointId) {
    try {
      const client = await clientOf(access, endpointId);
      const { ClientVpnEndpoints = [] } = await client.send(
        new DescribeClientVpnEndpointsCommand({ ClientVpnEndpointIds: [endpointId] }),
      );
      const found = ClientVpnEndpoints.find(({ ClientVpnEndpointId }) => ClientVpnEndpointId === endpointId);
      return found === undefined || found.Status?.Code === 'deleted' ? undefined : settingsFrom(found);
    } catch (error) {
      if (isEc2Error(error, ENDPOINT_NOT_FOUND)) return undefined;
      throw error;
    }
  },
});

function settingsFrom(endpoint: ClientVpnEndpoint): EndpointSettingsFacts {
  const { Status, ClientConnectOptions, AuthenticationOptions = [] } = endpoint;
  const { Enabled, LambdaFunctionArn, Status: handlerStatus } = ClientConnectOptions ?? {};
  return {
    status: Status?.Code ?? 'unknown',
    authentication: AuthenticationOptions.map(({ Type, MutualAuthentication }) => ({
      type: Type ?? 'unknown',
      ...(MutualAuthentication?.ClientRootCertificateChain === undefined
        ? {}
        : { clientRootCertificateArn: MutualAuthentication.ClientRootCertificateChain }),
    })),
    serverCertificateArn: endpoint.ServerCertificateArn ?? '',
    connectHandler: {
      isEnabled: Enabled === true,
      ...(LambdaFunctionArn === undefined ? {} : { functionArn: LambdaFunctionArn }),
      ...(handlerStatus?.Code === undefined ? {} : { status: handlerStatus.Code }),
    },
    hasConnectionLog: endpoint.ConnectionLogOptions?.Enabled === true,
    // AWS's defaults.
    sessionTimeoutHours: endpoint.SessionTimeoutHours ?? 24,
    endsOnSessionTimeout: endpoint.DisconnectOnSessionTimeout ?? true,
    isSplitTunnel: endpoint.SplitTunnel ?? false,
    transport: endpoint.TransportProtocol ?? 'udp',
    port: endpoint.VpnPort ?? 443,
  };
}
