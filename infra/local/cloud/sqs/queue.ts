import { createHash, randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../protocol.ts';

/** For five minutes a FIFO queue takes a deduplication id once (SQS developer guide, "FIFO queues"). */
const DEDUPLICATION_MILLISECONDS = 5 * 60 * 1000;
/** Where thousands are sent within those minutes, looking at all of them each time would take the longest. */
const SENT_BETWEEN_CLEANINGS = 100;
/** MessageRetentionPeriod when nobody sets it: four days. */
const RETENTION_MILLISECONDS = 4 * 24 * 60 * 60 * 1000;

export const queueDefinition = z.object({
  name: z.string(),
  fifo: z.boolean(),
  visibilityTimeoutSeconds: z.number().int().min(0).max(43_200),
  contentBasedDeduplication: z.boolean().optional(),
  redrive: z
    .object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number().int().min(1).max(1000) })
    .optional(),
});
export type QueueDefinition = z.infer<typeof queueDefinition>;

const message = z.object({
  messageId: z.string(),
  body: z.string(),
  /** What its sender wrote beside it; texts alone. */
  messageAttributes: z.record(z.string(), z.string()).optional(),
  groupId: z.string().optional(),
  deduplicationId: z.string().optional(),
  sequenceNumber: z.string().optional(),
  sentAt: z.number(),
  /** Milliseconds since the Unix epoch; until then nobody receives it. */
  visibleAt: z.number(),
  receiveCount: z.number(),
  firstReceivedAt: z.number().optional(),
  /** Of a dead letter that SQS moved: the queue that gave it up. */
  sourceArn: z.string().optional(),
  /** Of the latest receipt; absent until there was one. */
  receiptHandle: z.string().optional(),
});
export type Message = z.infer<typeof message>;

export const queueState = z.object({
  definition: queueDefinition,
  messages: z.array(message),
  sent: z.number(),
  /** By deduplication id. */
  recent: z.record(
    z.string(),
    z.object({ messageId: z.string(), sequenceNumber: z.string(), at: z.number() }),
  ),
});
export type QueueState = z.infer<typeof queueState>;

