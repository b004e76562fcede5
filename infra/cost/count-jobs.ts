import { readFileSync, statSync } from 'node:fs';
import * as z from 'zod';
import { moveClock } from '../local/clock.ts';
import { enrol } from '../local/demo/laptop.ts';
import { worldOf, type World } from '../local/demo/world.ts';
import { startDynamoDb } from '../local/dynamodb.ts';
import { startStack } from '../local/stack.ts';
import { Closers } from '../local/stack/closers.ts';
import {
  countAdministration,
  countConnections,
  countEnrolment,
  countLeaving,
  countPublication,
  countReminder,
  countRenewal,
  countSchedules,
  sceneOf,
} from './count-steps.ts';
import { counter, type Counter } from './counter.ts';
import { startCapacityMeter } from './dynamodb-meter.ts';
import type { CountedJobs } from './jobs.ts';

const DAY_SECONDS = 86_400;

/** So long ago the stack begins: what was issued then is in the last third of its life now. */
const BEFORE_SECONDS = 140 * DAY_SECONDS;

/**
 * Does each job once on the local stack, and counts.
 *
 * @param told what is being done
 * @throws Error, or what the story's steps throw where something is not as it should be
 */
export async function countJobs(told: (what: string) => void): Promise<CountedJobs> {
  // Before the clock is moved.
  const countedAt = new Date().toISOString().slice(0, 10);
  const closers = new Closers();
  const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  try {
    const { world, look } = await startCounted(closers);
    const { functions } = world.stack.service;
    const { jobs, schedules } = await doEach(world, look, told);
    return {
      countedAt,
      jobs,
      schedules,
      megabytes: Object.fromEntries(
        functions.map(({ key, memorySizeMegabytes }) => [key, memorySizeMegabytes]),
      ),
      metrics: metricsIn(readFileSync(world.stack.functionLogPath, 'utf8')),
    };
  } finally {
    await closers.close();
    if (given === undefined) delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
    else process.env['AWS_ENDPOINT_URL_DYNAMODB'] = given;
  }
}

async function startCounted(closers: Closers): Promise<{ world: World; look: Counter['look'] }> {
  const dynamoDb = await startDynamoDb();
  closers.add(() => dynamoDb.close());
  const meter = await startCapacityMeter(dynamoDb.endpoint);
  closers.add(() => meter.close());
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = meter.url;
  // Known once the stack is there, which wants the counter first.
  const written: { path?: string } = {};
  const counting = counter(
    () => meter.units,
    () => (written.path === undefined ? 0 : statSync(written.path).size),
  );
  moveClock(-BEFORE_SECONDS);
  const { faults, onInvocation, log } = counting;
  const stack = await startStack({ schedules: 'manual', vpn: 'tls', faults, onInvocation, log });
  closers.add(() => stack.close());
  written.path = stack.functionLogPath;
  await stack.settled();
  return { world: worldOf(stack, [], closers), look: counting.look };
}

async function doEach(
  world: World,
  look: Counter['look'],
  told: (what: string) => void,
): Promise<Pick<CountedJobs, 'jobs' | 'schedules'>> {
  told('certificates are issued, months ago');
  const old = await enrol(world, 'carol');
  const ending = await enrol(world, 'erin');
  world.stack.moveTime(BEFORE_SECONDS);
  await world.stack.fireSchedule('publisher');
  await world.stack.settled();
  const scene = sceneOf(world, look);
  told('the schedules, with nothing to do');
  const schedules = await countSchedules(scene);
  const counting = { ...scene, ticks: schedules };
  told('people enrol and connect');
  const enrolled = await countEnrolment(counting);
  const seen = await countConnections(counting, [old, ...enrolled.laptops]);
  told('one renews, one leaves');
  const renew = await countRenewal(counting, old, seen.three);
  const leave = await countLeaving(counting);
  told('lists are published, and holders reminded');
  const listed = await countPublication(counting);
  const remind = await countReminder(counting, ending);
  const administer = await countAdministration(counting);
  const { connect, look: oneLook, noteUse } = seen;
  const jobs = { ...listed, enrol: enrolled.counted, connect, look: oneLook, noteUse };
  return { jobs: { ...jobs, renew, leave, remind, administer }, schedules };
}

const metricsLine = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(z.object({ Metrics: z.array(z.object({ Name: z.string() })) })),
  }),
});

/** The names of our own metrics in what functions wrote, in CloudWatch's embedded form. */
function metricsIn(log: string): string[] {
  const names = log.split('\n').flatMap((line) => {
    if (!line.includes('"_aws"')) return [];
    const { CloudWatchMetrics } = metricsLine.parse(JSON.parse(line.slice(line.indexOf('{'))))._aws;
    return CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  });
  return [...new Set(names)].sort();
}
