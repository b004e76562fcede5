import * as z from 'zod';
import { ACCOUNT, arn } from '../../names.ts';
import type { StateFile } from '../../state-file.ts';
import { AwsError } from '../protocol.ts';
import { checkDestination, moveLetters, type MoveTask } from './move-tasks.ts';
import {
  changeVisibility,
  count,
  deleteMessage,
  md5Hex,
  newQueue,
  queueState,
  receive,
  send,
} from './queue.ts';
import type { Message, NewMessage, QueueDefinition, QueueState } from './queue.ts';

export const sqsState = z.object({ queues: z.array(queueState) });

/** The longest that a Node timer can wait. */
const MAX_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** A message as Lambda hands it on: attribute names as AWS spells them, values as text. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** Its sender's. */
  readonly messageAttributes?: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the local stack does to SQS without going through its API: it makes queues, and polls them for functions. */
export interface SqsControl {
  /** The queue of that name; one that is there keeps its messages and takes the new settings. */
  ensureQueue(definition: QueueDefinition): { url: string; arn: string };
  /** @param max 1 to 10 */
  receive(queueArn: string, max: number): ReceivedMessage[];
  delete(queueArn: string, receiptHandle: string): void;
  /** Lets a received message be received again after so many seconds, at once when 0. */
  release(queueArn: string, receiptHandle: string, visibilityTimeoutSeconds?: number): void;
  send(queueArn: string, message: NewMessage): string;
  count(queueArn: string): { visible: number; inFlight: number };
  /**
   * Tells when a queue has something to receive: a message came, was released, or its visibility timeout passed.
   * What waits from before is not told; look once at the start.
   *
   * @returns ends the telling
   */
  onMessage(listener: (queueArn: string) => void): () => void;
  /** Looks at the clock again, after it was moved. */
  wake(): void;
}

export interface QueuesDependencies {
  readonly file: StateFile<z.infer<typeof sqsState>>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Where the server listens; known only when it does. */
  readonly baseUrl: () => string;
}

