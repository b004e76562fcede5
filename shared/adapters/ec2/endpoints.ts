import {
  DescribeClientVpnEndpointsCommand,
  ExportClientVpnClientConfigurationCommand,
  type ClientVpnEndpoint,
} from '@aws-sdk/client-ec2';
import type { EndpointSettings, VpnEndpoints } from '../../ports/client-vpn.ts';
import { clientOf, type Ec2Access } from './clients.ts';
import { ENDPOINT_NOT_FOUND, isEc2Error } from './error.ts';

const GONE = ['deleting', 'deleted'];

export const ec2Endpoints = (access: Ec2Access): VpnEndpoints => ({
  async describe(endpointId, place) {
    try {
      const client = await clientOf(access, endpointId, place);
      const { ClientVpnEndpoints = [] } = await client.send(
        new DescribeClientVpnEndpointsCommand({ ClientVpnEndpointIds: [endpointId] }),
      );
      const found = ClientVpnEndpoints.find(({ ClientVpnEndpointId }) => ClientVpnEndpointId === endpointId);
      if (!found || GONE.includes(found.Status?.Code ?? '')) return undefined;
      return settingsOf(endpointId, found);
    } catch (error) {
      if (isEc2Error(error, ENDPOINT_NOT_FOUND)) return undefined;
      throw error;
    }
  },

  async exportClientConfiguration(endpointId, place) {
    const client = await clientOf(access, endpointId, place);
    const { ClientConfiguration } = await client.send(
      new ExportClientVpnClientConfigurationCommand({ ClientVpnEndpointId: endpointId }),
    );
    if (!ClientConfiguration?.trim()) throw new Error('EC2 exported no client configuration');
    return ClientConfiguration;
  },
});

function settingsOf(endpointId: string, endpoint: ClientVpnEndpoint): EndpointSettings {
  const { ClientConnectOptions, AuthenticationOptions = [], ServerCertificateArn } = endpoint;
  const { Enabled, LambdaFunctionArn } = ClientConnectOptions ?? {};
  const chainArn = firstOf(
    AuthenticationOptions.map((one) => one.MutualAuthentication?.ClientRootCertificateChain),
  );
  const directoryId = firstOf(AuthenticationOptions.map((one) => one.ActiveDirectory?.DirectoryId));
  const samlProviderArn = firstOf(
    AuthenticationOptions.map((one) => one.FederatedAuthentication?.SamlProviderArn),
  );
  return {
    endpointId,
    ...(Enabled && LambdaFunctionArn && { connectHandlerArn: LambdaFunctionArn }),
    ...(ServerCertificateArn && { serverCertificateArn: ServerCertificateArn }),
    ...(chainArn && { clientRootCertificateChainArn: chainArn }),
    ...(directoryId && { directoryId }),
    ...(samlProviderArn && { samlProviderArn }),
  };
}

const firstOf = (texts: readonly (string | undefined)[]): string | undefined =>
  texts.find((text) => text !== undefined && text !== '');
