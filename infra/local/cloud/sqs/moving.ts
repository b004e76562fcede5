import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { jsonAction, type JsonAction } from '../protocol.ts';
import type { MoveTask } from './move-tasks.ts';
import type { Queues } from './queues.ts';

/** ListMessageMoveTasks tells of at most so many, the latest first. */
const MOST_TASKS = 10;

const action = <Input>(schema: z.ZodType<Input>, handle: (input: Input) => object) =>
  jsonAction(schema, handle, 'InvalidParameterValue');

/** The actions of who moves dead letters. A task is over at once here, so there is nothing to cancel. */
export function movingActions(queues: Queues): [string, JsonAction][] {
  const tasks: MoveTask[] = [];
  return [
    [
      'StartMessageMoveTask',
      action(
        z.object({
          SourceArn: z.string().min(1),
          DestinationArn: z.string().min(1).optional(),
          MaxNumberOfMessagesPerSecond: z.number().int().min(1).max(500).optional(),
        }),
        ({ SourceArn, DestinationArn }) => {
          const TaskHandle = randomUUID();
          const moved = queues.moveLetters(SourceArn, DestinationArn);
          const named = DestinationArn === undefined ? {} : { DestinationArn };
          tasks.unshift({ SourceArn, ...named, ...moved });
          return { TaskHandle };
        },
      ),
    ],
    [
      'ListMessageMoveTasks',
      action(
        z.object({
          SourceArn: z.string().min(1),
          MaxResults: z.number().int().min(1).max(MOST_TASKS).default(1),
        }),
        ({ SourceArn, MaxResults }) => {
          queues.deadLetterQueue(SourceArn);
          return { Results: tasks.filter((task) => task.SourceArn === SourceArn).slice(0, MaxResults) };
        },
      ),
    ],
  ];
}
