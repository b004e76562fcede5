import { connectTlsClient } from '../tls-endpoint/client.ts';
import { connectOpenVpnClient } from './client.ts';
import type { VpnClient, VpnClientOptions } from './client-types.ts';

/** Runs a client with a whole profile against an endpoint of the local stack, over what that endpoint speaks. */
export function connectClient(
  options: VpnClientOptions & { readonly backend: 'openvpn' | 'tls' },
): Promise<VpnClient> {
  return options.backend === 'openvpn' ? connectOpenVpnClient(options) : connectTlsClient(options);
}
