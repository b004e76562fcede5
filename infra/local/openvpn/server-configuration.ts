import type { VpnServerSettings } from '../cloud/ec2/vpn-server.ts';
import { inlineFile, quoted } from './lexical.ts';

/** OpenVPN cuts what is longer, and would then read another file. */
const PATH_OCTETS = 240;

/**
 * The configuration of an endpoint's server: certificates decide first, then whoever speaks the management
 * interface. The tun device gets no address, so nothing of the machine's network changes.
 *
 * @param management what makes the process come to its management socket
 */
export function serverConfiguration(
  settings: VpnServerSettings,
  crlPath: string | undefined,
  management: readonly string[],
): string {
  if (crlPath && Buffer.byteLength(crlPath) > PATH_OCTETS)
    throw new Error(`too long for OpenVPN: ${crlPath}`);
  return [
    'mode server',
    'tls-server',
    'proto tcp-server',
    'local 127.0.0.1',
    `port ${settings.port}`,
    'dev tun',
    'dev-type tun',
    'topology subnet',
    'ifconfig-noexec',
    'route-noexec',
    'persist-key',
    'persist-tun',
    'dh none',
    'tls-version-min 1.2',
    'data-ciphers AES-256-GCM',
    'verify-client-cert require',
    'remote-cert-tls client',
    ...(crlPath ? [`crl-verify ${quoted(crlPath)}`] : []),
    'management-client-auth',
    ...(settings.asksForSignIn ? [] : ['auth-user-pass-optional']),
    ...management,
    'keepalive 10 60',
    // As in the profiles that AWS exports: no session is judged anew by renegotiation.
    'reneg-sec 0',
    'verb 3',
    inlineFile('ca', settings.clientCaPem),
    inlineFile('cert', `${settings.serverCertificatePem.trimEnd()}\n${settings.serverChainPem}`),
    inlineFile('key', settings.serverPrivateKeyPem),
    '',
  ].join('\n');
}
