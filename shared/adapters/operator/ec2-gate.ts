import { ModifyClientVpnEndpointCommand, type EC2Client } from '@aws-sdk/client-ec2';
import type { VpnGate } from '../../ports/client-vpn.ts';

export const ec2Gate = ({ client }: { client: EC2Client }): VpnGate => ({
  async setConnectHandler(endpointId, functionArn) {
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
