import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { jobHandler } from '../../../shared/http/job-handler.ts';

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const batch = (...bodies: string[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    body,
    attributes: { SentTimestamp: '1772355600000' },
  })),
});
const about = (endpointId: string): string => JSON.stringify({ endpointId });

function newJob(failing: readonly string[] = []) {
  const seen: string[] = [];
  const logger = new Logger({ serviceName: 'test', logLevel: 'SILENT' });
  const metrics = new Metrics({ namespace: 'Test', serviceName: 'test' });
  const handler = jobHandler(
    { logger, metrics },
    {
      forEndpoint: async (endpointId) => {
        seen.push(endpointId);
        if (failing.includes(endpointId)) throw new Error('no');
      },
      onSchedule: async () => {
        seen.push('schedule');
        if (failing.includes('schedule')) throw new Error('no');
      },
    },
  );
  return { seen, handle: (event: unknown) => handler(event, context) };
}

describe('a job', () => {
  it('looks at each endpoint that it was woken for', async () => {
    const { seen, handle } = newJob();
    expect(await handle(batch(about('a'), about('b')))).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual(['a', 'b']);
  });

  it('gives back what failed and all behind it, as the order of a FIFO queue demands', async () => {
    const { seen, handle } = newJob(['b']);
    expect(await handle(batch(about('a'), about('b'), about('c')))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }],
    });
    expect(seen).toEqual(['a', 'b']);
  });

  it.each(['', 'not JSON', '{}', '{"endpointId":""}', '[]'])(
    'gives back a message that says "%s"',
    async (body) => {
      const { seen, handle } = newJob();
      expect(await handle(batch(body))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
      expect(seen).toEqual([]);
    },
  );

  it('runs on its schedule, and fails loudly', async () => {
    const fine = newJob();
    expect(await fine.handle({ source: 'aws.events' })).toBeUndefined();
    expect(fine.seen).toEqual(['schedule']);
    await expect(newJob(['schedule']).handle({ source: 'aws.events' })).rejects.toThrow('no');
  });
});
