import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetterQueue, LettersMove } from '../../ports/dead-letter-queues.ts';

/** ReceiveMessage gives at most so many. */
const RECEIVED_AT_ONCE = 10;
/** For how long letters are away where whoever looked died before giving them back. */
const LOOKING_SECONDS = 30;

export interface DeadLetterQueueOptions {
  readonly client: Pick<SQSClient, 'send'>;
  readonly queueUrl: string;
  /** Where its letters come from and go back to; of the same account and Region, and the same type. */
  readonly workingQueueUrl: string;
}

/** The dead letters of an SQS queue, looked at and sent back by a person. */
export function sqsDeadLetterQueue(options: DeadLetterQueueOptions): DeadLetterQueue {
  const { client, queueUrl } = options;
  const latestMove = async (): Promise<LettersMove | undefined> => {
    const SourceArn = await arnOf(options);
    const { Results: [task] = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
    if (task === undefined) return undefined;
    const { Status, ApproximateNumberOfMessagesMoved: moved = 0, FailureReason: reason } = task;
    const state = Status === 'COMPLETED' ? 'done' : /ING$/.test(Status ?? '') ? 'running' : 'failed';
    return { state, moved, ...(state === 'failed' ? { reason: reason ?? Status ?? 'unknown' } : {}) };
  };
  return {
    async count() {
      const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: held } =
        await attributesOf(options);
      return Number(visible ?? 0) + Number(held ?? 0);
    },

    async look(most) {
      const messages = await receive(options, most);
      for (const { ReceiptHandle } of messages) {
        const back = { QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 };
        await client.send(new ChangeMessageVisibilityCommand(back));
      }
      return messages.map(letterOf);
    },

    async startMove() {
      const SourceArn = await arnOf(options);
      // Said outright: a letter that a function put aside came from no queue, and SQS would fail at it.
      const DestinationArn = besideOf(SourceArn, options.workingQueueUrl);
      try {
        await client.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
      } catch (error) {
        // There may be one already, also of this very call, where its answer was lost.
        if ((await latestMove())?.state !== 'running') throw error;
      }
    },

    findMove: latestMove,

    async sendBack(most) {
      const messages = await receive(options, most);
      for (const { MessageId, Body, Attributes, ReceiptHandle } of messages) {
        const group = Attributes?.MessageGroupId;
        await client.send(
          new SendMessageCommand({
            QueueUrl: options.workingQueueUrl,
            MessageBody: Body,
            // Its own id, so that one that is sent twice within five minutes is taken once.
            ...(group === undefined ? {} : { MessageGroupId: group, MessageDeduplicationId: MessageId }),
          }),
        );
        await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
      return messages.length;
    },
  };
}

async function attributesOf({ client, queueUrl }: DeadLetterQueueOptions): Promise<Record<string, string>> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Attributes;
}

async function arnOf(options: DeadLetterQueueOptions): Promise<string> {
  const { QueueArn } = await attributesOf(options);
  if (QueueArn === undefined) throw new Error('SQS told no ARN');
  return QueueArn;
}

/** The ARN of another queue of the same account and Region. */
const besideOf = (queueArn: string, otherUrl: string): string =>
  [...queueArn.split(':').slice(0, -1), otherUrl.split('/').at(-1) ?? ''].join(':');

/** Receives until there is nothing more, or enough: a call may answer with fewer than there are. */
async function receive({ client, queueUrl }: DeadLetterQueueOptions, most: number): Promise<Message[]> {
  const seen = new Map<string, Message>();
  while (seen.size < most) {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(RECEIVED_AT_ONCE, most - seen.size),
        VisibilityTimeout: LOOKING_SECONDS,
        // Long polling asks every server that may have some; without it an empty answer means little.
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['SentTimestamp', 'DeadLetterQueueSourceArn', 'MessageGroupId'],
        MessageAttributeNames: ['reason'],
      }),
    );
    if (messages.length === 0) break;
    for (const message of messages) seen.set(message.MessageId ?? '', message);
  }
  return [...seen.values()];
}

function letterOf({ MessageId = '', Attributes = {}, MessageAttributes = {} }: Message): DeadLetter {
  const givenUpBy = Attributes.DeadLetterQueueSourceArn?.split(':').at(-1);
  const reason = MessageAttributes['reason']?.StringValue;
  return {
    letterId: MessageId,
    sentAt: Number(Attributes.SentTimestamp ?? 0),
    ...(givenUpBy === undefined ? {} : { givenUpBy }),
    ...(reason === undefined ? {} : { reason }),
  };
}
