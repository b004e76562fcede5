import { randomUUID } from 'node:crypto';
import { ACCOUNT } from '../names.ts';
import type { CloudRequest, CloudResponse } from './protocol.ts';

/** STS speaks the query protocol in this version of its own. */
const VERSION = '2011-06-15';

const ACTIONS = ['GetCallerIdentity', 'AssumeRole'] as const;
type StsAction = (typeof ACTIONS)[number];

/** GetCallerIdentity, which needs no right at AWS, and AssumeRole: all of STS that anybody here asks for. */
export function stsActionOf({ body }: CloudRequest): StsAction | undefined {
  const query = new URLSearchParams(body);
  if (query.get('Version') !== VERSION) return undefined;
  return ACTIONS.find((action) => action === query.get('Action'));
}

const RESULTS: Readonly<Record<StsAction, (query: URLSearchParams) => string>> = {
  GetCallerIdentity: () =>
    `<Arn>arn:aws:iam::${ACCOUNT}:user/local</Arn><UserId>AIDALOCAL</UserId><Account>${ACCOUNT}</Account>`,
  // Whose credentials they are is seen in the token that comes with each call.
  AssumeRole: (query) =>
    `<Credentials><AccessKeyId>ASIALOCAL</AccessKeyId><SecretAccessKey>local</SecretAccessKey>` +
    `<SessionToken>${query.get('RoleArn') ?? ''}</SessionToken>` +
    `<Expiration>${new Date(Date.now() + 900_000).toISOString()}</Expiration></Credentials>`,
};

export function stsAnswer({ body }: CloudRequest, action: StsAction): CloudResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body:
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/${VERSION}/"><${action}Result>` +
      RESULTS[action](new URLSearchParams(body)) +
      `</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>` +
      `</${action}Response>`,
  };
}
