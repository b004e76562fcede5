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
        MessageAttributes: {
          reason: { DataType: 'String', StringValue: reason.slice(0, MOST_REASON_LETTERS) },
        },
      }),
    );
  },
});
