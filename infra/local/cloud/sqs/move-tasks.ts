import { randomUUID } from 'node:crypto';
import { AwsError } from '../protocol.ts';
import type { Message, QueueState } from './queue.ts';

/** What AWS remembers of a move, botocore sqs 2012-11-05. */
export interface MoveTask {
  readonly Status: 'COMPLETED' | 'FAILED';
  readonly SourceArn: string;
  readonly DestinationArn?: string;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly FailureReason?: string;
  readonly StartedTimestamp: number;
}

/**
 * Moves what nobody holds out of a dead-letter queue: to the queue that is named, or each to where it came from. A
 * letter that was put there by SendMessage came from nowhere, and the task fails at it ("Troubleshooting dead-letter
 * queues", SQS developer guide). What is moved is a new message, with a new id and time.
 *
 * @param destinationOf undefined where it cannot be said
 */
export function moveLetters(
  from: QueueState,
  destinationOf: (letter: Message) => QueueState | undefined,
  now: number,
): Pick<
  MoveTask,
  'Status' | 'FailureReason' | 'ApproximateNumberOfMessagesMoved' | 'ApproximateNumberOfMessagesToMove'
> {
  const letters = from.messages.filter(({ visibleAt }) => visibleAt <= now);
  let moved = 0;
  for (const letter of letters) {
    const to = destinationOf(letter);
    if (to === undefined) break;
    from.messages.splice(from.messages.indexOf(letter), 1);
    const { receiptHandle: _, firstReceivedAt: __, sourceArn: ___, ...rest } = letter;
    to.messages.push({ ...rest, messageId: randomUUID(), sentAt: now, visibleAt: now, receiveCount: 0 });
    moved += 1;
  }
  const isWhole = moved === letters.length;
  return {
    Status: isWhole ? 'COMPLETED' : 'FAILED',
    ...(isWhole ? {} : { FailureReason: 'CouldNotDetermineMessageSource' }),
    ApproximateNumberOfMessagesMoved: moved,
    ApproximateNumberOfMessagesToMove: letters.length,
  };
}

/** @throws AwsError unless letters of the one queue may go into the other */
export function checkDestination(from: QueueState, to: QueueState): void {
  if (from.definition.fifo === to.definition.fifo) return;
  throw new AwsError(
    'InvalidParameterValue',
    'The source and destination queues of a message movement task must be of the same type.',
  );
}
