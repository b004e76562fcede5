import { randomUUID } from 'node:crypto';
import type { CloudRequest, CloudResponse } from './protocol.ts';

/** CloudFormation speaks the query protocol in this version of its own. */
const VERSION = '2010-05-15';

/** What a stack of this laptop would say, and a test wants it to say. */
export interface CloudFormationControl {
  stackStatus: string;
}

/** DescribeStacks, of the one stack that there is: all that a function of ours asks. */
export const isDescribeStacksCall = ({ body }: CloudRequest): boolean => {
  const query = new URLSearchParams(body);
  return query.get('Version') === VERSION && query.get('Action') === 'DescribeStacks';
};

export function describeStacksAnswer(
  { body }: CloudRequest,
  { stackStatus }: CloudFormationControl,
): CloudResponse {
  const name = new URLSearchParams(body).get('StackName') ?? '';
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body:
      `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/${VERSION}/"><DescribeStacksResult>` +
      `<Stacks><member><StackId>${name}</StackId><StackName>${name.split('/')[1] ?? name}</StackName>` +
      `<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${stackStatus}</StackStatus></member></Stacks>` +
      `</DescribeStacksResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>` +
      `</DescribeStacksResponse>`,
  };
}
