import { CreateClientVpnEndpointCommand, type EC2Client } from '@aws-sdk/client-ec2';
import type { VpnEndpointFactory } from '../../ports/client-vpn.ts';

export const ec2EndpointFactory = ({ client }: { client: EC2Client }): VpnEndpointFactory => ({
  async create(request) {
    const { ClientVpnEndpointId: endpointId } = await client.send(
      new CreateClientVpnEndpointCommand({
        ClientToken: request.clientToken,
        Description: request.description,
        ServerCertificateArn: request.serverCertificateArn,
        AuthenticationOptions: [
          {
            Type: 'certificate-authentication',
            MutualAuthentication: { ClientRootCertificateChainArn: request.clientRootCertificateArn },
          },
        ],
        ClientCidrBlock: request.clientCidrBlock,
        ConnectionLogOptions: { Enabled: false },
        TransportProtocol: request.transport,
        ClientConnectOptions: { Enabled: true, LambdaFunctionArn: request.connectHandlerArn },
        SessionTimeoutHours: request.sessionTimeoutHours,
        // A session that nobody ended must end, and not be renewed behind the user's back.
        DisconnectOnSessionTimeout: true,
      }),
    );
    if (!endpointId) throw new Error('EC2 made an endpoint without an id');
    return { endpointId };
  },
});
