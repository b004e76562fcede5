import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { withoutAttributes, type Observability } from '../../shared/http/observability.ts';
import type { TrafficShift } from '../../shared/ports/gate-probe.ts';
import { probeGate, type ProbeGateDeps } from '../../shared/use-cases/probe-gate.ts';

export interface GateProbeDeps extends ProbeGateDeps, Observability {
  readonly trafficShift: TrafficShift;
}

/** What CodeDeploy sends to a hook (CodeDeploy user guide, AppSpec "hooks" for a Lambda deployment). */
const hookEvent = z.object({
  DeploymentId: z.string().check(z.minLength(1)),
  LifecycleEventHookExecutionId: z.string().check(z.minLength(1)),
});

/**
 * Asked by CodeDeploy before it moves the alias. It always gives its word, for CodeDeploy would wait an hour for it;
 * whatever goes wrong here counts against the new gate.
 */
export const gateProbeHandler = (
  deps: GateProbeDeps,
): ((event: unknown, context: Context) => Promise<{ readonly outcome: 'Succeeded' | 'Failed' }>) =>
  middy<unknown, { readonly outcome: 'Succeeded' | 'Failed' }>()
    .use(injectLambdaContext(deps.logger, { resetKeys: true }))
    .handler(async (event) => {
      const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: hookExecutionId } =
        hookEvent.parse(event);
      const outcome = await tryGate(deps);
      await deps.trafficShift.report({ deploymentId, hookExecutionId }, outcome);
      return { outcome };
    });

async function tryGate(deps: GateProbeDeps): Promise<'Succeeded' | 'Failed'> {
  try {
    const faults = await probeGate(deps);
    for (const fault of faults) deps.logger.error('the gate failed a probe', { ...fault });
    if (faults.length === 0) deps.logger.info('the gate passed its probes');
    return faults.length === 0 ? 'Succeeded' : 'Failed';
  } catch (error) {
    deps.logger.error('the gate could not be probed', { error: withoutAttributes(error) });
    return 'Failed';
  }
}
