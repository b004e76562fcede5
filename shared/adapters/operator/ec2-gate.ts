import { ModifyClientVpnEndpointCommand } from '@aws-sdk/client-ec2';
import type { VpnGate } from '../../ports/client-vpn.ts';
import { clientOf, type Ec2Access } from '../ec2/clients.ts';

export const ec2Gate = (access: Ec2Access): VpnGate => ({
  async setConnectHandler(endpointId, functionArn) {
    const client = await clientOf(access, endpointId);
    const { Return } = await client.send(
      new ModifyClientVpnEndpointCommand({
        ClientVpnEndpointId: endpointId,
        ClientConnectOptions:
          functionArn === undefined ? { Enabled: false } : { Enabled: true, LambdaFunctionArn: functionArn },
      }),
    );
    if (Return !== true) throw new Error('EC2 did not take the change of the connect handler');
  },
});
