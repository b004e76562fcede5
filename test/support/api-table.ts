import * as z from 'zod';
import type { Stack } from '../../infra/local/stack.ts';

/**
 * The table's items as their JSON, in an order of their own. Read without the SDK, whose clients take longer to
 * understand an answer than the table to give it.
 */
export function tableOf({ dynamoDbEndpoint, service }: Stack) {
  const tableName = service.functions[0]?.environment['TABLE_NAME'];
  return {
    async items(): Promise<string[]> {
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
    },
  };
}

/** The table gives the attributes of an item in another order each time. */
const inOrder = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const scanPage = z.object({ Items: z.array(z.unknown()), LastEvaluatedKey: z.unknown().optional() });
