import {
  deactivate,
  provision,
  sayByCloudEvents,
  sayByHand,
  sayThatPersonLeft,
} from '../../infra/local/demo/hr.ts';
import { enrol, type Laptop } from '../../infra/local/demo/laptop.ts';
import { eventually, happening, refusalOf } from '../../infra/local/demo/patience.ts';
import type { Answer } from '../../infra/local/demo/portal-api.ts';
import { endpointState } from '../../infra/local/demo/story/beginning.ts';
import {
  expectUntouched,
  openTunnel,
  tunnelComeBack,
  tunnelEnded,
  type Tunnel,
} from '../../infra/local/demo/tunnel.ts';
import { worldOf, type World } from '../../infra/local/demo/world.ts';
import { employee, LOCAL_PEOPLE } from '../../infra/local/openid-provider/people.ts';
import { startStack, type Stack } from '../../infra/local/stack.ts';
import { Closers } from '../../infra/local/stack/closers.ts';
import { eachAtOnce } from '../../shared/use-cases/each-at-once.ts';

const NAMES = Array.from({ length: 50 }, (_, index) => `crowd${index + 1}`);
const LEAVERS = NAMES.slice(0, 10);
const AT_ONCE = 8;
const IMPATIENCE = 120_000;
const emailOf = (name: string): string => `${name}@example.com`;

const closers = new Closers();
let world: World;
let stack: Stack;
beforeAll(async () => {
  const people = [...LOCAL_PEOPLE, ...NAMES.map((name, index) => employee(name, String(2001 + index)))];
  stack = await startStack({ schedules: 'manual', vpn: 'auto', people });
  closers.add(() => stack.close());
  world = worldOf(stack, [], closers);
  await stack.settled();
}, IMPATIENCE);
afterAll(() => closers.close(), IMPATIENCE);

/** The same of each, a few at once, in their order. */
async function ofEach<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  await eachAtOnce([...items.entries()], AT_ONCE, async ([index, item]) => {
    results[index] = await work(item);
  });
  return results;
}

/** Says of all leavers at the same moment that they left, each source in its own words. */
async function sayThatAllLeft(scimUsers: readonly string[]): Promise<Answer[]> {
  const [first = '', second = '', third = '', ...rest] = LEAVERS.map(emailOf);
  const [viaOkta = '', viaEntra = '', another = ''] = scimUsers;
  return Promise.all([
    ...[first, second, third].map((email) => sayThatPersonLeft(world, email)),
    deactivate(world, viaOkta, 'okta'),
    deactivate(world, viaEntra, 'entra'),
    deactivate(world, another, 'okta'),
    sayByCloudEvents(world, rest.slice(3, 5)),
    ...rest.slice(5).map((email) => sayByHand(world, email)),
  ]);
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

it(
  'of 50 connected people 10 leave through four sources at once: they are cut and refused, 40 notice nothing until the one import',
  async () => {
    let began = performance.now();
    const figures: string[] = [`over ${stack.vpn.words}`];
    const laptops = await ofEach(NAMES, (name) => enrol(world, name));
    figures.push(`50 enrolled in ${seconds(began)}`);
    const scimUsers = await ofEach(LEAVERS.slice(3, 6), (name) => provision(world, name));
    began = performance.now();
    const tunnels = await ofEach(laptops, (laptop) => openTunnel(world, laptop));
    figures.push(`50 connected in ${seconds(began)}`);
    const leaving = tunnels.slice(0, LEAVERS.length);
    const staying = tunnels.slice(LEAVERS.length);
    const importsBefore = world.imports();

    began = performance.now();
    const ends = leaving.map(({ client, eventsBefore, laptop }) =>
      happening(client, 'disconnected', `${laptop.person}'s connection ends`, eventsBefore, IMPATIENCE),
    );
    const answers = await sayThatAllLeft(scimUsers);
    figures.push(`10 denied in ${seconds(began)}`);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await Promise.all(ends);
    figures.push(`10 cut in ${seconds(began)}`);
    for (const tunnel of leaving) await tunnelEnded(world, tunnel);
    await expectRefused(leaving, 'when it comes back by itself');
    await stack.settled();
    await expectUntouched(world, staying);
    // The sweeps of a day without a window change nothing for the 40 either.
    await stack.fireSchedule('offboarding-sweep');
    await stack.fireSchedule('publisher');
    await stack.settled();
    await expectUntouched(world, staying);
    expect(world.imports()).toBe(importsBefore);

    began = performance.now();
    const back = await publishOnce(
      staying,
      leaving.map(({ laptop }) => laptop),
    );
    figures.push(`one import resets 40, who are back in ${seconds(began)}`);
    expect(world.imports()).toBe(importsBefore + 1);
    await stack.settled();
    await expectUntouched(world, back);
    const again = await ofEach(leaving, ({ laptop }) => world.connect(laptop.person, laptop.profileText));
    await Promise.all(
      again.map((client) => refusalOf(client, `${client.name} is refused by the list too`, 0)),
    );
    figures.push('10 refused again, 40 connected');
    process.stderr.write(`crowd: ${figures.join('; ')}\n`);
  },
  IMPATIENCE * 2,
);

async function expectRefused(tunnels: readonly Tunnel[], when: string): Promise<void> {
  const refusals = await Promise.all(
    tunnels.map(({ client, laptop, eventsBefore }) =>
      refusalOf(client, `${laptop.person} is refused ${when}`, eventsBefore),
    ),
  );
  expect(refusals.map(({ by }) => by)).toEqual(tunnels.map(() => 'gate'));
}

/** The planned import: an administrator asks, everybody is reset once, and nobody of those who stay is refused. */
async function publishOnce(staying: readonly Tunnel[], gone: readonly Laptop[]): Promise<Tunnel[]> {
  const token = await world.signIn('adam');
  expect((await world.api.call('POST', '/v1/admin/crl/publication', { token })).status).toBe(202);
  await eventually(
    () => endpointState(world),
    ({ pendingRevocations }) => pendingRevocations === 0,
    'nothing pending',
    ({ pendingRevocations }) => `${pendingRevocations} pending`,
    IMPATIENCE,
  );
  const { entries } = await world.endpoint.list();
  expect([...entries.keys()].sort()).toEqual(gone.map(({ serialNumber }) => serialNumber).sort());
  const back = await Promise.all(staying.map((tunnel) => tunnelComeBack(world, tunnel)));
  for (const { client } of back) expect(client.events.filter(({ kind }) => kind === 'refused')).toEqual([]);
  return back;
}
