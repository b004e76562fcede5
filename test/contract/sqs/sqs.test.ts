import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Cloud } from '../../../infra/local/cloud/server.ts';
import { cloudsOfOneTest, startCloudForClients } from '../../support/cloud-environment.ts';

let dataDir: string;
let cloud: Cloud;
let client: SQSClient;
let now = 1_800_000_000_000;
let queues = 0;

const startAnother = cloudsOfOneTest();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sqs-'));
  cloud = await startCloudForClients({ now: () => now });
  client = new SQSClient({});
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
  await rm(dataDir, { recursive: true });
});

/** What became of a move, as SQS tells it. */
const moved = async (SourceArn: string, DestinationArn?: string) => {
  await client.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
  return (await client.send(new ListMessageMoveTasksCommand({ SourceArn }))).Results?.[0];
};

const fifoQueue = (maxReceiveCount = 3) => {
  queues += 1;
  const dead = cloud.sqs.ensureQueue({
    name: `dead-${queues}.fifo`,
    fifo: true,
    visibilityTimeoutSeconds: 30,
  });
  const queue = cloud.sqs.ensureQueue({
    name: `queue-${queues}.fifo`,
    fifo: true,
    visibilityTimeoutSeconds: 30,
    redrive: { deadLetterTargetArn: dead.arn, maxReceiveCount },
  });
  const send = (MessageBody: string, MessageGroupId = 'one', MessageDeduplicationId = MessageBody) =>
    client.send(
      new SendMessageCommand({ QueueUrl: queue.url, MessageBody, MessageGroupId, MessageDeduplicationId }),
    );
  const receive = async (MaxNumberOfMessages = 10) =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages }))).Messages ??
    [];
  const remove = (ReceiptHandle = '') =>
    client.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
  return { ...queue, dead, send, receive, remove };
};

describe('a FIFO queue', () => {
  it('keeps the order in a group, and gives no more of a group until the batch is deleted', async () => {
    const { send, receive, remove } = fifoQueue();
    for (const body of ['a1', 'a2', 'a3']) await send(body, 'a');
    await send('b1', 'b');
    const first = await receive(2);
    expect(first.map(({ Body }) => Body)).toEqual(['a1', 'a2']);
    expect((await receive()).map(({ Body }) => Body)).toEqual(['b1']);
    await remove(first[0]?.ReceiptHandle);
    expect(await receive()).toEqual([]);
    await remove(first[1]?.ReceiptHandle);
    expect((await receive()).map(({ Body }) => Body)).toEqual(['a3']);
  });

  it('gives a message again, before those after it, when its visibility timeout has passed', async () => {
    const { send, receive, remove } = fifoQueue();
    await send('first');
    await send('second');
    const [received] = await receive(1);
    now += 29_999;
    expect(await receive()).toEqual([]);
    now += 1;
    const again = await receive();
    expect(again.map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount])).toEqual([
      ['first', '2'],
      ['second', '1'],
    ]);
    await expect(remove('no receipt')).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    now += 30_000;
    await expect(remove(again[0]?.ReceiptHandle)).rejects.toThrow('has expired');
    await remove(received?.ReceiptHandle);
    expect(await receive()).toHaveLength(2);
  });

  it('takes a deduplication id once in five minutes, even when the message is gone', async () => {
    const { send, receive, remove } = fifoQueue();
    const sent = await send('a', 'one', 'id');
    const [message] = await receive();
    await remove(message?.ReceiptHandle);
    now += 299_999;
    expect((await send('a', 'one', 'id')).MessageId).toBe(sent.MessageId);
    expect(await receive()).toEqual([]);
    now += 1;
    await send('a', 'one', 'id');
    expect(await receive()).toHaveLength(1);
  });

  it('moves what was received too often to the dead letters, from where it can be sent back', async () => {
    const { send, receive, arn, dead } = fifoQueue(2);
    await send('poison');
    await send('good');
    for (const times of ['1', '2']) {
      expect((await receive(1))[0]).toMatchObject({
        Body: 'poison',
        Attributes: { ApproximateReceiveCount: times },
      });
      now += 30_000;
    }
    expect((await receive()).map(({ Body }) => Body)).toEqual(['good']);
    expect(cloud.sqs.count(dead.arn)).toEqual({ visible: 1, inFlight: 0 });
    expect(cloud.sqs.receive(dead.arn, 1)).toMatchObject([{ attributes: { DeadLetterQueueSourceArn: arn } }]);
    now += 30_000;
    expect(await moved(dead.arn)).toMatchObject({
      Status: 'COMPLETED',
      ApproximateNumberOfMessagesMoved: 1,
    });
    expect((await receive()).map(({ Body }) => Body).sort()).toEqual(['good', 'poison']);
  });

  it.each<[string, object, string]>([
    ['a group', { MessageDeduplicationId: 'x' }, 'MissingParameter'],
    ['a deduplication id', { MessageGroupId: 'x' }, 'InvalidParameterValue'],
  ])('refuses a message without %s', async (_, fields, name) => {
    const command = new SendMessageCommand({ QueueUrl: fifoQueue().url, MessageBody: 'a', ...fields });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  it('gives a message back at once when its visibility is set to 0', async () => {
    const { send, receive, url } = fifoQueue();
    await send('a');
    const [message] = await receive();
    const change = new ChangeMessageVisibilityCommand({
      QueueUrl: url,
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: 0,
    });
    await client.send(change);
    await expect(client.send(change)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await receive()).toHaveLength(1);
  });
});

