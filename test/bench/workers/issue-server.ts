import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { issueCertificateHandler } from '../../../functions/issue-certificate/handler.ts';
import { httpApiServer } from '../../../infra/local/runner/http-api.ts';
import type { LambdaFunctions } from '../../../infra/local/runner/lambda-functions.ts';
import { startStack } from '../../../infra/local/stack.ts';
import { nodeKeyPairs } from '../../../shared/adapters/node-key-pairs.ts';
import type { ApiHandler } from '../../../shared/http/api-handler.ts';
import { memoryStores } from '../../support/memory-stores/memory-stores.ts';
import { answerQuestions } from './answering.ts';
import { contextOf, observed, portalOver } from './portal.ts';

/**
 * The issue handler behind the local API, twice in this process: as `npm start` runs it, with its table and KMS, and
 * over stores in memory with the key here. Argument: the file that tells where.
 */

const [infoFile = ''] = process.argv.slice(2);
const stack = await startStack({ vpn: 'tls', schedules: 'manual' });
await stack.settled();

async function withoutStore(): Promise<ApiHandler> {
  return issueCertificateHandler({
    ...(await portalOver(memoryStores())),
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

let handler = await withoutStore();
let invocations = 0;

/** Event and answer pass through JSON, as the runner and Lambda do it. */
const invoke: LambdaFunctions['invoke'] = async (_, payload) => {
  const event = JSON.parse(JSON.stringify(payload)) as APIGatewayProxyEventV2;
  const answer = JSON.stringify(await handler(event, contextOf(String((invocations += 1)))));
  return { payload: JSON.parse(answer) };
};

const api = httpApiServer({ service: stack.service, functions: { invoke } });
await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
const { port } = api.address() as AddressInfo;
writeFileSync(
  infoFile,
  JSON.stringify({
    withStore: stack.apiUrl,
    withoutStore: `http://127.0.0.1:${port}`,
    issuer: stack.issuer,
    audience: stack.audience,
    dataDirectory: stack.dataDirectory,
  }),
);

answerQuestions(async ({ kind }) => {
  if (kind === 'forget') handler = await withoutStore();
  if (kind === 'close') {
    api.closeAllConnections();
    api.close();
    await stack.close();
  }
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1000 };
});