export interface NewMessage {
  readonly body: string;
  readonly messageAttributes?: Readonly<Record<string, string>> | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

export const newQueue = (definition: QueueDefinition): QueueState => ({
  definition,
  messages: [],
  sent: 0,
  recent: {},
});

/** MD5OfMessageBody, which SDKs compare. */
export const md5Hex = (body: string): string => createHash('md5').update(body, 'utf8').digest('hex');

/**
 * Adds a message; in a FIFO queue one with a deduplication id of the last five minutes is taken, answered, and
 * dropped.
 *
 * @param now milliseconds since the Unix epoch
 */
export function send(
  queue: QueueState,
  { body, groupId, deduplicationId, messageAttributes }: NewMessage,
  now: number,
): { messageId: string; sequenceNumber?: string } {
  const messageId = randomUUID();
  const common = {
    messageId,
    body,
    ...(messageAttributes === undefined ? {} : { messageAttributes }),
    sentAt: now,
    visibleAt: now,
    receiveCount: 0,
  };
  if (!queue.definition.fifo) {
    queue.messages.push({ ...common, ...(groupId === undefined ? {} : { groupId }) });
    return { messageId };
  }
  if (groupId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  const id = deduplicationId ?? contentId(queue.definition, body);
  const isOver = ({ at }: { readonly at: number }): boolean => at + DEDUPLICATION_MILLISECONDS <= now;
  if (queue.sent % SENT_BETWEEN_CLEANINGS === 0) {
    for (const [key, one] of Object.entries(queue.recent)) if (isOver(one)) delete queue.recent[key];
  }
  const earlier = queue.recent[id];
  if (earlier !== undefined && !isOver(earlier)) {
    return { messageId: earlier.messageId, sequenceNumber: earlier.sequenceNumber };
  }
  queue.sent += 1;
  const sequenceNumber = String(18_850_000_000_000_000_000n + BigInt(queue.sent) * 256n);
  queue.recent[id] = { messageId, sequenceNumber, at: now };
  queue.messages.push({ ...common, groupId, deduplicationId: id, sequenceNumber });
  return { messageId, sequenceNumber };
}

/**
 * Hands out messages that are visible. A FIFO queue hands out a group's messages in their order, and none of a
 * group of which another receipt still holds some.
 *
 * @param max 1 to 10
 * @param toDeadLetters takes a message that was received maxReceiveCount times already, instead of the caller
 */
export function receive(
  queue: QueueState,
  max: number,
  visibilityTimeoutSeconds: number,
  now: number,
  toDeadLetters: (message: Message) => void,
): Message[] {
  dropForgotten(queue, now);
  const { redrive, fifo } = queue.definition;
  const held = new Set<string | undefined>(
    fifo ? queue.messages.filter(({ visibleAt }) => visibleAt > now).map(({ groupId }) => groupId) : [],
  );
  const received: Message[] = [];
  for (const candidate of [...queue.messages]) {
    if (received.length >= max) break;
    if (candidate.visibleAt > now || (fifo && held.has(candidate.groupId))) continue;
    if (redrive !== undefined && candidate.receiveCount >= redrive.maxReceiveCount) {
      queue.messages.splice(queue.messages.indexOf(candidate), 1);
      toDeadLetters(candidate);
      continue;
    }
    candidate.receiveCount += 1;
    candidate.firstReceivedAt ??= now;
    candidate.visibleAt = now + visibilityTimeoutSeconds * 1000;
    candidate.receiptHandle = `${candidate.messageId}.${randomBytes(12).toString('base64url')}`;
    received.push({ ...candidate });
  }
  return received;
}

/**
 * Deletes by receipt. A FIFO queue refuses a receipt whose visibility timeout has passed; a standard queue takes
 * an outdated one and deletes nothing, which is the dangerous of the things that it may do.
 *
 * @throws AwsError ReceiptHandleIsInvalid, InvalidParameterValue
 */
export function deleteMessage(queue: QueueState, receiptHandle: string, now: number): void {
  const found = byReceipt(queue, receiptHandle);
  if (found === undefined) return;
  if (queue.definition.fifo && found.visibleAt <= now) throw expiredReceipt(receiptHandle);
  queue.messages.splice(queue.messages.indexOf(found), 1);
}

/**
 * Sets when a received message is visible again; 0 seconds gives it back at once.
 *
 * @throws AwsError ReceiptHandleIsInvalid, MessageNotInflight
 */
export function changeVisibility(
  queue: QueueState,
  receiptHandle: string,
  visibilityTimeoutSeconds: number,
  now: number,
): void {
  const found = byReceipt(queue, receiptHandle);
  if (found === undefined || found.visibleAt <= now) {
    throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
  }
  found.visibleAt = now + visibilityTimeoutSeconds * 1000;
}

/** How many messages wait, and how many are with a receiver. */
export function count(queue: QueueState, now: number): { visible: number; inFlight: number } {
  dropForgotten(queue, now);
  const inFlight = queue.messages.filter(({ visibleAt }) => visibleAt > now).length;
  return { visible: queue.messages.length - inFlight, inFlight };
}

function contentId({ contentBasedDeduplication }: QueueDefinition, body: string): string {
  if (contentBasedDeduplication === true) return createHash('sha256').update(body).digest('hex');
  throw new AwsError(
    'InvalidParameterValue',
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

function dropForgotten(queue: QueueState, now: number): void {
  queue.messages = queue.messages.filter(({ sentAt }) => sentAt + RETENTION_MILLISECONDS > now);
}

function byReceipt(queue: QueueState, receiptHandle: string): Message | undefined {
  if (!/^[0-9a-f-]{36}\.[\w-]{16}$/.test(receiptHandle)) {
    throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404);
  }
  return queue.messages.find((candidate) => candidate.receiptHandle === receiptHandle);
}

const expiredReceipt = (receiptHandle: string): AwsError =>
  new AwsError(
    'InvalidParameterValue',
    `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
  );
