import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { startRunner, type Runner } from '../../../infra/local/runner/runner.ts';
import { fakeQueues, fixtureService, type FakeQueues } from './fixture-stack.ts';

let runner: Runner;
let queues: FakeQueues;
const written: string[] = [];

beforeEach(async () => {
  queues = fakeQueues();
  runner = await startRunner({
    service: await fixtureService(),
    queues,
    schedules: 'manual',
    port: 0,
    redeliverySeconds: 0.01,
    output: (functionKey, text) => void written.push(`${functionKey}: ${text}`),
  });
});
afterEach(() => runner.close());

describe('queues', () => {
  const batches = async () =>
    z.array(z.array(z.string())).parse((await runner.invoke('worker', { report: true })).payload);
  const settled = async () => {
    while (!runner.isIdle()) await sleep(5);
  };

  it('come in batches of at most their size, and empty', async () => {
    for (const body of ['a', 'b', 'c', 'd', 'e']) queues.send('arn-of-Jobs', body);
    await settled();
    expect(await batches()).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(queues.remaining()).toEqual([]);
  });

  it('bring back only what was reported as failed', async () => {
    for (const body of ['good', 'once']) queues.send('arn-of-Jobs', body);
    await settled();
    expect(await batches()).toEqual([['good', 'once'], ['once']]);
  });

  it('bring back the whole batch of a function that throws', async () => {
    for (const body of ['throw', 'good']) queues.send('arn-of-Jobs', body);
    await settled();
    expect((await batches()).flat().sort()).toEqual(['good', 'good', 'throw', 'throw']);
    expect(written.join()).toContain('worker: Error: the whole batch');
  });

  it('deliver again until the queue gives up', async () => {
    queues.send('arn-of-Jobs', 'fail');
    await settled();
    expect(await batches()).toEqual([['fail'], ['fail'], ['fail']]);
  });
});

describe('schedules', () => {
  it("fire on demand with the event's input, else with EventBridge's own event", async () => {
    const results = await runner.fireSchedule('ticker');
    expect(results.map(({ payload }) => payload)).toEqual([
      { event: { wake: 'all' } },
      {
        event: expect.objectContaining({ source: 'aws.events', 'detail-type': 'Scheduled Event' }) as object,
      },
    ]);
  });

  it('are an error for a function without one', async () => {
    await expect(runner.fireSchedule('echo')).rejects.toThrow('echo has no schedule');
  });
});

describe('Invoke', () => {
  const post = (name: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${runner.lambdaUrl}/2015-03-31/functions/${encodeURIComponent(name)}/invocations`, {
      method: 'POST',
      headers,
      body,
    });
  const gateArn = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-fixture-local';

  it.each([['gate'], ['AWSClientVPN-fixture-local'], [gateArn], [`${gateArn}:live`]])(
    'finds a function by %s and gives it the context of Lambda',
    async (name) => {
      const response = await post(name, '{}');
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        allow: true,
        functionName: 'AWSClientVPN-fixture-local',
        invokedFunctionArn: name.startsWith('arn:') ? name : gateArn,
        memoryLimitInMB: '1024',
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      });
    },
  );

  it('answers a function error with its type and message', async () => {
    const response = await post('shapes', JSON.stringify({ pathParameters: { shape: 'thrown' } }));
    expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
    expect(await response.json()).toEqual({
      errorType: 'RangeError',
      errorMessage: 'a secret of the function',
    });
  });

  it('ends a function at its timeout', async () => {
    const { payload, functionError } = await runner.invoke('shapes', { pathParameters: { shape: 'slow' } });
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });

  it.each([
    ['an unknown function', 'nobody', '{}', 404, 'ResourceNotFoundException'],
    ['a payload that is not JSON', 'gate', '{', 400, 'InvalidRequestContentException'],
  ])('refuses %s', async (_what, name, body, status, type) => {
    const response = await post(name, body);
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, type]);
  });

  it('takes an event without waiting for the function', async () => {
    expect((await post('gate', '{}', { 'x-amz-invocation-type': 'Event' })).status).toBe(202);
  });
});
