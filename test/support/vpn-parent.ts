import { startOpenVpnServer } from '../../infra/local/openvpn/server.ts';
import type { VpnServerSettings } from '../../infra/local/cloud/ec2/vpn-server.ts';

/** A process that starts an OpenVPN server and waits to be killed. Its settings come on the command line. */
await startOpenVpnServer(JSON.parse(process.argv[2] ?? '') as VpnServerSettings, {
  judge: async () => ({ allow: true }),
  established: () => undefined,
  disconnected: () => undefined,
  transferred: () => undefined,
  refused: () => undefined,
  died: () => undefined,
});
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);
