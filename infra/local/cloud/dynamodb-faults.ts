import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorOfFault } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import { jsonError } from './protocol.ts';
import type { CloudResponse } from './protocol.ts';

const TARGET_PREFIX = 'DynamoDB_20120810.';
const JSON_1_0 = { contentType: 'application/x-amz-json-1.0' } as const;

/**
 * A proxy in front of the embedded DynamoDB that spoils the calls that `faults` names and passes all others on as
 * they are. It makes what the emulator never does, above all transactions that conflict.
 *
 * @param target where the real one listens, for example `http://127.0.0.1:8000`
 */
export async function startDynamoDbFaults({
  target,
  faults,
  port = 0,
}: {
  readonly target: string;
  readonly faults: Faults;
  readonly port?: number;
}): Promise<{ url: string; close(): Promise<void> }> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    handle({ target, faults, agent }, request, response).catch(() => response.socket?.resetAndDestroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      agent.destroy();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Proxy {
  readonly target: string;
  readonly faults: Faults;
  readonly agent: Agent;
}

async function handle(proxy: Proxy, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bufferOf(request);
  const amzTarget = String(request.headers['x-amz-target'] ?? '');
  const fault = proxy.faults.match('dynamodb', amzTarget.replace(TARGET_PREFIX, ''));
  if (fault === undefined) return pass(proxy, request, body, response);

  const error = errorOfFault(fault);
  if (error !== undefined) return reply(response, jsonError(JSON_1_0, { ...error, message: 'injected' }));
  switch (fault.kind) {
    case 'transactionConflict':
      return reply(response, transactionConflict(body));
    case 'before':
      return void response.socket?.resetAndDestroy();
    case 'after':
      await forward(proxy, request, body);
      return void response.socket?.resetAndDestroy();
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds ?? 1000));
      return pass(proxy, request, body, response);
    default:
      return unanswered(fault);
  }
}

/** Nothing more is said on this connection until the caller, or the closing server, breaks it. */
function unanswered(fault: Fault): void {
  if (fault.kind !== 'timeout') throw new Error(`no such fault: ${fault.kind}`);
}

/**
 * What DynamoDB says when another transaction is at the same item: with a reason per item to a transaction, plainly
 * to a single write.
 */
function transactionConflict(body: Buffer): CloudResponse {
  const input: unknown = JSON.parse(body.toString('utf8'));
  const items: unknown =
    typeof input === 'object' &&
    input !== null &&
    Object.entries(input).find(([name]) => name === 'TransactItems')?.[1];
  if (!Array.isArray(items)) {
    return dynamoDbError('TransactionConflictException', {
      message: 'Transaction is ongoing for the item',
    });
  }
  const reasons = items.map((_, index) =>
    index === 0
      ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
      : { Code: 'None' },
  );
  return dynamoDbError('TransactionCanceledException', {
    Message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
      `[${reasons.map(({ Code }) => Code).join(', ')}]`,
    CancellationReasons: reasons,
  });
}

const dynamoDbError = (code: string, fields: object): CloudResponse => ({
  status: 400,
  headers: { 'content-type': JSON_1_0.contentType },
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, ...fields }),
});

async function pass(
  proxy: Proxy,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const answer = await forward(proxy, request, body);
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

async function forward(
  { target, agent }: Proxy,
  { method = 'POST', url = '/', headers }: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  const outgoing = httpRequest(new URL(url, target), { method, headers, agent });
  outgoing.end(body);
  // `once` rejects when the request fails.
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const answer = await bufferOf(incoming);
  const { 'transfer-encoding': _, connection: __, ...kept } = incoming.headers;
  return { status: incoming.statusCode ?? 502, headers: kept, body: answer };
}

async function bufferOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function reply(response: ServerResponse, { status, headers, body }: CloudResponse): void {
  response.writeHead(status, headers);
  response.end(body);
}
