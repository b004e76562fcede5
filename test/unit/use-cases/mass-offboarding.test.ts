import type { Context, SQSEvent } from 'aws-lambda';
import { endpointWorkerHandler } from '../../../functions/endpoint-worker/handler.ts';
import type { PersonId, SourceId } from '../../../shared/domain/identity.ts';
import { advanceOffboardings } from '../../../shared/use-cases/advance-offboardings.ts';
import type { IssuedCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { counting } from '../../support/crashes.ts';
import { quietObservability } from '../../support/observability.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const HR = 'hr' as SourceId;
const STAY = ['bob', 'carol'];

/** A company of which so many will leave, all of them connected; an administrator has announced it. */
async function companyWith(leaving: number) {
  const world = await newWorld();
  const leavers = Array.from({ length: leaving }, (_, index) => `leaver${index + 1}`);
  const certificates = new Map<string, IssuedCertificate>();
  await world.publish();
  for (const login of [...leavers, ...STAY]) {
    const certificate = await world.enrol(login);
    certificates.set(login, certificate);
    await world.vpn.connect(certificate);
  }
  const until = world.clock.now() + 2 * 3_600_000;
  await world.stores.surges.expect(HR, { people: leaving, until, by: 'adam' as PersonId });
  const stay = STAY.map((login) => certificates.get(login)?.commonName);
  return { world, leavers, certificates, stay };
}

const leave = (world: World, logins: readonly string[]) =>
  Promise.all(logins.map((login) => world.tell(world.event(login, 'left'))));

/** Calls of each kind that the offboarding of so many people takes, up to the list that they wait for. */
async function callsOf(leaving: number): Promise<Map<string, number>> {
  const { world, leavers } = await companyWith(leaving);
  const { interference, names } = counting();
  world.interfere(interference);
  await leave(world, leavers);
  await world.cut();
  await world.sweep();
  const calls = new Map<string, number>();
  for (const name of names) calls.set(name, (calls.get(name) ?? 0) + 1);
  return calls;
}

describe('many people who leave at once', () => {
  it('are cut and refused, they alone, and cause one import', async () => {
    const { world, leavers, certificates, stay } = await companyWith(24);
    const outcomes = (await leave(world, leavers)).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(['denied']));
    expect(await world.cut()).toEqual({ terminated: 24, isClean: true });
    expect(world.vpn.names()).toEqual(stay);
    for (const login of leavers) {
      const certificate = certificates.get(login);
      expect(certificate && (await world.vpn.connect(certificate))).toBe('gate');
    }
    await world.sweep();
    await world.publish();
    expect(world.vpn.imports).toBe(1);
    for (let hour = 0; hour < 30; hour += 1) {
      world.moveTime(3_600);
      await world.publish();
    }
    expect(world.vpn.imports).toBe(2);
    expect(world.vpn.revoked().size).toBe(24);
    expect((await world.sweep()).open).toBe(0);
    const records = await world.stores.offboardings.listByMonth('2026-03');
    expect(records.map(({ terminated }) => terminated.length)).toEqual(leavers.map(() => 1));
  });

  it('cost each the same, however many they are', async () => {
    const [few, many] = [await callsOf(12), await callsOf(20)];
    expect([...many.keys()].sort()).toEqual([...few.keys()].sort());
    // What is asked once for all of them stays as it is; the rest grows with them and no faster.
    const perLeaver = [...many].map(([name, count]) => [name, (count - (few.get(name) ?? 0)) / 8]);
    expect(Object.fromEntries(perLeaver)).toMatchObject({
      'offboardings.listOpen': 0,
      'ec2.list': 0,
      'ec2.terminate': 1,
      'offboardings.deny': 1,
      'offboardings.markCut': 1,
      'offboardings.markTerminated': 1,
      'certificates.revoke': 1,
      'offboardings.markRevoked': 1,
    });
    expect(perLeaver.every(([, each]) => Number.isInteger(each) && Number(each) <= 4)).toBe(true);
  });

  it('are gone on with by the next run where one run has no time for all', async () => {
    const { world, leavers } = await companyWith(24);
    await leave(world, leavers);
    const pending = async () => (await world.stores.revocations.listPending(ENDPOINT_ID)).length;
    const seen: number[] = [];
    world.interfere(async (name, effect) => {
      if (name === 'certificates.revoke') await world.clock.sleep(1_000);
      return effect();
    });
    do {
      await advanceOffboardings(world.deps, 5_000);
      seen.push(await pending());
    } while (seen.at(-1) !== 24 && seen.length < 9);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(24);
  });

  it('wake the worker each, which looks again only for those who were denied since it began to look', async () => {
    const { world, leavers } = await companyWith(3);
    const worker = endpointWorkerHandler({ ...quietObservability().observability, ...world.deps });
    let lists = 0;
    const { list } = world.deps.connections;
    world.deps.connections.list = async (endpointId) => {
      lists += 1;
      return list(endpointId);
    };
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    const wake = async (sentAt: number): Promise<number> => {
      lists = 0;
      const attributes = { SentTimestamp: String(sentAt) };
      const body = JSON.stringify({ endpointId: ENDPOINT_ID });
      const event = { Records: [{ messageId: 'm', body, attributes }] } as unknown;
      expect(await worker(event as SQSEvent, context)).toEqual({ batchItemFailures: [] });
      return lists;
    };
    await leave(world, leavers);
    const sentAt = world.clock.now();
    world.moveTime(3);
    expect(await wake(sentAt)).toBeGreaterThan(0);
    expect(await wake(sentAt)).toBe(0);
    // Whoever wakes it revoked somebody perhaps; the schedule has nobody in mind.
    expect(await wake(world.clock.now())).toBeGreaterThan(1);
    lists = 0;
    await worker({ source: 'aws.scheduler' }, context);
    expect(lists).toBe(1);
    // What was looked at by a clock that has been set back keeps no wake from being heard.
    world.moveTime(-3_600);
    expect(await wake(world.clock.now())).toBeGreaterThan(0);
  });
});
