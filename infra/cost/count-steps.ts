import { randomUUID } from 'node:crypto';
import { sayThatPersonLeft } from '../local/demo/hr.ts';
import { askForCertificate, enrol, newKeyAndRequest, type Laptop } from '../local/demo/laptop.ts';
import { promised } from '../local/demo/portal-api.ts';
import { openTunnel } from '../local/demo/tunnel.ts';
import type { World } from '../local/demo/world.ts';
import { issuedCertificateView } from '../../shared/http/api/certificates.ts';
import { withPrivateKey } from '../../shared/domain/profile.ts';
import { between, together, type Counter } from './counter.ts';
import type { Counted, CountedJobs } from './jobs.ts';

const HOUR_SECONDS = 3_600;

/** More than the longest time that a revocation waits for its list. */
const WINDOW_SECONDS = 26 * HOUR_SECONDS;

/** Those that have something to do after what people do. */
const AFTERWARDS = ['notices', 'journal'] as const;

/** Where things happen, and how they are counted. */
export interface Scene {
  readonly world: World;
  readonly fire: (functionKey: string) => Promise<unknown>;
  /** @param share by how many it is divided; 1 when absent */
  readonly measure: (work: () => Promise<unknown>, share?: number) => Promise<Counted>;
}

export interface CountingScene extends Scene {
  readonly ticks: CountedJobs['schedules'];
}

export const sceneOf = (world: World, look: Counter['look']): Scene => ({
  world,
  fire: (functionKey) => world.stack.fireSchedule(functionKey),
  async measure(work, share) {
    const before = look();
    await work();
    await world.stack.settled();
    return between(before, look(), share);
  },
});

/** Each function that runs by itself. The second time: the first does what the stack's beginning left. */
export async function countSchedules({
  world,
  fire,
  measure,
}: Scene): Promise<Record<string, { everySeconds: number; counted: Counted }>> {
  const all: Record<string, { everySeconds: number; counted: Counted }> = {};
  for (const { key, schedules } of world.stack.service.functions) {
    const [schedule] = schedules;
    if (schedule === undefined) continue;
    await measure(() => fire(key));
    all[key] = {
      everySeconds: schedule.everyMilliseconds / 1000,
      counted: await measure(() => fire(key)),
    };
  }
  return all;
}

export async function countEnrolment(
  scene: CountingScene,
): Promise<{ counted: Counted; laptops: readonly Laptop[] }> {
  const { world, measure } = scene;
  const laptops: Laptop[] = [];
  const counted = await measure(async () => {
    const token = await world.signIn('bob');
    await world.api.call('GET', '/v1/me', { token });
    laptops.push(await enrol(world, 'bob'));
    await afterwards(scene);
  });
  laptops.push(await enrol(world, 'alice'));
  await afterwards(scene);
  return { counted: withoutTicks(scene, counted, AFTERWARDS), laptops };
}

export async function countConnections(
  { world, fire, measure }: CountingScene,
  [first, ...others]: readonly Laptop[],
): Promise<{ connect: Counted; look: Counted; noteUse: Counted; three: Counted }> {
  if (first === undefined) throw new Error('nobody enrolled');
  const connect = await measure(() => openTunnel(world, first));
  await measure(() => fire('endpoint-worker'));
  const one = await measure(() => fire('endpoint-worker'));
  for (const laptop of others) await openTunnel(world, laptop);
  const threeAnew = await measure(() => fire('endpoint-worker'));
  const three = await measure(() => fire('endpoint-worker'));
  return {
    // Without the calls by which the story itself looks at the endpoint.
    connect: { ...connect, calls: onlyOf(connect.calls, 'dynamodb') },
    look: between(one, three, others.length),
    noteUse: between(three, threeAnew, others.length),
    three,
  };
}

