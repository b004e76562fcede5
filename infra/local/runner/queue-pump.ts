import { setTimeout as sleep } from 'node:timers/promises';
import { REGION } from '../names.ts';
import type { LambdaFunctions } from './lambda-functions.ts';
import type { FunctionDefinition, QueueEvent } from './service.ts';

/** A message handed out, and so invisible to others for a while. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the pump needs of the queues. */
export interface QueueSource {
  /** Hands out visible messages, of a FIFO queue none of a group that has messages in flight. */
  receive(queueArn: string, maxMessages: number): readonly ReceivedMessage[];
  delete(queueArn: string, receiptHandle: string): void;
  /** Makes a message visible again after a while, as its visibility timeout would. */
  release(queueArn: string, receiptHandle: string, delaySeconds: number): void;
  /** Messages visible, delayed or in flight. */
  count(queueArn: string): number;
  /** Told when messages may have become visible. @returns the end of it */
  onMessage(listener: (queueArn: string) => void): () => void;
}

export interface QueuePumpOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly functions: Pick<LambdaFunctions, 'invoke'>;
  readonly source: QueueSource;
  /**
   * How long a failed message stays away. At AWS it is the queue's visibility timeout, six times the function's
   * timeout, for which nobody waits at a laptop.
   */
  readonly redeliverySeconds?: number;
}

export interface QueuePump {
  /** Whether no message waits and none is being worked on. */
  isIdle(): boolean;
  /** Takes no more, and gives what is being worked on a moment to end. */
  stop(): Promise<void>;
}

/** A look without being told, should an event have been missed. */
const LOOK_MILLISECONDS = 1_000;

/** A worker that waits for an endpoint may take minutes, for which nobody waits who wants to stop. */
const STOP_GRACE_MILLISECONDS = 2_000;

/** Lambda's event source mappings for SQS: batches, partial failures, redelivery. */
export function startQueuePump(options: QueuePumpOptions): QueuePump {
  const { definitions, source } = options;
  const mappings = definitions.flatMap(({ key, queues }) => queues.map((queue) => ({ key, queue })));
  const working = new Set<Promise<void>>();
  let stopped = false;

  const drain = (key: string, queue: QueueEvent): void => {
    while (!stopped) {
      const messages = source.receive(queue.queueArn, queue.batchSize);
      if (messages.length === 0) return;
      const work = workBatch(options, key, queue, messages).finally(() => {
        working.delete(work);
        // A FIFO group that this batch held may have more.
        drain(key, queue);
      });
      working.add(work);
    }
  };
  const look = (queueArn?: string): void => {
    for (const { key, queue } of mappings) {
      if (queueArn === undefined || queueArn === queue.queueArn) drain(key, queue);
    }
  };
  // Not within the sender's call: its answer goes out first, as it would over a network.
  const unsubscribe = source.onMessage((queueArn) => void setImmediate(look, queueArn));
  const timer = setInterval(look, LOOK_MILLISECONDS);
  timer.unref();
  look();

  return {
    isIdle: () => working.size === 0 && mappings.every(({ queue }) => source.count(queue.queueArn) === 0),
    async stop() {
      stopped = true;
      clearInterval(timer);
      unsubscribe();
      const grace = new AbortController();
      const over = sleep(STOP_GRACE_MILLISECONDS, undefined, { signal: grace.signal }).catch(() => undefined);
      await Promise.race([Promise.all(working), over]);
      grace.abort();
    },
  };
}

async function workBatch(
  { functions, source, redeliverySeconds = 1 }: QueuePumpOptions,
  functionKey: string,
  queue: QueueEvent,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  const { payload, functionError } = await functions.invoke(functionKey, sqsEvent(queue.queueArn, messages));
  const failed = functionError === undefined ? failedItems(queue, messages, payload) : 'all';
  for (const { messageId, receiptHandle } of messages) {
    try {
      if (failed === 'all' || failed.has(messageId)) {
        source.release(queue.queueArn, receiptHandle, redeliverySeconds);
      } else {
        source.delete(queue.queueArn, receiptHandle);
      }
    } catch {
      // Its visibility timeout passed meanwhile (time may have been moved): it comes again, as at AWS.
    }
  }
}

const sqsEvent = (queueArn: string, messages: readonly ReceivedMessage[]) => ({
  Records: messages.map((message) => ({
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.attributes,
    messageAttributes: {},
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: REGION,
  })),
});

/** Lambda's reading: an empty or missing list is success, a list it cannot read fails the whole batch. */
function failedItems(
  queue: QueueEvent,
  messages: readonly ReceivedMessage[],
  payload: unknown,
): ReadonlySet<string> | 'all' {
  if (!queue.reportBatchItemFailures || payload === null) return new Set();
  if (typeof payload !== 'object') return 'all';
  const list: unknown = 'batchItemFailures' in payload ? payload.batchItemFailures : null;
  if (list === null) return new Set();
  if (!Array.isArray(list)) return 'all';
  const failed = new Set<string>();
  for (const item of list as unknown[]) {
    const id: unknown =
      typeof item === 'object' && item !== null && 'itemIdentifier' in item ? item.itemIdentifier : undefined;
    if (typeof id !== 'string' || !messages.some(({ messageId }) => messageId === id)) return 'all';
    failed.add(id);
  }
  return failed;
}
