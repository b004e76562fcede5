import { SQSClient } from '@aws-sdk/client-sqs';
import { sqsDeadLetterQueue } from '../../shared/adapters/operator/sqs-dead-letter-queue.ts';
import type { DeadLetter, DeadLetterQueue, LettersMove } from '../../shared/ports/dead-letter-queues.ts';
import { redrive } from '../../shared/use-cases/redrive.ts';
import type { World } from '../world.ts';
import type { AwsTarget } from './target.ts';

export type { DeadLetter };

/** A queue of the stack and its dead letters. */
export interface NamedDeadLetters {
  /** As it is typed: `bus-events`. */
  readonly name: string;
  /** As SQS knows it. */
  readonly queueName: string;
  readonly letters: DeadLetterQueue;
}

/** `BusEvents` of the template is typed as `bus-events`. */
const typedName = (logicalId: string): string =>
  logicalId.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/**
 * Every dead-letter queue of a portal: `<X>DeadLetters` of the template are those of `<X>Queue`.
 *
 * @param resources physical ids by logical id: of a queue, its URL
 */
export function deadLettersAmong(
  target: AwsTarget,
  resources: ReadonlyMap<string, string>,
): NamedDeadLetters[] {
  const requestHandler = { requestTimeout: 10_000, connectionTimeout: 3_000, throwOnRequestTimeout: true };
  const client = new SQSClient({ ...target.clientOptions('any'), requestHandler });
  return [...resources].flatMap(([logicalId, queueUrl]) => {
    const of = /^(.+)DeadLetters$/.exec(logicalId)?.[1];
    const workingQueueUrl = of === undefined ? undefined : resources.get(`${of}Queue`);
    if (of === undefined || workingQueueUrl === undefined) return [];
    return [
      {
        name: typedName(of),
        queueName: queueUrl.split('/').at(-1) ?? queueUrl,
        letters: sqsDeadLetterQueue({ client, queueUrl, workingQueueUrl }),
      },
    ];
  });
}

/** How long a move of SQS's own is watched. */
const PATIENCE_MILLISECONDS = 60_000;

/** Sends letters back with the rights of whoever types. @param most all when undefined */
export const sendBack = (
  world: World,
  letters: DeadLetterQueue,
  most: number | undefined,
): Promise<LettersMove> =>
  redrive(
    { letters, clock: { now: () => world.now(), sleep: (time) => world.sleep(time) } },
    { most, patienceMilliseconds: PATIENCE_MILLISECONDS },
  );
