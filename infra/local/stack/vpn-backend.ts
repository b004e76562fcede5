import type { StartVpnServer } from '../cloud/ec2/vpn-server.ts';
import { canRunOpenVpn } from '../openvpn/availability.ts';
import { startOpenVpnServer } from '../openvpn/server.ts';
import { startTlsServer } from '../tls-endpoint/server.ts';

/** What stands behind an endpoint. */
export interface VpnBackend {
  readonly kind: 'openvpn' | 'tls';
  /** For people: `OpenVPN 2.6.14`, or why it is not that. */
  readonly words: string;
  readonly startVpnServer: StartVpnServer;
}

/** @param wanted `auto` takes OpenVPN where it can run; one that is given is taken */
export async function vpnBackend(wanted: 'auto' | 'tls' | VpnBackend): Promise<VpnBackend> {
  if (typeof wanted === 'object') return wanted;
  if (wanted === 'tls') return tls('as was asked');
  const availability = await canRunOpenVpn();
  return availability.ok
    ? { kind: 'openvpn', words: `OpenVPN ${availability.version}`, startVpnServer: startOpenVpnServer }
    : tls(availability.reason);
}

const tls = (reason: string): VpnBackend => ({
  kind: 'tls',
  words: `mutual TLS in place of OpenVPN (${reason})`,
  startVpnServer: startTlsServer,
});
