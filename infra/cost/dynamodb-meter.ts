import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';

/** What DynamoDB says that calls used, added up. */
export interface CapacityMeter {
  readonly url: string;
  readonly units: { read: number; write: number };
  close(): Promise<void>;
}

const READS = new Set(['GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan']);
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

const capacity = z.object({ CapacityUnits: z.number() });
const answer = z.object({ ConsumedCapacity: z.union([capacity, z.array(capacity)]).optional() });

/**
 * A proxy in front of DynamoDB that asks for the consumed capacity of each call, and keeps it.
 *
 * A write whose condition fails consumes units too, which the answer does not tell: those are not counted.
 *
 * @param target where the real one listens
 */
export async function startCapacityMeter(target: string): Promise<CapacityMeter> {
  const units = { read: 0, write: 0 };
  const server = createServer((request, response) => {
    pass(target, request, response, units).catch(() => response.socket?.resetAndDestroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the meter has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    units,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function pass(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  units: CapacityMeter['units'],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const amzTarget = String(request.headers['x-amz-target'] ?? '');
  const action = amzTarget.slice(amzTarget.indexOf('.') + 1);
  const isMetered = READS.has(action) || WRITES.has(action);
  const body = Buffer.concat(chunks).toString('utf8');
  const forwarded = await fetch(target, {
    method: 'POST',
    headers: {
      'content-type': String(request.headers['content-type']),
      'x-amz-target': amzTarget,
      authorization: String(request.headers['authorization']),
      'x-amz-date': String(request.headers['x-amz-date']),
    },
    body: isMetered
      ? JSON.stringify({ ...(JSON.parse(body) as object), ReturnConsumedCapacity: 'TOTAL' })
      : body,
  });
  const text = await forwarded.text();
  if (isMetered && forwarded.ok) units[READS.has(action) ? 'read' : 'write'] += unitsIn(text);
  response.writeHead(forwarded.status, { 'content-type': forwarded.headers.get('content-type') ?? '' });
  response.end(text);
}

function unitsIn(text: string): number {
  const { ConsumedCapacity = [] } = answer.parse(JSON.parse(text));
  return [ConsumedCapacity].flat().reduce((total, { CapacityUnits }) => total + CapacityUnits, 0);
}
