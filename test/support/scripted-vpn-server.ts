import type {
  StartVpnServer,
  Verdict,
  VpnServerEvents,
  VpnServerSettings,
} from '../../infra/local/cloud/ec2/vpn-server.ts';

/** VPN servers without a network: the test says who comes to the oldest, and sees what was done to whom. */
export interface ScriptedVpnServer {
  readonly start: StartVpnServer;
  readonly settings: () => VpnServerSettings;
  readonly lists: readonly string[];
  readonly killed: readonly { clientKey: string; mayComeBack: boolean }[];
  /** A client with a good certificate. @returns what the gate said, and the client's key */
  connect(commonName: string): Promise<{ verdict: Verdict; clientKey: string }>;
  disconnect(clientKey: string): void;
  transfer(clientKey: string, ingressOctets: number, egressOctets: number): void;
}

export function scriptedVpnServer(): ScriptedVpnServer {
  let servers: { settings: VpnServerSettings; events: VpnServerEvents }[] = [];
  const oldest = () => {
    const [server] = servers;
    if (!server) throw new Error('no server runs');
    return server;
  };
  const lists: string[] = [];
  const killed: { clientKey: string; mayComeBack: boolean }[] = [];
  let count = 0;
  return {
    async start(settings, events) {
      const server = { settings, events };
      servers.push(server);
      if (settings.crlPem !== undefined) lists.push(settings.crlPem);
      return {
        kill(clientKey, mayComeBack) {
          killed.push({ clientKey, mayComeBack });
          events.disconnected(clientKey);
        },
        async useCrl(crlPem) {
          lists.push(crlPem);
        },
        async stop() {
          servers = servers.filter((other) => other !== server);
        },
      };
    },
    settings: () => oldest().settings,
    lists,
    killed,
    async connect(commonName) {
      const { events } = oldest();
      const clientKey = String((count += 1));
      const verdict = await events.judge(clientKey, {
        commonName,
        username: '',
        publicIp: '192.0.2.7',
        platform: 'mac',
        platformVersion: '14',
        clientOpenVpnVersion: '3.8',
      });
      if (verdict.allow) events.established(clientKey);
      return { verdict, clientKey };
    },
    disconnect: (clientKey) => oldest().events.disconnected(clientKey),
    transfer: (...facts) => oldest().events.transferred(...facts),
  };
}
