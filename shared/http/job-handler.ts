import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { publishMetrics, withoutAttributes, type Observability } from './observability.ts';

export interface Job {
  /** What a message about one endpoint wakes. @param sentAt milliseconds since the Unix epoch, by SQS's clock */
  readonly forEndpoint: (endpointId: string, signal: AbortSignal, sentAt?: number) => Promise<void>;
  /** What the schedule wakes. */
  readonly onSchedule: (signal: AbortSignal) => Promise<void>;
}

const wakeMessage = z.object({ endpointId: z.string().check(z.minLength(1)) });
/** Enough to write down where we are before Lambda ends us. */
const EARLY_END_MILLISECONDS = 2_000;

export type JobHandler = (event: unknown, context: Context) => Promise<SQSBatchResponse | undefined>;

/**
 * One Lambda behind a FIFO queue of endpoints and a schedule. At the first message that fails the rest of the batch
 * goes back too, as a FIFO queue needs; a failed schedule is an error that an alarm sees.
 */
export function jobHandler({ logger, metrics }: Observability, job: Job): JobHandler {
  return middy<unknown, SQSBatchResponse | undefined>({ timeoutEarlyInMillis: EARLY_END_MILLISECONDS })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(publishMetrics(metrics))
    .handler(async (event, _context, { signal }) => {
      if (!isSqsEvent(event)) {
        await job.onSchedule(signal);
        return undefined;
      }
      for (const [index, record] of event.Records.entries()) {
        try {
          const { endpointId } = wakeMessage.parse(JSON.parse(record.body));
          const sentAt = Number(record.attributes.SentTimestamp);
          await job.forEndpoint(endpointId, signal, Number.isFinite(sentAt) ? sentAt : undefined);
        } catch (error) {
          logger.error('job failed', { error: withoutAttributes(error) });
          const failed = event.Records.slice(index);
          return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        }
      }
      return { batchItemFailures: [] };
    });
}

const isSqsEvent = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
