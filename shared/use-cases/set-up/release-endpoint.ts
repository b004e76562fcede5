import { asksGate } from '../../domain/endpoint.ts';
import type { VpnEndpoints } from '../../ports/client-vpn.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeploymentStack } from '../../ports/deployment-stack.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';

export interface ReleaseEndpointDeps {
  readonly endpoints: Pick<EndpointStore, 'retire'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly vpnEndpoints: VpnEndpoints;
  readonly deploymentStack: DeploymentStack;
}

export interface EndpointRelease {
  readonly stackId: string;
  readonly endpointId: string;
  readonly gateArn: string;
}

/**
 * Agrees that an endpoint loses its place in the stack, or refuses: the endpoint itself outlives it, and one that still
 * asks a gate that nobody looks after refuses everybody in the end. From then on it is not looked after: no list, no
 * cut, and no leaver waits for it. A deployment that is rolled back takes its own endpoint away, so there is nothing to
 * refuse.
 *
 * @throws Error in words for the operator, while the endpoint asks our gate
 */
export async function releaseEndpoint(
  { vpnEndpoints, deploymentStack, endpoints, clock }: ReleaseEndpointDeps,
  { stackId, endpointId, gateArn }: EndpointRelease,
): Promise<void> {
  const settings = await vpnEndpoints.describe(endpointId);
  if (settings !== undefined && asksGate(settings, gateArn)) {
    const status = (await deploymentStack.status(stackId)) ?? '';
    if (!status.includes('ROLLBACK')) throw stillAsks(endpointId, status.startsWith('DELETE'));
  }
  await endpoints.retire(endpointId, clock.now());
}

const stillAsks = (endpointId: string, isWholeStack: boolean): Error =>
  new Error(
    `${endpointId} still asks this portal's gate: without it the endpoint would refuse everybody. ` +
      `Run \`npm run cli -- ${isWholeStack ? 'uninstall' : `gate off --endpoint ${endpointId}`}\`, ` +
      'which publishes what is pending and takes the gate off, then try again',
  );
