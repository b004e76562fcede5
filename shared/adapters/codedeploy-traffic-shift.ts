import {
  PutLifecycleEventHookExecutionStatusCommand,
  type CodeDeployClient,
} from '@aws-sdk/client-codedeploy';
import type { TrafficShift } from '../ports/gate-probe.ts';

export const codeDeployTrafficShift = ({ client }: { client: CodeDeployClient }): TrafficShift => ({
  async report({ deploymentId, hookExecutionId }, outcome) {
    await client.send(
      new PutLifecycleEventHookExecutionStatusCommand({
        deploymentId,
        lifecycleEventHookExecutionId: hookExecutionId,
        status: outcome,
      }),
    );
  },
});
