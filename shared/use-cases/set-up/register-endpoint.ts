import type { EndpointPlace } from '../../domain/endpoint.ts';
import type { GatePolicy } from '../../domain/gate-policy.ts';
import type { VpnEndpoints } from '../../ports/client-vpn.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { ServerCertificates } from '../../ports/server-certificates.ts';
import type { Wake } from '../../ports/wake.ts';
import { assertEndpointFits, type SecondFactor } from './endpoint-fit.ts';

export interface RegisterEndpointDeps {
  readonly endpoints: EndpointStore;
  readonly vpnEndpoints: VpnEndpoints;
  readonly serverCertificates: Pick<ServerCertificates, 'findChain'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly wake: Wake;
}

export interface EndpointRegistration extends EndpointPlace {
  readonly endpointId: string;
  readonly caId: string;
  /** The connect handler that the endpoint must ask. */
  readonly gateArn: string;
  /** What that gate was deployed with. */
  readonly gatePolicy: GatePolicy;
  readonly secondFactor: SecondFactor;
}

/**
 * Makes an endpoint that is there one of ours, whoever made it: from now on the portal issues for it, watches it and
 * keeps its list, of which the first, empty one is asked for at once. Again, it refreshes what may have changed at the
 * endpoint: the configuration that it exports, its server certificate, and the gate.
 *
 * @throws Error where the CA or the endpoint is not there, where the endpoint does not fit, or is another CA's: an
 *   endpoint's trust never changes
 */
export async function registerEndpoint(
  deps: RegisterEndpointDeps,
  registration: EndpointRegistration,
): Promise<void> {
  const { endpointId, caId, gateArn, gatePolicy, secondFactor, region, accessRoleArn } = registration;
  const place = {
    ...(region === undefined ? {} : { region }),
    ...(accessRoleArn === undefined ? {} : { accessRoleArn }),
  };
  const authority = await deps.endpoints.findAuthority(caId);
  if (authority === undefined) throw new Error(`there is no CA ${caId}`);
  const known = await deps.endpoints.find(endpointId);
  if (known !== undefined && known.caId !== caId) {
    throw new Error(`${endpointId} belongs to the CA ${known.caId}, and an endpoint cannot change its CA`);
  }
  const settings = await deps.vpnEndpoints.describe(endpointId, place);
  if (settings === undefined)
    throw new Error(`there is no endpoint ${endpointId} in this account and Region`);
  await assertEndpointFits(deps, settings, {
    authority,
    secondFactor,
    isElsewhere: Object.keys(place).length > 0,
  });
  const clientConfiguration = await deps.vpnEndpoints.exportClientConfiguration(endpointId, place);
  const serverCertificateArn = settings.serverCertificateArn ?? '';
  const changing = { gateArn, clientConfiguration, serverCertificateArn };
  const now = deps.clock.now();
  if (known === undefined) {
    const observed = gatePolicy.mode === 'observe' && { observation: { since: now } };
    await deps.endpoints.add({ endpointId, caId, ...place, ...changing, gatePolicy, ...observed });
  } else {
    await deps.endpoints.saveSettings(endpointId, { ...changing, gate: { policy: gatePolicy, at: now } });
  }
  await deps.wake.publication(endpointId);
}
