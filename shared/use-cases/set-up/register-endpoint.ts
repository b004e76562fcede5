import type { EndpointPlace } from '../../domain/endpoint.ts';
import type { VpnEndpoints } from '../../ports/client-vpn.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { Wake } from '../../ports/wake.ts';

export interface RegisterEndpointDeps {
  readonly endpoints: EndpointStore;
  readonly vpnEndpoints: VpnEndpoints;
  readonly wake: Wake;
}

export interface EndpointRegistration extends EndpointPlace {
  readonly endpointId: string;
  readonly caId: string;
  readonly serverCertificateArn: string;
  /** The connect handler that the endpoint must ask. */
  readonly gateArn: string;
}

/**
 * Makes an endpoint that is there one of ours: from now on the portal issues for it, watches it and keeps its list,
 * of which the first, empty one is asked for at once. Again, it refreshes what may have changed at the endpoint: the
 * configuration that it exports, and the gate.
 *
 * @throws Error where the CA is not there, or the endpoint is another CA's: an endpoint's trust never changes
 */
export async function registerEndpoint(
  deps: RegisterEndpointDeps,
  registration: EndpointRegistration,
): Promise<void> {
  const { endpointId, caId, gateArn, region, accessRoleArn } = registration;
  const place = {
    ...(region === undefined ? {} : { region }),
    ...(accessRoleArn === undefined ? {} : { accessRoleArn }),
  };
  if ((await deps.endpoints.findAuthority(caId)) === undefined) throw new Error(`there is no CA ${caId}`);
  const known = await deps.endpoints.find(endpointId);
  if (known !== undefined && known.caId !== caId) {
    throw new Error(`${endpointId} belongs to the CA ${known.caId}, and an endpoint cannot change its CA`);
  }
  const clientConfiguration = await deps.vpnEndpoints.exportClientConfiguration(endpointId, place);
  if (known === undefined) await deps.endpoints.add({ ...registration, clientConfiguration });
  else await deps.endpoints.saveSettings(endpointId, { gateArn, clientConfiguration });
  await deps.wake.publication(endpointId);
}
