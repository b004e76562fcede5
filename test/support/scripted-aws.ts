import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What the services say that have no stand-in; tests change it between calls. */
export interface Script {
  stackStatus: string | undefined;
  resources: Readonly<Record<string, string>>;
  alarms: readonly {
    AlarmName: string;
    StateValue: string;
    ActionsEnabled: boolean;
    AlarmActions: string[];
  }[];
  subscriptionArns: readonly string[];
  functionState: string;
  reservedConcurrency: number | undefined;
  concurrencyLimit: number;
}

/**
 * CloudFormation, CloudWatch and SNS as they answer on the wire, and what Lambda says of its functions, on loopback:
 * names of fields and XML as in botocore's models. Lists come in pages of one. Invocations go on to the local runner.
 */
export async function startScriptedAws(script: Script, lambdaUrl: string) {
  const server = createServer((request, response) => {
    answer(script, lambdaUrl, request, response).catch(() => response.socket?.resetAndDestroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  script: Script,
  lambdaUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const path = decodeURIComponent(request.url ?? '/');
  if (path.endsWith('/invocations')) {
    const passed = await fetch(`${lambdaUrl}${request.url ?? ''}`, { method: 'POST', body });
    response.writeHead(passed.status).end(Buffer.from(await passed.arrayBuffer()));
    return;
  }
  const json = (value: unknown, type = 'application/json'): void =>
    void response.writeHead(200, { 'content-type': type }).end(JSON.stringify(value));
  if (path.endsWith('/configuration')) return json({ FunctionName: 'gate', State: script.functionState });
  if (path.endsWith('/concurrency'))
    return json({ ReservedConcurrentExecutions: script.reservedConcurrency });
  if (path.includes('/account-settings')) {
    return json({ AccountLimit: { ConcurrentExecutions: script.concurrencyLimit } });
  }
  if (request.headers['x-amz-target']?.toString().endsWith('.DescribeAlarms') === true) {
    const { AlarmNames } = JSON.parse(body.toString()) as { AlarmNames: string[] };
    const found = script.alarms.filter(({ AlarmName }) => AlarmNames.includes(AlarmName));
    return json({ MetricAlarms: found }, 'application/x-amz-json-1.0');
  }
  const { status, xml } = queried(script, new URLSearchParams(body.toString()));
  response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
}

function queried(script: Script, query: URLSearchParams): { status: number; xml: string } {
  const action = query.get('Action') ?? '';
  if (script.stackStatus === undefined && action !== 'ListSubscriptionsByTopic') {
    const message = `Stack with id ${query.get('StackName')} does not exist`;
    const error = `<Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error>`;
    return { status: 400, xml: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` };
  }
  const wrapped = (content: string) => ({
    status: 200,
    xml: `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`,
  });
  const page = <T>(all: readonly T[], show: (one: T) => string, list: string): string => {
    const at = Number(query.get('NextToken') ?? 0);
    const one = all[at];
    const next = at + 1 < all.length ? `<NextToken>${at + 1}</NextToken>` : '';
    return `<${list}>${one === undefined ? '' : `<member>${show(one)}</member>`}</${list}>${next}`;
  };
  switch (action) {
    case 'DescribeStacks':
      return wrapped(
        `<Stacks><member><StackName>vpn-portal-prod</StackName><StackStatus>${script.stackStatus}</StackStatus></member></Stacks>`,
      );
    case 'ListStackResources':
      return wrapped(
        page(
          Object.entries(script.resources),
          ([logicalId, physicalId]) =>
            `<LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId>`,
          'StackResourceSummaries',
        ),
      );
    case 'ListSubscriptionsByTopic':
      return wrapped(
        page(script.subscriptionArns, (one) => `<SubscriptionArn>${one}</SubscriptionArn>`, 'Subscriptions'),
      );
    default:
      return { status: 400, xml: '<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>' };
  }
}
