import * as z from 'zod';
import { AwsError, jsonAction } from '../protocol.ts';
import type { JsonAction, JsonService } from '../protocol.ts';
import { movingActions } from './moving.ts';
import { md5Hex } from './queue.ts';
import { receivedMessage } from './queues.ts';
import type { Queues, ReceivedMessage } from './queues.ts';

/** A message and a batch have at most 1 MiB, botocore sqs 2012-11-05. */
const MAX_BODY_OCTETS = 1_048_576;
const MAX_BATCH = 10;

/** A stand-in for SQS: the actions of a sender, of a receiver, of who looks how full a queue is, and of who
 * moves dead letters. */
export function sqsService(queues: Queues): JsonService {
  return {
    name: 'sqs',
    targetPrefix: 'AmazonSQS',
    contentType: 'application/x-amz-json-1.0',
    actions: new Map<string, JsonAction>([
      ...sending(queues),
      ...receiving(queues),
      ...describing(queues),
      ...movingActions(queues),
    ]),
  };
}

const action = <Input>(schema: z.ZodType<Input>, handle: (input: Input) => object | Promise<object>) =>
  jsonAction(schema, handle, 'InvalidParameterValue');

const queueUrl = z.string().min(1);
/** FIFO ids: letters, digits and ASCII punctuation. */
const fifoId = z.string().regex(/^[!-~]{1,128}$/);
const newMessage = z.object({
  MessageBody: z.string().min(1),
  MessageGroupId: fifoId.optional(),
  MessageDeduplicationId: fifoId.optional(),
  // Only texts are stood in for: of others say so, rather than lose them.
  MessageAttributes: z
    .record(z.string(), z.object({ DataType: z.literal('String'), StringValue: z.string().min(1) }))
    .optional(),
  DelaySeconds: z.literal(0).optional(),
});

function sending(queues: Queues): [string, JsonAction][] {
  const send = (queueArn: string, input: z.infer<typeof newMessage>): object => {
    checkBody(input.MessageBody);
    const { messageId, sequenceNumber } = queues.send(queueArn, {
      body: input.MessageBody,
      groupId: input.MessageGroupId,
      deduplicationId: input.MessageDeduplicationId,
      messageAttributes:
        input.MessageAttributes &&
        Object.fromEntries(
          Object.entries(input.MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
        ),
    });
    return {
      MessageId: messageId,
      MD5OfMessageBody: md5Hex(input.MessageBody),
      ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    };
  };
  return [
    [
      'SendMessage',
      action(newMessage.extend({ QueueUrl: queueUrl }), (input) => send(queues.find(input.QueueUrl), input)),
    ],
    [
      'SendMessageBatch',
      action(batchOf(newMessage), ({ QueueUrl, Entries }) => {
        const queueArn = queues.find(QueueUrl);
        return eachOf(Entries, (entry) => send(queueArn, entry));
      }),
    ],
  ];
}

function receiving(queues: Queues): [string, JsonAction][] {
  const remove = (url: string, handle: string) => queues.delete(queues.find(url), handle);
  return [
    ['ReceiveMessage', action(receiveInput, (input) => receive(queues, input))],
    [
      'DeleteMessage',
      action(receipt.extend({ QueueUrl: queueUrl }), (input) => {
        remove(input.QueueUrl, input.ReceiptHandle);
        return {};
      }),
    ],
    [
      'DeleteMessageBatch',
      action(batchOf(receipt), ({ QueueUrl, Entries }) =>
        eachOf(Entries, (entry) => {
          remove(QueueUrl, entry.ReceiptHandle);
          return {};
        }),
      ),
    ],
    [
      'ChangeMessageVisibility',
      action(
        receipt.extend({ QueueUrl: queueUrl, VisibilityTimeout: z.number().int().min(0).max(43_200) }),
        (input) => {
          queues.changeVisibility(queues.find(input.QueueUrl), input.ReceiptHandle, input.VisibilityTimeout);
          return {};
        },
      ),
    ],
  ];
}

const receipt = z.object({ ReceiptHandle: z.string().min(1) });

const receiveInput = z.object({
  QueueUrl: queueUrl,
  MaxNumberOfMessages: z.number().int().min(1).max(MAX_BATCH).default(1),
  VisibilityTimeout: z.number().int().min(0).max(43_200).optional(),
  WaitTimeSeconds: z.number().int().min(0).max(20).default(0),
});

async function receive(queues: Queues, input: z.infer<typeof receiveInput>): Promise<object> {
  const queueArn = queues.find(input.QueueUrl);
  const take = () =>
    queues.receive(queueArn, input.MaxNumberOfMessages, input.VisibilityTimeout).map(receivedMessage);
  let messages = take();
  if (messages.length === 0 && input.WaitTimeSeconds > 0) {
    await somethingIn(queues, queueArn, input.WaitTimeSeconds);
    messages = take();
  }
  return messages.length === 0 ? {} : { Messages: messages.map(answered) };
}

const answered = (message: ReceivedMessage): object => ({
  MessageId: message.messageId,
  ReceiptHandle: message.receiptHandle,
  Body: message.body,
  MD5OfBody: message.md5OfBody,
  // Always all of them, whatever was asked for: nobody minds more.
  Attributes: message.attributes,
  ...(message.messageAttributes === undefined
    ? {}
    : {
        MessageAttributes: Object.fromEntries(
          Object.entries(message.messageAttributes).map(([name, value]) => [
            name,
            { DataType: 'String', StringValue: value },
          ]),
        ),
      }),
});

function somethingIn(queues: Queues, queueArn: string, waitSeconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stopListening();
      resolve();
    };
    const timer = setTimeout(done, waitSeconds * 1000);
    timer.unref();
    const stopListening = queues.onMessage((told) => {
      if (told === queueArn) done();
    });
  });
}

