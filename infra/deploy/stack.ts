import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  GetStackPolicyCommand,
  paginateListStackResources,
  SetStackPolicyCommand,
  type CloudFormationClient,
  type ResourceChange,
} from '@aws-sdk/client-cloudformation';
import { policyWithout } from './stack-policy.ts';

/** What a deploy asks of a stack beside what osls does. */
export interface StackDeploy {
  /**
   * Takes away the empty shell that a first deploy which never began, or was rolled back whole, leaves: CloudFormation
   * takes nothing more for it.
   *
   * @returns whether there is no stack, so that nothing can be lost
   * @throws Error where such a stack still has resources
   */
  makeWay(): Promise<boolean>;
  /** Every change, of all pages; none of a change set without changes. */
  changesOf(changeSetName: string): Promise<ResourceChange[]>;
  deleteChangeSet(changeSetName: string): Promise<void>;
  /** @returns what puts the policy back as it was */
  freeInPolicy(logicalIds: readonly string[]): Promise<() => Promise<void>>;
}

/** States of a stack that never came to be. */
const SHELLS = ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'];
const POLL_MILLISECONDS = 2_000;
const POLLS = 150;

export function deployStack(client: CloudFormationClient, stackName: string): StackDeploy {
  return {
    async makeWay() {
      const stack = await find(client, stackName);
      if (stack === undefined) return true;
      if (!SHELLS.includes(stack.status)) return false;
      const left = await remainingIn(client, stack.id);
      if (left.length > 0) {
        throw new Error(
          `The stack ${stackName} never came to be (${stack.status}) and still holds ${left.join(', ')}. ` +
            'Look at its events, then delete the stack in the CloudFormation console and deploy again.',
        );
      }
      await client.send(new DeleteStackCommand({ StackName: stack.id }));
      await untilGone(client, stackName);
      return true;
    },

    async changesOf(changeSetName) {
      const changes: ResourceChange[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(
          new DescribeChangeSetCommand({
            StackName: stackName,
            ChangeSetName: changeSetName,
            ...(token && { NextToken: token }),
          }),
        );
        for (const { ResourceChange: change } of page.Changes ?? []) if (change) changes.push(change);
        token = page.NextToken;
      } while (token !== undefined);
      return changes;
    },

    async deleteChangeSet(changeSetName) {
      await client.send(new DeleteChangeSetCommand({ StackName: stackName, ChangeSetName: changeSetName }));
    },

    async freeInPolicy(logicalIds) {
      const { StackPolicyBody: before } = await client.send(
        new GetStackPolicyCommand({ StackName: stackName }),
      );
      const freed = before === undefined ? undefined : policyWithout(before, logicalIds);
      if (freed === undefined) return async () => undefined;
      const set = async (body: string | undefined): Promise<void> => {
        await client.send(new SetStackPolicyCommand({ StackName: stackName, StackPolicyBody: body }));
      };
      await set(freed);
      return () => set(before);
    },
  };
}

async function find(
  client: CloudFormationClient,
  stackName: string,
): Promise<{ id: string; status: string } | undefined> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    if (stack?.StackStatus === undefined || stack.StackStatus === 'DELETE_COMPLETE') return undefined;
    return { id: stack.StackId ?? stackName, status: stack.StackStatus };
  } catch (error) {
    // CloudFormation has no error of its own for it: ValidationError, "Stack with id … does not exist".
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}

async function remainingIn(client: CloudFormationClient, stackId: string): Promise<string[]> {
  const left: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stackId },
  )) {
    for (const { LogicalResourceId = '', ResourceStatus = '' } of StackResourceSummaries) {
      if (!['DELETE_COMPLETE', 'DELETE_SKIPPED'].includes(ResourceStatus)) left.push(LogicalResourceId);
    }
  }
  return left;
}

async function untilGone(client: CloudFormationClient, stackName: string): Promise<void> {
  for (let poll = 0; poll < POLLS; poll += 1) {
    if ((await find(client, stackName)) === undefined) return;
    await sleep(POLL_MILLISECONDS);
  }
  throw new Error(`The empty stack ${stackName} is still being deleted. Try again in a minute.`);
}
