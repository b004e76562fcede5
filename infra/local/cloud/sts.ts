import { randomUUID } from 'node:crypto';
import { ACCOUNT } from '../names.ts';
import type { CloudRequest, CloudResponse } from './protocol.ts';

/** STS speaks the query protocol in this version of its own. */
const VERSION = '2011-06-15';

/** GetCallerIdentity, which needs no right at AWS and is all of STS that anybody here asks for. */
export const isStsCall = ({ body }: CloudRequest): boolean => {
  const query = new URLSearchParams(body);
  return query.get('Version') === VERSION && query.get('Action') === 'GetCallerIdentity';
};

export const stsAnswer = (): CloudResponse => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body:
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/${VERSION}/"><GetCallerIdentityResult>` +
    `<Arn>arn:aws:iam::${ACCOUNT}:user/local</Arn><UserId>AIDALOCAL</UserId><Account>${ACCOUNT}</Account>` +
    `</GetCallerIdentityResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>` +
    `</GetCallerIdentityResponse>`,
});
