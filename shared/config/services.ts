import * as z from 'zod/mini';
import { slice, text } from './slice.ts';

export const queuesSlice = slice(
  { CONNECTIONS_QUEUE_URL: z.url(), PUBLICATION_QUEUE_URL: z.url() },
  (env) => ({
    connectionsQueueUrl: env.CONNECTIONS_QUEUE_URL,
    publicationQueueUrl: env.PUBLICATION_QUEUE_URL,
  }),
);

/** Where messages go that no later try can mend. */
export const deadLettersSlice = slice({ DEAD_LETTERS_QUEUE_URL: z.url() }, (env) => ({
  deadLettersQueueUrl: env.DEAD_LETTERS_QUEUE_URL,
}));

/** Where what was written down is kept for good. */
export const journalSlice = slice({ JOURNAL_BUCKET: text }, (env) => ({ bucket: env.JOURNAL_BUCKET }));

export const noticesSlice = slice({ HOLDERS_TOPIC_ARN: text, OPERATORS_TOPIC_ARN: text }, (env) => ({
  holdersTopicArn: env.HOLDERS_TOPIC_ARN,
  operatorsTopicArn: env.OPERATORS_TOPIC_ARN,
}));
