import type { SecondFactor } from './endpoint-record.ts';
import { serverNameOf, type ImportedCertificate } from './server-certificate.ts';

/**
 * The profile without certificate and key, in the words and the order in which AWS exports it.
 *
 * Two lines differ from AWS's: the address is on loopback, where there is no wildcard name, so
 * `remote-random-hostname` is absent; and the protocol is always TCP, over which a refusal reaches the client at
 * once.
 */
export function clientConfiguration(
  port: number,
  serverCertificate: ImportedCertificate,
  secondFactor?: SecondFactor,
): string {
  const { certificatePem, chainPem } = serverCertificate;
  const ca = chainPem?.trim() ? chainPem : certificatePem;
  return [
    'client',
    'dev tun',
    'proto tcp',
    `remote 127.0.0.1 ${port}`,
    'resolv-retry infinite',
    'nobind',
    'remote-cert-tls server',
    'cipher AES-256-GCM',
    'verb 3',
    '<ca>',
    ca.trim(),
    '</ca>',
    '',
    ...signInLines(secondFactor),
    'reneg-sec 0',
    '',
    `verify-x509-name ${serverNameOf(certificatePem)} name`,
    '',
  ].join('\n');
}

/** `auth-federate` is a word of AWS's own client, which then opens a browser. */
function signInLines(secondFactor: SecondFactor | undefined): string[] {
  if (secondFactor === undefined) return [];
  return secondFactor.kind === 'directory' ? ['auth-user-pass', ''] : ['auth-federate', 'auth-nocache', ''];
}
