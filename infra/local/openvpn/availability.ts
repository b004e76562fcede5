import { runOpenVpn } from './process.ts';

export type Availability =
  { readonly ok: true; readonly version: string } | { readonly ok: false; readonly reason: string };

/**
 * Whether an OpenVPN server can run here: the binary is there, and a tun device can be made (which needs root or
 * CAP_NET_ADMIN, and /dev/net/tun). A device is made and removed, because nothing less tells.
 */
export async function canRunOpenVpn(): Promise<Availability> {
  const { code, output } = await runOpenVpn(['--version']);
  if (code === undefined) return { ok: false, reason: 'there is no openvpn binary' };
  const version = /^OpenVPN (\S+)/m.exec(output)?.[1];
  if (!version) return { ok: false, reason: 'openvpn --version says nothing we know' };
  const device = ['--dev', `vpnp${process.pid}`, '--dev-type', 'tun'];
  const made = await runOpenVpn(['--mktun', ...device]);
  if (made.code !== 0) {
    const cause = /ERROR: (.*)/.exec(made.output)?.[1] ?? made.output.trim().split('\n').at(-1) ?? '';
    return { ok: false, reason: `openvpn ${version} cannot make a tun device: ${cause}` };
  }
  await runOpenVpn(['--rmtun', ...device]);
  return { ok: true, version };
}
