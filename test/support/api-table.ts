import { channel } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import * as z from 'zod';
import type { Stack } from '../../infra/local/stack.ts';

/**
 * The table's items as their JSON, in an order of their own. Read without the SDK, whose clients take longer to
 * understand an answer than the table to give it.
 */
export function tableOf({ dynamoDbEndpoint, service }: Stack) {
  const tableName = service.functions[0]?.environment['TABLE_NAME'];
  const writes = countWrites();
  let seen: { readonly writes: number; readonly items: readonly string[] } | undefined;

  return {
    /** Scanned anew only if a write was sent since it was scanned last: every function runs in this process. */
    async items(): Promise<readonly string[]> {
      if (seen?.writes !== writes.sent()) seen = { writes: writes.sent(), items: await scan() };
      return seen.items;
    },
    close: () => writes.stop(),
  };

  async function scan(): Promise<readonly string[]> {
    const items: unknown[] = [];
    let from: unknown;
    do {
      const response = await fetch(dynamoDbEndpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'DynamoDB_20120810.Scan',
          'x-amz-date': '20260101T000000Z',
          // Its form is looked at, not what it signs.
          authorization:
            'AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
        },
        body: JSON.stringify({ TableName: tableName, ConsistentRead: true, ExclusiveStartKey: from }),
      });
      const page = scanPage.parse(await response.json());
      for (const item of page.Items) items.push(item);
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items.map((item) => JSON.stringify(item, inOrder)).sort();
  }
}

/** Counts what leaves this process for DynamoDB and is not known to be a read. */
function countWrites() {
  const requests = channel('http.client.request.start');
  let sent = 0;
  const onRequest = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    const [api = '', action = ''] = String(request.getHeader('x-amz-target')).split('.');
    if (api.startsWith('DynamoDB_') && !READS.has(action)) sent += 1;
  };
  requests.subscribe(onRequest);
  return { sent: () => sent, stop: () => requests.unsubscribe(onRequest) };
}

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan']);

/** The table gives the attributes of an item in another order each time. */
const inOrder = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const scanPage = z.object({ Items: z.array(z.unknown()), LastEvaluatedKey: z.unknown().optional() });
