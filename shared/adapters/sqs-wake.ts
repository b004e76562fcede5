import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { RandomOctets } from '../ports/random.ts';
import type { Wake } from '../ports/wake.ts';

/**
 * Wakes workers through two FIFO queues. The endpoint is the message group, so that one worker at a time is at an
 * endpoint; the body is `{"endpointId": "…"}`.
 */
export function sqsWake({
  client,
  connectionsQueueUrl,
  publicationQueueUrl,
  randomOctets,
}: {
  readonly client: Pick<SQSClient, 'send'>;
  readonly connectionsQueueUrl: string;
  readonly publicationQueueUrl: string;
  readonly randomOctets: RandomOctets;
}): Wake {
  const wake = async (queueUrl: string, endpointId: string): Promise<void> => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ endpointId }),
        MessageGroupId: endpointId,
        // SQS drops an id that it saw in the last five minutes. A wake that comes after the worker began to look
        // must not be dropped, so no two have the same: SDK retries of this one do, and are dropped rightly.
        MessageDeduplicationId: Buffer.from(randomOctets(16)).toString('hex'),
      }),
    );
  };
  return {
    connections: (endpointId) => wake(connectionsQueueUrl, endpointId),
    publication: (endpointId) => wake(publicationQueueUrl, endpointId),
  };
}
