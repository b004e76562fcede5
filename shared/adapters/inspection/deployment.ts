import { DescribeStacksCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Inspection } from '../../ports/inspection.ts';

/** What CloudFormation says of a stack, and STS of the caller. */
export const inspectDeployment = ({
  cloudFormation,
  sts,
}: {
  readonly cloudFormation: CloudFormationClient;
  readonly sts: STSClient;
}): Pick<Inspection, 'caller' | 'stack'> => ({
  async caller() {
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account === undefined || Arn === undefined) throw new Error('STS named nobody');
    return { account: Account, arn: Arn };
  },

  async stack(stackName) {
    try {
      const { Stacks: [stack] = [] } = await cloudFormation.send(
        new DescribeStacksCommand({ StackName: stackName }),
      );
      return stack === undefined ? undefined : { name: stackName, status: stack.StackStatus ?? 'unknown' };
    } catch (error) {
      if (isNoSuchStack(error)) return undefined;
      throw error;
    }
  },
});

/** CloudFormation has no code of its own for it: `ValidationError`, "Stack with id … does not exist". */
function isNoSuchStack(error: unknown): boolean {
  const text = (key: string): string =>
    typeof error === 'object' && error !== null ? String(Reflect.get(error, key)) : '';
  return text('name') === 'ValidationError' && text('message').includes('does not exist');
}
