import { personDetailsView } from '../../shared/http/api/administration.ts';
import { createFaults } from '../../infra/local/cloud/faults.ts';
import { deactivate, provision, sayThatPersonLeft } from '../../infra/local/demo/hr.ts';
import { enrol, type Laptop } from '../../infra/local/demo/laptop.ts';
import type { Answer } from '../../infra/local/demo/portal-api.ts';
import { openTunnel } from '../../infra/local/demo/tunnel.ts';
import { worldOf, type World } from '../../infra/local/demo/world.ts';
import { employee, LOCAL_PEOPLE } from '../../infra/local/openid-provider/people.ts';
import { startStack } from '../../infra/local/stack.ts';
import { Closers } from '../../infra/local/stack/closers.ts';
import { fakeMachine, type FakeMachine } from '../unit/cli/fake-world.ts';

/** A source may deny ten people within an hour. */
const LIMIT = 10;
const NAMES = Array.from({ length: LIMIT + 3 }, (_, index) => `staff${index + 1}`);
const emailOf = (name: string): string => `${name}@example.com`;
const IMPATIENCE = 60_000;

const faults = createFaults();
const closers = new Closers();
const laptops: Laptop[] = [];
const scimUsers: string[] = [];
let world: World;
let adam: FakeMachine;

beforeAll(async () => {
  const people = [...LOCAL_PEOPLE, ...NAMES.map((name, index) => employee(name, String(3001 + index)))];
  const stack = await startStack({ schedules: 'manual', vpn: 'tls', people, faults, redeliverySeconds: 0 });
  closers.add(() => stack.close());
  world = worldOf(stack, [], closers);
  for (const name of NAMES) {
    laptops.push(await enrol(world, name));
    scimUsers.push(await provision(world, name));
  }
  adam = fakeMachine({ VPN_PORTAL_URL: stack.apiUrl, VPN_PORTAL_TOKEN: await stack.tokenFor('adam') });
  closers.add(() => adam.remove());
}, IMPATIENCE);
afterAll(async () => {
  // The worker looks at connections for some seconds; nothing may be left running.
  const code = 'UnauthorizedOperation';
  faults.add({ service: 'ec2', action: '*', kind: 'error', code, status: 403, times: 1000 });
  await world.stack.settled();
  await closers.close();
}, IMPATIENCE);

/** Of each of them the kinds of denials, and the states of her certificates. */
async function standing(): Promise<string[]> {
  const found: string[] = [];
  for (const name of NAMES) {
    const { json } = await adam.run(['person', emailOf(name), '--json']);
    const { denials, certificates } = personDetailsView.parse(json());
    found.push([...denials.map(({ kind }) => kind), ...certificates.map(({ state }) => state)].join(' '));
  }
  return found;
}

/** The words of whatever operators were written since. */
async function lettersSince(before: number): Promise<string[]> {
  await world.stack.fireSchedule('notices');
  return world.stack.cloud.sns
    .messages()
    .slice(before)
    .map(({ subject, text }) => `${subject ?? ''}\n${text}`);
}

describe('a source that says of everybody that they left', () => {
  it.each<[string, string, () => Promise<Answer[]>]>([
    [
      'a directory whose scope was changed',
      'scim',
      () => inTurn(scimUsers, (user, index) => deactivate(world, user, index % 2 === 0 ? 'okta' : 'entra')),
    ],
    [
      'whoever has the webhook secret',
      'hr',
      () => inTurn(NAMES, (name) => sayThatPersonLeft(world, emailOf(name))),
    ],
  ])(
    'revokes nobody, pages operators, and is settled by one command: %s',
    async (_, source, sayAll) => {
      const { stack } = world;
      await stack.settled();
      const [imports, letters] = [world.imports(), stack.cloud.sns.messages().length];
      expect(await standing()).toEqual(NAMES.map(() => 'active'));

      expect((await sayAll()).map(({ status }) => status)).toEqual(NAMES.map(() => 200));
      const denied = await standing();
      expect(denied.slice(0, LIMIT).every((one) => one.startsWith('left'))).toBe(true);
      expect(denied.slice(LIMIT)).toEqual(NAMES.slice(LIMIT).map(() => 'surge active'));
      // Nothing of it reaches the endpoint's list, however often it is looked whether something is due.
      for (const job of ['offboarding-sweep', 'publisher']) await stack.fireSchedule(job);
      expect([world.imports(), (await world.endpoint.list()).entries.size]).toEqual([imports, 0]);
      expect(await lettersSince(letters)).toEqual(
        expect.arrayContaining([expect.stringContaining(`source release ${source}`)]),
      );

      expect(await adam.run(['source', 'release', source, '--yes'])).toMatchObject({ exitCode: 0 });
      await stack.fireSchedule('offboarding-sweep');
      expect(await standing()).toEqual(NAMES.map(() => 'active'));
      expect(world.imports()).toBe(imports);
      const [laptop] = laptops;
      if (laptop === undefined) throw new Error('nobody has a certificate');
      await (await openTunnel(world, laptop)).client.stop();
    },
    IMPATIENCE,
  );
});

async function inTurn<Item>(
  items: readonly Item[],
  say: (item: Item, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [index, item] of items.entries()) answers.push(await say(item, index));
  return answers;
}
