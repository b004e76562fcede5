import { randomUUID } from 'node:crypto';
import { ACCOUNT, arn, REGION } from '../names.ts';
import type { InvocationResult, LambdaFunctions } from './lambda-functions.ts';
import type { FunctionDefinition, ScheduleEvent } from './service.ts';

export interface Schedules {
  /**
   * Fires a function's schedules now, one after the other.
   *
   * @throws Error when the function has none, or fails
   */
  fire(functionKey: string): Promise<readonly InvocationResult[]>;
  stop(): void;
}

export interface SchedulesOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly functions: Pick<LambdaFunctions, 'invoke'>;
  /** `timers` fires each at its rate, the first time one interval after the start, as EventBridge does. */
  readonly mode: 'timers' | 'manual';
}

/** The longest delay that a timer of Node keeps. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

export function startSchedules({ definitions, functions, mode }: SchedulesOptions): Schedules {
  const timers =
    mode === 'manual'
      ? []
      : definitions.flatMap(({ key, schedules }) =>
          schedules
            .filter(
              ({ enabled, everyMilliseconds }) => enabled && everyMilliseconds <= LONGEST_TIMER_MILLISECONDS,
            )
            .map((schedule) =>
              // A failure is in the function's log; the next turn comes anyway.
              setInterval(
                () => void functions.invoke(key, scheduleEvent(schedule)),
                schedule.everyMilliseconds,
              ),
            ),
        );
  return {
    async fire(functionKey) {
      const definition = definitions.find(({ key }) => key === functionKey);
      if (definition === undefined || definition.schedules.length === 0) {
        throw new Error(`${functionKey} has no schedule`);
      }
      const results: InvocationResult[] = [];
      for (const schedule of definition.schedules) {
        const result = await functions.invoke(functionKey, scheduleEvent(schedule));
        if (result.functionError !== undefined) {
          throw new Error(`${functionKey}: ${JSON.stringify(result.payload)}`);
        }
        results.push(result);
      }
      return results;
    },
    stop: () => timers.forEach((timer) => clearInterval(timer)),
  };
}

/** The event's own `input`, else what EventBridge sends. */
const scheduleEvent = ({ input, expression }: ScheduleEvent): unknown =>
  input ?? {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT,
    time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    region: REGION,
    resources: [arn('events', `rule/local-${expression.replaceAll(/\W+/g, '-')}`)],
    detail: {},
  };
