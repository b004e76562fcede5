import { createHash } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetters } from '../ports/dead-letters.ts';

/** Far below what SQS takes, and more than anybody reads. */
const MOST_REASON_LETTERS = 1_000;

/** A dead-letter queue, with the reason as the attribute `reason`. */
export const sqsDeadLetters = ({
  client,
  queueUrl,
}: {
  readonly client: Pick<SQSClient, 'send'>;
  readonly queueUrl: string;
}): DeadLetters => ({
  async bury(body, reason) {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        ...(queueUrl.endsWith('.fifo') ? fifoPlace(body) : {}),
        MessageAttributes: {
          reason: { DataType: 'String', StringValue: reason.slice(0, MOST_REASON_LETTERS) },
        },
      }),
    );
  },
});

/** In a FIFO queue each by itself: none waits for another, and one that is put aside twice is there once. */
function fifoPlace(body: string): { MessageGroupId: string; MessageDeduplicationId: string } {
  const id = createHash('sha256').update(body).digest('hex');
  return { MessageGroupId: id, MessageDeduplicationId: id };
}
