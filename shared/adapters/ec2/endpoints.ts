import {
  DescribeClientVpnEndpointsCommand,
  ExportClientVpnClientConfigurationCommand,
} from '@aws-sdk/client-ec2';
import type { VpnEndpoints } from '../../ports/client-vpn.ts';
import { clientOf, type Ec2Access } from './clients.ts';
import { ENDPOINT_NOT_FOUND, isEc2Error } from './error.ts';

const GONE = ['deleting', 'deleted'];

export const ec2Endpoints = (access: Ec2Access): VpnEndpoints => ({
  async describe(endpointId) {
    try {
      const client = await clientOf(access, endpointId);
      const { ClientVpnEndpoints = [] } = await client.send(
        new DescribeClientVpnEndpointsCommand({ ClientVpnEndpointIds: [endpointId] }),
      );
      const found = ClientVpnEndpoints.find(({ ClientVpnEndpointId }) => ClientVpnEndpointId === endpointId);
      if (!found || GONE.includes(found.Status?.Code ?? '')) return undefined;
      const { Enabled, LambdaFunctionArn } = found.ClientConnectOptions ?? {};
      return { endpointId, ...(Enabled && LambdaFunctionArn && { connectHandlerArn: LambdaFunctionArn }) };
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
