import { randomUUID } from 'node:crypto';
import { arn } from '../names.ts';
import type { Runner } from '../runner/runner.ts';
import type { Service } from '../runner/service.ts';

const SET_UP = 'set-up';

/**
 * Invokes the set-up function as CloudFormation invokes a custom resource at a deployment. It makes what is missing
 * and leaves what is there.
 *
 * @returns the endpoint that it made or found, empty for a service without set-up
 * @throws Error with the function's own words
 */
export async function setUp(
  runner: Pick<Runner, 'invoke'>,
  service: Pick<Service, 'name' | 'functions'>,
): Promise<{ endpointId: string }> {
  if (!service.functions.some(({ key }) => key === SET_UP)) return { endpointId: '' };
  const { payload, functionError } = await runner.invoke(SET_UP, {
    RequestType: 'Create',
    RequestId: randomUUID(),
    StackId: arn('cloudformation', `stack/${service.name}-local/local`),
    LogicalResourceId: 'SetUp',
    ResourceType: 'Custom::SetUp',
    ResourceProperties: {},
  });
  const text = JSON.stringify(payload);
  if (functionError !== undefined) throw new Error(`set-up failed: ${text}`);
  return { endpointId: /cvpn-endpoint-[0-9a-f]+/.exec(text)?.[0] ?? '' };
}
