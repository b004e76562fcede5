import { createHash } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { LookupQueue } from '../ports/directory-lookup.ts';

/** Look-ups in a FIFO queue whose group is the person: two of hers at once could end on the older answer. */
export const sqsLookupQueue = ({
  client,
  queueUrl,
}: {
  readonly client: Pick<SQSClient, 'send'>;
  readonly queueUrl: string;
}): LookupQueue => ({
  async ask(lookup) {
    const { source, directoryId, eventId } = lookup;
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(lookup),
        MessageGroupId: sha256Hex(`${source}#${directoryId}`),
        MessageDeduplicationId: sha256Hex(`${source}#${directoryId}#${eventId}`),
      }),
    );
  },
});

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
