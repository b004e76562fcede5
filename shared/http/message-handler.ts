import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { $ZodError } from 'zod/v4/core';
import { DomainError } from '../domain/errors.ts';
import type { DeadLetters } from '../ports/dead-letters.ts';
import { publishMetrics, withoutAttributes, type Observability } from './observability.ts';

export type MessageHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Where not even the words of a message can be read. */
const UNREADABLE = 'the message is not of the form that this queue carries';

/** @param receives how often the message has come, this time included */
type Take = (message: unknown, receives: number) => Promise<void>;

/**
 * One Lambda behind a queue that carries what somebody said. What no later try can mend is put aside at once, with the
 * reason, so that the alarm of the dead letters rings within a minute; anything else comes again.
 */
export function messageHandler(
  { logger, metrics, deadLetters }: Observability & { readonly deadLetters: DeadLetters },
  take: Take,
): MessageHandler {
  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(publishMetrics(metrics))
    .handler(async ({ Records }) => {
      const failed: string[] = [];
      for (const { messageId, body, attributes } of Records) {
        const receives = Number(attributes.ApproximateReceiveCount);
        try {
          await takeOrBury(
            body,
            (message) => take(message, receives),
            async (reason) => {
              logger.error('message put aside', { reason });
              await deadLetters.bury(body, reason);
            },
          );
        } catch (error) {
          logger.error('message failed', { error: withoutAttributes(error) });
          failed.push(messageId);
        }
      }
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

async function takeOrBury(
  body: string,
  take: (message: unknown) => Promise<void>,
  bury: (reason: string) => Promise<void>,
): Promise<void> {
  try {
    await take(JSON.parse(body));
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    await bury(reason);
  }
}

/** @returns undefined for what a later try may mend */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof DomainError) {
    if (error.code === 'tryAgain') return undefined;
    return [error.message, ...error.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`)].join('; ');
  }
  return error instanceof SyntaxError || error instanceof $ZodError ? UNREADABLE : undefined;
}
