import { DescribeStacksCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { DeploymentStack } from '../ports/deployment-stack.ts';

export const cloudFormationStack = ({ client }: { client: CloudFormationClient }): DeploymentStack => ({
  async status(stackId) {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
    return stack?.StackStatus;
  },
});
