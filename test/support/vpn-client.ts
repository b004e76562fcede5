import { canRunOpenVpn } from '../../infra/local/openvpn/availability.ts';
import { connectClient } from '../../infra/local/openvpn/connect-client.ts';
import type { VpnClient, VpnClientOptions } from '../../infra/local/openvpn/client-types.ts';
import { startOpenVpnServer } from '../../infra/local/openvpn/server.ts';
import { startTlsServer } from '../../infra/local/tls-endpoint/server.ts';
import type { StartVpnServer } from '../../infra/local/cloud/ec2/vpn-server.ts';

export interface TestBackend {
  readonly backend: 'openvpn' | 'tls';
  readonly startVpnServer: StartVpnServer;
}

/** What can be tested here. Where OpenVPN is missing, that is said where nobody can miss it. */
export async function testBackends(): Promise<TestBackend[]> {
  const tls: TestBackend = { backend: 'tls', startVpnServer: startTlsServer };
  const openVpn = await canRunOpenVpn();
  if (openVpn.ok) return [{ backend: 'openvpn', startVpnServer: startOpenVpnServer }, tls];
  process.stderr.write(`\n*** SKIPPED: every test with a real OpenVPN, for ${openVpn.reason} ***\n\n`);
  return [tls];
}

/** Clients that a test file starts; the file ends them all. */
export function vpnClients(backend: 'openvpn' | 'tls'): {
  connect(name: string, profileText: string, signIn?: VpnClientOptions['signIn']): Promise<VpnClient>;
  stopAll(): Promise<void>;
} {
  const clients: VpnClient[] = [];
  return {
    async connect(name, profileText, signIn) {
      const client = await connectClient({ name, profileText, backend, ...(signIn && { signIn }) });
      clients.push(client);
      return client;
    },
    async stopAll() {
      await Promise.all(clients.splice(0).map((client) => client.stop()));
    },
  };
}
