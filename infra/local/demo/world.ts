import type { VpnClient } from '../openvpn/client-types.ts';
import { connectClient } from '../openvpn/connect-client.ts';
import { requestToken } from '../openid-provider/request-token.ts';
import type { Stack } from '../stack.ts';
import type { Closers } from '../stack/closers.ts';
import { portalApi, type PortalApi } from './portal-api.ts';
import { vpnEndpoint, type VpnEndpoint } from './vpn-endpoint.ts';

/** Everything that the story happens in. */
export interface World {
  readonly stack: Stack;
  readonly api: PortalApi;
  readonly endpoint: VpnEndpoint;
  /** What the endpoint would write into its connection log, oldest first. */
  readonly endpointLog: readonly string[];
  /** How many lists were imported since the stack began. */
  imports(): number;
  /** Signs in now. */
  signIn(name: string): Promise<string>;
  /** Runs a VPN client with a whole profile, as the person would on a laptop. */
  connect(name: string, profileText: string): Promise<VpnClient>;
  stopClients(): Promise<void>;
}

const IMPORT = 'ImportClientVpnClientCertificateRevocationList';

/** @param closers gets what ends the clients; the stack is its owner's to close */
export function worldOf(stack: Stack, endpointLog: readonly string[], closers: Closers): World {
  const clients: VpnClient[] = [];
  const endpoint = vpnEndpoint(stack.endpointId);
  const stopClients = async (): Promise<void> => {
    await Promise.all(clients.splice(0).map((client) => client.stop()));
  };
  closers.add(() => endpoint.close());
  closers.add(stopClients);
  return {
    stack,
    api: portalApi(stack.apiUrl),
    endpoint,
    endpointLog,
    imports: () => stack.ec2.callsOf(IMPORT),
    signIn: async (name) => (await requestToken(stack.issuer, name)).accessToken,
    async connect(name, profileText) {
      const client = await connectClient({ name, profileText, backend: stack.vpn.kind });
      clients.push(client);
      return client;
    },
    stopClients,
  };
}