/** @param anyway what the sweep of connections would have done without it */
export async function countRenewal(scene: CountingScene, old: Laptop, anyway: Counted): Promise<Counted> {
  const { world, fire, measure } = scene;
  const { privateKey, csrPem } = await newKeyAndRequest();
  const token = await world.signIn('carol');
  let fresh = old;
  const renewed = await measure(async () => {
    const answer = await world.api.call('POST', `/v1/certificates/${old.certificateId}/renewal`, {
      token,
      headers: { 'idempotency-key': randomUUID() },
      json: { csr: csrPem },
    });
    const { commonName, profile } = promised(issuedCertificateView, answer, 201, 'a renewed certificate');
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    fresh = { ...old, commonName, profileText: withPrivateKey(profile, privateKeyPem) };
    await afterwards(scene);
  });
  await openTunnel(world, fresh);
  const retired = await measure(() => fire('endpoint-worker'));
  return together(withoutTicks(scene, renewed, AFTERWARDS), between(anyway, retired));
}

/** Alice, by her HR system, with a live connection. */
export async function countLeaving(scene: CountingScene): Promise<Counted> {
  const { world, fire, measure } = scene;
  const counted = await measure(async () => {
    await sayThatPersonLeft(world, 'alice@example.com');
    await world.stack.settled();
    await fire('offboarding-sweep');
    await afterwards(scene);
  });
  return withoutTicks(scene, counted, ['offboarding-sweep', ...AFTERWARDS]);
}

const MORE_CERTIFICATES = 4;

/** Alice's and carol's old certificate first, then bob's five: what is more then is what rows cost. */
export async function countPublication(
  scene: CountingScene,
): Promise<{ publish: Counted; publishRow: Counted }> {
  const { world, fire, measure } = scene;
  const { stack } = world;
  const token = await world.signIn('bob');
  for (let count = 0; count < MORE_CERTIFICATES; count += 1) {
    await askForCertificate(world, token, (await newKeyAndRequest()).csrPem);
  }
  await world.stopClients();
  stack.moveTime(WINDOW_SECONDS);
  const first = withoutTicks(scene, await measure(() => fire('publisher')), ['publisher']);
  await sayThatPersonLeft(world, 'bob@example.com');
  await stack.settled();
  await fire('offboarding-sweep');
  await afterwards(scene);
  stack.moveTime(WINDOW_SECONDS);
  const second = withoutTicks(scene, await measure(() => fire('publisher')), ['publisher']);
  return { publish: first, publishRow: between(first, second, MORE_CERTIFICATES) };
}

/** At noon, thirteen days before a certificate ends. */
export async function countReminder(scene: CountingScene, { notAfter }: Laptop): Promise<Counted> {
  const { world, fire, measure } = scene;
  const day = new Date(Date.parse(notAfter) - 13 * 24 * HOUR_SECONDS * 1000);
  day.setUTCHours(12, 0, 0, 0);
  world.stack.moveTime(Math.round((day.getTime() - Date.now()) / 1000));
  return withoutTicks(scene, await measure(() => fire('notices')), ['notices']);
}

const LOOKS = ['/v1/admin/endpoints', '/v1/admin/incidents', '/v1/admin/offboardings'];

export async function countAdministration({ world, measure }: CountingScene): Promise<Counted> {
  const token = await world.signIn('adam');
  return measure(() => Promise.all(LOOKS.map((path) => world.api.call('GET', path, { token }))));
}

async function afterwards({ fire, ticks }: CountingScene): Promise<void> {
  for (const key of AFTERWARDS) if (ticks[key] !== undefined) await fire(key);
}

/** Without what the schedules would have done anyway. */
const withoutTicks = ({ ticks }: CountingScene, counted: Counted, functionKeys: readonly string[]): Counted =>
  functionKeys.reduce((rest, key) => {
    const tick = ticks[key];
    return tick === undefined ? rest : between(tick.counted, rest);
  }, counted);

const onlyOf = (calls: Counted['calls'], service: string): Counted['calls'] =>
  Object.fromEntries(Object.entries(calls).filter(([name]) => name.startsWith(`${service}:`)));
