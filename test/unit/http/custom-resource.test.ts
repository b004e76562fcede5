import type { Context } from 'aws-lambda';
import { customResourceHandler } from '../../../shared/http/custom-resource.ts';
import { quietObservability } from '../../support/observability.ts';

const event = {
  RequestType: 'Create',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Thing',
  ResourceType: 'Custom::Thing',
  ResourceProperties: { Name: 'one' },
};

function newResource(ensure: (attempt: number) => Promise<Record<string, string>>, milliseconds = 60_000) {
  const { observability, written } = quietObservability();
  const slept: number[] = [];
  let attempts = 0;
  const handler = customResourceHandler(
    {
      ...observability,
      clock: { now: () => 0, sleep: async (pause) => void slept.push(pause) },
    },
    {
      'Custom::Thing': {
        idProperty: 'Name',
        isFixed: true,
        ensure: () => ensure((attempts += 1)),
      },
    },
  );
  const context = { getRemainingTimeInMillis: () => milliseconds } as Context;
  const { metrics } = observability;
  return {
    slept,
    written,
    metrics,
    ask: (changes: object = {}) => handler({ ...event, ...changes }, context),
  };
}

const refused = (name: string) => Object.assign(new Error('not authorized'), { name });

describe('a custom resource', () => {
  it('answers before Lambda would end it, with what to do', async () => {
    const { ask } = newResource(() => new Promise(() => undefined), 10_050);
    const answer = await ask();
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'one' });
    expect(answer.Reason).toContain('try again');
  });

  it.each(['AccessDeniedException', 'UnauthorizedOperation'])(
    'waits for the rights of a new role where it hears %s',
    async (name) => {
      const { ask, slept } = newResource(async (attempt) => {
        if (attempt < 3) throw refused(name);
        return { Arn: 'arn' };
      });
      expect(await ask()).toMatchObject({ Status: 'SUCCESS', Data: { Arn: 'arn' } });
      expect(slept).toEqual([5_000, 5_000]);
    },
  );

  it('gives up on rights that never come, and on everything else at once', async () => {
    const never = newResource(() => Promise.reject(refused('AccessDeniedException')));
    expect((await never.ask()).Status).toBe('FAILED');
    expect(never.slept).toHaveLength(6);
    const other = newResource(() => Promise.reject(new Error('no')));
    expect(await other.ask()).toMatchObject({ Status: 'FAILED', Reason: 'Error: no' });
    expect(other.slept).toEqual([]);
  });

  it('sends what was counted, also when it fails', async () => {
    for (const isWell of [true, false]) {
      const { ask, written, metrics } = newResource(async () => {
        metrics.addMetric('SignaturesRecorded', 'Count', 1);
        if (!isWell) throw new Error('no');
        return {};
      });
      await ask();
      expect(written()).toContain('"SignaturesRecorded":1');
    }
  });

  it('cuts long words, since CloudFormation takes 4,096 octets', async () => {
    const { ask } = newResource(() => Promise.reject(new Error('x'.repeat(10_000))));
    expect(JSON.stringify(await ask()).length).toBeLessThan(2_000);
  });

  it('keeps its id when an update fails', async () => {
    const { ask } = newResource(() => Promise.reject(new Error('no')));
    expect(await ask({ RequestType: 'Update', PhysicalResourceId: 'one' })).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'one',
    });
  });

  it('can be updated into being after a creation that never named it', async () => {
    const { ask } = newResource(async () => ({}));
    expect(await ask({ RequestType: 'Update', PhysicalResourceId: 'not-made' })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'one',
    });
  });
});
