import type { VpnServerEvents } from '../../../infra/local/cloud/ec2/vpn-server.ts';
import type { VpnBackend } from '../../../infra/local/stack/vpn-backend.ts';

const PLACE = { username: '', publicIp: '127.0.0.1', platform: 'linux', platformVersion: '' };

/** Wall time in milliseconds that two processes of a machine share, finer than `Date`. */
export const sharedMilliseconds = (): number => performance.timeOrigin + performance.now();

/**
 * A VPN server behind the EC2 stand-in that has clients and no handshakes: thousands of TLS connections in this
 * process would be what is measured. It asks the gate as every server does, and ends what it is told to end.
 */
export function bareVpn() {
  let server: VpnServerEvents | undefined;
  const connected = new Map<string, string>();
  const endedAt = new Map<string, number>();
  const end = (clientKey: string): void => {
    const commonName = connected.get(clientKey);
    if (commonName === undefined) return;
    connected.delete(clientKey);
    endedAt.set(commonName, sharedMilliseconds());
    server?.disconnected(clientKey);
  };
  let attempts = 0;
  const backend: VpnBackend = {
    kind: 'tls',
    words: 'clients without handshakes',
    startVpnServer: async (_settings, events) => {
      server = events;
      return {
        kill: end,
        async useCrl() {
          for (const clientKey of connected.keys()) end(clientKey);
        },
        stop: async () => undefined,
      };
    },
  };
  return {
    backend,
    /** When connections were ended, by common name. */
    endedAt: endedAt as ReadonlyMap<string, number>,
    isConnected: (commonName: string): boolean => [...connected.values()].includes(commonName),
    /** Connects as far as the gate lets it. @returns whether it did */
    async connect(commonName: string): Promise<boolean> {
      if (server === undefined) throw new Error('no endpoint was made');
      const clientKey = String((attempts += 1));
      const facts = { ...PLACE, commonName, clientOpenVpnVersion: '' };
      const { allow } = await server.judge(clientKey, facts);
      if (!allow) return false;
      connected.set(clientKey, commonName);
      server.established(clientKey);
      return true;
    },
  };
}
