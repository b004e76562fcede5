import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { issueCertificateHandler } from '../../../functions/issue-certificate/handler.ts';
import { httpApiServer, type HttpApiOptions } from '../../../infra/local/runner/http-api.ts';
import type { LambdaFunctions } from '../../../infra/local/runner/lambda-functions.ts';
import { nodeKeyPairs } from '../../../shared/adapters/node-key-pairs.ts';
import type { ApiHandler } from '../../../shared/http/api-handler.ts';
import { memoryStores } from '../../support/memory-stores/memory-stores.ts';
import { answerQuestions } from './answering.ts';
import { countedOut } from './counted-out.ts';
import { contextOf, observed, portalOver } from './portal.ts';

/**
 * The issue handler behind the local API and its JWT authorizer, over stores in memory whose time does not count, and
 * with the key here. Argument: a file with the routes and authorizers of the service.
 */

const [serviceFile = ''] = process.argv.slice(2);
const service = JSON.parse(readFileSync(serviceFile, 'utf8')) as HttpApiOptions['service'];
const stores = countedOut();

async function issueHandler(): Promise<ApiHandler> {
  return issueCertificateHandler({
    ...(await portalOver(stores.timed(memoryStores()))),
    ...observed,
    keyPairs: nodeKeyPairs,
    claims: {
      person: ['sub'],
      login: 'preferred_username',
      email: 'email',
      employeeNumber: 'employee_number',
      groups: 'groups',
      roles: 'roles',
    },
  });
}

let handler = await issueHandler();
let invocations = 0;

/** Without the JSON that event and answer become between API Gateway and Lambda, a thirtieth of it all. */
const invoke: LambdaFunctions['invoke'] = async (_, event) => ({
  payload: await handler(event as APIGatewayProxyEventV2, contextOf(String((invocations += 1)))),
});

const api = httpApiServer({ service, functions: { invoke } });
await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
const { port } = api.address() as AddressInfo;

answerQuestions(async ({ kind }) => {
  // Nobody may have so many certificates.
  if (kind === 'forget') handler = await issueHandler();
  const { user, system } = process.cpuUsage();
  return { port, cpu: (user + system) / 1000 - stores.milliseconds() };
});