describe('the API of SQS', () => {
  it('takes and deletes batches, and says which entries failed', async () => {
    const { url, receive } = fifoQueue();
    const { Successful, Failed } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: '1', MessageBody: 'Grüße', MessageGroupId: 'a', MessageDeduplicationId: '1' },
          { Id: '2', MessageBody: '\u0000', MessageGroupId: 'a', MessageDeduplicationId: '2' },
        ],
      }),
    );
    expect(Successful).toEqual([expect.objectContaining({ Id: '1' })]);
    expect(Failed).toEqual([expect.objectContaining({ Id: '2', Code: 'InvalidMessageContents' })]);
    const [message] = await receive();
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'a', ReceiptHandle: message?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'unknown' },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: 'a' }]);
    expect(deleted.Failed).toEqual([expect.objectContaining({ Id: 'b' })]);
  });

  it('counts, and names its queues', async () => {
    const { url, arn, send, receive } = fifoQueue();
    await send('a', 'a');
    await send('b', 'b');
    await receive(1);
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: arn,
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      FifoQueue: 'true',
    });
    const QueueName = arn.split(':').at(-1);
    expect((await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(url);
    const absent = client.send(new GetQueueUrlCommand({ QueueName: 'absent' }));
    await expect(absent).rejects.toBeInstanceOf(QueueDoesNotExist);
  });

  it('lets a receiver wait for a message', async () => {
    const { url, send } = fifoQueue();
    const waiting = client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 5 }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await send('late');
    expect((await waiting).Messages?.map(({ Body }) => Body)).toEqual(['late']);
  });

  it('refuses message attributes other than texts, which it would lose', async () => {
    const command = new SendMessageCommand({
      QueueUrl: fifoQueue().url,
      MessageBody: 'a',
      MessageAttributes: { a: { DataType: 'Binary', BinaryValue: Buffer.from('b') } },
    });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('moving dead letters', () => {
  it('fails at one that came from no queue, unless it is said where to', async () => {
    const { dead, arn, receive } = fifoQueue();
    cloud.sqs.send(dead.arn, { body: 'put aside', groupId: 'a', deduplicationId: '1' });
    expect(await moved(dead.arn)).toMatchObject({
      Status: 'FAILED',
      FailureReason: 'CouldNotDetermineMessageSource',
    });
    expect(await moved(dead.arn, arn)).toMatchObject({
      Status: 'COMPLETED',
      ApproximateNumberOfMessagesMoved: 1,
    });
    expect((await receive()).map(({ Body }) => Body)).toEqual(['put aside']);
  });

  it('is refused for what is nobody’s dead letters, what is not there, and between queues of two kinds', async () => {
    const { dead, arn } = fifoQueue();
    const standard = cloud.sqs.ensureQueue({ name: 'other', fifo: false, visibilityTimeoutSeconds: 30 });
    await expect(moved(arn)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(moved(`${arn}x`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(moved(dead.arn, `${arn}x`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(moved(dead.arn, standard.arn)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('a standard queue', () => {
  it('gives the others while some are held', () => {
    const { arn } = cloud.sqs.ensureQueue({ name: 'standard', fifo: false, visibilityTimeoutSeconds: 30 });
    for (const body of ['a', 'b', 'c']) cloud.sqs.send(arn, { body });
    expect(cloud.sqs.receive(arn, 2)).toHaveLength(2);
    expect(cloud.sqs.receive(arn, 10).map(({ body }) => body)).toEqual(['c']);
  });

  it('forgets a message after four days', () => {
    const { arn } = cloud.sqs.ensureQueue({ name: 'old', fifo: false, visibilityTimeoutSeconds: 30 });
    cloud.sqs.send(arn, { body: 'a' });
    now += 4 * 86_400_000;
    expect(cloud.sqs.count(arn)).toEqual({ visible: 0, inFlight: 0 });
  });
});

describe('the control of SQS', () => {
  it('tells of messages that come, are released, or become visible by themselves', async () => {
    const own = await startAnother();
    const { arn } = own.sqs.ensureQueue({ name: 'told', fifo: false, visibilityTimeoutSeconds: 30 });
    const told: string[] = [];
    own.sqs.onMessage((queueArn) => told.push(queueArn));
    const soon = () => new Promise((resolve) => setTimeout(resolve, 60));

    own.sqs.send(arn, { body: 'a' });
    await soon();
    expect(told.splice(0)).toEqual([arn]);
    const [message] = own.sqs.receive(arn, 1);
    own.sqs.release(arn, message?.receiptHandle ?? '');
    await soon();
    expect(told.splice(0)).toEqual([arn]);
    const [again] = own.sqs.receive(arn, 1);
    own.sqs.release(arn, again?.receiptHandle ?? '', 0.02);
    expect(own.sqs.receive(arn, 1)).toEqual([]);
    await soon();
    expect(told.splice(0)).toEqual([arn]);
  });

  it('finds its queues, their messages and what was seen of them after a restart', async () => {
    const definition = { name: 'kept.fifo', fifo: true, visibilityTimeoutSeconds: 30 };
    const before = await startAnother({ dataDir });
    const { arn } = before.sqs.ensureQueue(definition);
    before.sqs.send(arn, { body: 'held', groupId: 'a', deduplicationId: '1' });
    before.sqs.send(arn, { body: 'waiting', groupId: 'b', deduplicationId: '2' });
    const [held] = before.sqs.receive(arn, 1);
    await before.close();

    const after = await startAnother({ dataDir });
    expect(after.sqs.ensureQueue(definition).arn).toBe(arn);
    expect(after.sqs.count(arn)).toEqual({ visible: 1, inFlight: 1 });
    after.sqs.send(arn, { body: 'again', groupId: 'b', deduplicationId: '2' });
    expect(after.sqs.receive(arn, 10).map(({ body }) => body)).toEqual(['waiting']);
    after.sqs.delete(arn, held?.receiptHandle ?? '');
    expect(after.sqs.count(arn)).toEqual({ visible: 0, inFlight: 1 });
  });

  it('finds a dead letter after a restart, although nobody received anything', async () => {
    const before = await startAnother({ dataDir });
    const dead = before.sqs.ensureQueue({ name: 'dead', fifo: false, visibilityTimeoutSeconds: 0 });
    const { arn } = before.sqs.ensureQueue({
      name: 'poisoned',
      fifo: false,
      visibilityTimeoutSeconds: 0,
      redrive: { deadLetterTargetArn: dead.arn, maxReceiveCount: 1 },
    });
    before.sqs.send(arn, { body: 'poison' });
    expect(before.sqs.receive(arn, 1)).toHaveLength(1);
    expect(before.sqs.receive(arn, 1)).toEqual([]);
    const after = await startAnother({ dataDir });
    expect(after.sqs.count(dead.arn)).toEqual({ visible: 1, inFlight: 0 });
    expect(after.sqs.count(arn)).toEqual({ visible: 0, inFlight: 0 });
  });
});