function describing(queues: Queues): [string, JsonAction][] {
  return [
    [
      'GetQueueUrl',
      action(z.object({ QueueName: z.string().min(1) }), ({ QueueName }) => ({
        QueueUrl: queues.url(queues.find(`/${QueueName}`)),
      })),
    ],
    [
      'GetQueueAttributes',
      action(
        z.object({ QueueUrl: queueUrl, AttributeNames: z.array(z.string()).default([]) }),
        ({ QueueUrl, AttributeNames }) => {
          const all = Object.entries(attributesOf(queues, queues.find(QueueUrl)));
          const wanted = all.filter(
            ([name]) => AttributeNames.includes('All') || AttributeNames.includes(name),
          );
          return { Attributes: Object.fromEntries(wanted) };
        },
      ),
    ],
  ];
}

function attributesOf(queues: Queues, queueArn: string): Record<string, string> {
  const { definition } = queues.state(queueArn);
  const { visible, inFlight } = queues.count(queueArn);
  return {
    QueueArn: queueArn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: '0',
    VisibilityTimeout: String(definition.visibilityTimeoutSeconds),
    ...(definition.fifo
      ? {
          FifoQueue: 'true',
          ContentBasedDeduplication: String(definition.contentBasedDeduplication ?? false),
        }
      : {}),
    ...(definition.redrive === undefined ? {} : { RedrivePolicy: JSON.stringify(definition.redrive) }),
  };
}

const batchOf = <Shape extends z.ZodRawShape>(entry: z.ZodObject<Shape>) =>
  z.object({
    QueueUrl: queueUrl,
    Entries: z
      .array(entry.extend({ Id: z.string().min(1) }))
      .min(1)
      .max(MAX_BATCH),
  });

/** One by one: the entries that AWS refuses do not spoil the others. */
function eachOf<Entry extends { Id: string }>(
  entries: readonly Entry[],
  handle: (entry: Entry) => object,
): object {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...handle(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

function checkBody(body: string): void {
  if (Buffer.byteLength(body) > MAX_BODY_OCTETS) {
    throw new AwsError('InvalidParameterValue', 'One or more parameters are invalid: the body is too long.');
  }
  // XML 1.0's characters, which is what SQS takes.
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(body)) {
    throw new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  }
}
