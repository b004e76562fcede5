import { asksGate } from '../../domain/endpoint.ts';
import type { VpnEndpoints } from '../../ports/client-vpn.ts';
import type { DeploymentStack } from '../../ports/deployment-stack.ts';

export interface ReleaseEndpointDeps {
  readonly vpnEndpoints: VpnEndpoints;
  readonly deploymentStack: DeploymentStack;
}

export interface EndpointRelease {
  readonly stackId: string;
  readonly endpointId: string;
  readonly gateArn: string;
}

/**
 * Agrees that the stack goes, or refuses: the endpoint outlives it, and one that still asks a gate that is gone refuses
 * everybody. A deployment that is rolled back takes its own endpoint away, so there is nothing to refuse.
 *
 * @throws Error in words for the operator, while the endpoint asks our gate
 */
export async function releaseEndpoint(
  { vpnEndpoints, deploymentStack }: ReleaseEndpointDeps,
  { stackId, endpointId, gateArn }: EndpointRelease,
): Promise<void> {
  const settings = await vpnEndpoints.describe(endpointId);
  if (settings === undefined || !asksGate(settings, gateArn)) return;
  const status = await deploymentStack.status(stackId);
  if (status?.includes('ROLLBACK') === true) return;
  throw new Error(
    `${endpointId} still asks this portal's gate: without it the endpoint would refuse everybody. ` +
      'Run `npm run cli -- uninstall`, which publishes what is pending and takes the gate off, then delete the stack again',
  );
}