/** All queues, with what holds between them: dead letters, storage, and the alarm clock of visibility timeouts. */
export class Queues {
  readonly #file: QueuesDependencies['file'];
  readonly #now: () => number;
  readonly #baseUrl: () => string;
  readonly #queues: Map<string, QueueState>;
  readonly #listeners = new Set<(queueArn: string) => void>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ file, now, baseUrl }: QueuesDependencies) {
    this.#file = file;
    this.#now = now;
    this.#baseUrl = baseUrl;
    const stored = file.load()?.queues ?? [];
    this.#queues = new Map(stored.map((queue) => [arn('sqs', queue.definition.name), queue]));
    this.#setTimer();
  }

  ensure(definition: QueueDefinition): { url: string; arn: string } {
    if (definition.fifo !== definition.name.endsWith('.fifo')) {
      throw new AwsError('InvalidParameterValue', 'The name of a FIFO queue, and of no other, ends in .fifo');
    }
    const queueArn = arn('sqs', definition.name);
    this.#queues.set(queueArn, { ...(this.#queues.get(queueArn) ?? newQueue(definition)), definition });
    this.#changed();
    return { url: this.url(queueArn), arn: queueArn };
  }

  /** @throws AwsError QueueDoesNotExist */
  state(queueArn: string): QueueState {
    const queue = this.#queues.get(queueArn);
    if (queue !== undefined) return queue;
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  }

  url(queueArn: string): string {
    return `${this.#baseUrl()}/${ACCOUNT}/${this.state(queueArn).definition.name}`;
  }

  /** @returns the ARN of the queue that a URL ends in @throws AwsError QueueDoesNotExist */
  find(queueUrl: string): string {
    const queueArn = arn('sqs', queueUrl.split('/').at(-1) ?? '');
    this.state(queueArn);
    return queueArn;
  }

  send(queueArn: string, message: NewMessage): ReturnType<typeof send> {
    const sent = send(this.state(queueArn), message, this.#now());
    this.#changed(queueArn);
    return sent;
  }

  receive(queueArn: string, max: number, visibilityTimeoutSeconds?: number): Message[] {
    const queue = this.state(queueArn);
    const { redrive, visibilityTimeoutSeconds: usual } = queue.definition;
    const deadLetterArn = redrive?.deadLetterTargetArn ?? '';
    let moved = 0;
    const received = receive(queue, max, visibilityTimeoutSeconds ?? usual, this.#now(), (message) => {
      const { receiptHandle: _, ...letter } = message;
      this.state(deadLetterArn).messages.push({
        ...letter,
        sourceArn: queueArn,
        visibleAt: this.#now(),
        // As SQS does, so that two that share an id are both kept.
        ...(queue.definition.fifo ? { deduplicationId: message.messageId } : {}),
      });
      this.#tell(deadLetterArn);
      moved += 1;
    });
    // Whoever looks in vain, as a poller does all day, writes no file.
    if (received.length + moved > 0) this.#changed();
    return received;
  }

  delete(queueArn: string, receiptHandle: string): void {
    deleteMessage(this.state(queueArn), receiptHandle, this.#now());
    // The rest of its group may go out now.
    this.#changed(queueArn);
  }

  changeVisibility(queueArn: string, receiptHandle: string, visibilityTimeoutSeconds: number): void {
    changeVisibility(this.state(queueArn), receiptHandle, visibilityTimeoutSeconds, this.#now());
    this.#changed(visibilityTimeoutSeconds === 0 ? queueArn : undefined);
  }

  count(queueArn: string): { visible: number; inFlight: number } {
    return count(this.state(queueArn), this.#now());
  }

  /** @throws AwsError unless it is a dead-letter queue of another queue */
  deadLetterQueue(queueArn: string): QueueState {
    const queue = this.#queues.get(queueArn);
    if (queue === undefined) {
      throw new AwsError('ResourceNotFoundException', 'The resource that you specified does not exist.');
    }
    for (const { definition } of this.#queues.values()) {
      if (definition.redrive?.deadLetterTargetArn === queueArn) return queue;
    }
    throw new AwsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
  }

  /** @param toArn where everything goes; each to where it came from when absent. @throws AwsError */
  moveLetters(fromArn: string, toArn: string | undefined): Omit<MoveTask, 'SourceArn' | 'DestinationArn'> {
    const from = this.deadLetterQueue(fromArn);
    const to = toArn === undefined ? undefined : this.#queues.get(toArn);
    if (toArn !== undefined && to === undefined) {
      throw new AwsError('ResourceNotFoundException', 'The resource that you specified does not exist.');
    }
    if (to !== undefined) checkDestination(from, to);
    const now = this.#now();
    const moved = moveLetters(from, ({ sourceArn = '' }) => to ?? this.#queues.get(sourceArn), now);
    this.#changed();
    this.wake();
    return { ...moved, StartedTimestamp: now };
  }

  onMessage(listener: (queueArn: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  wake(): void {
    for (const queueArn of this.#queues.keys()) if (this.count(queueArn).visible > 0) this.#tell(queueArn);
    this.#setTimer();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #changed(toldArn?: string): void {
    // A worker that ends after the stack did must not make the file of a directory that is gone.
    if (this.#isClosed) return;
    this.#file.save({ queues: [...this.#queues.values()] });
    this.#setTimer();
    if (toldArn !== undefined) this.#tell(toldArn);
  }

  #tell(queueArn: string): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(queueArn));
  }

  /** Rings when the next message in flight becomes visible again. */
  #setTimer(): void {
    clearTimeout(this.#timer);
    const now = this.#now();
    let next = Infinity;
    for (const { messages } of this.#queues.values()) {
      for (const { visibleAt } of messages) if (visibleAt > now) next = Math.min(next, visibleAt);
    }
    if (next === Infinity) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(next - now, MAX_TIMER_MILLISECONDS));
    this.#timer.unref();
  }
}

/** The queues as the local stack uses them, in process. */
export const sqsControl = (queues: Queues): SqsControl => ({
  ensureQueue: (definition) => queues.ensure(definition),
  receive: (queueArn, max) => queues.receive(queueArn, max).map(receivedMessage),
  delete: (queueArn, receiptHandle) => queues.delete(queueArn, receiptHandle),
  release: (queueArn, receiptHandle, seconds = 0) =>
    queues.changeVisibility(queueArn, receiptHandle, seconds),
  send: (queueArn, message) => queues.send(queueArn, message).messageId,
  count: (queueArn) => queues.count(queueArn),
  onMessage: (listener) => queues.onMessage(listener),
  wake: () => queues.wake(),
});

export const receivedMessage = (message: Message): ReceivedMessage => ({
  messageId: message.messageId,
  receiptHandle: message.receiptHandle ?? '',
  body: message.body,
  md5OfBody: md5Hex(message.body),
  ...(message.messageAttributes === undefined ? {} : { messageAttributes: message.messageAttributes }),
  attributes: {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    SenderId: ACCOUNT,
    ...(message.sourceArn === undefined ? {} : { DeadLetterQueueSourceArn: message.sourceArn }),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
    ...(message.sequenceNumber === undefined ? {} : { SequenceNumber: message.sequenceNumber }),
  },
});
