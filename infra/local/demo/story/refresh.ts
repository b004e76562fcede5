import type { Laptop } from '../laptop.ts';
import { expectPresent, expectSeen, type Observe } from '../telling.ts';
import type { World } from '../world.ts';
import { endpointState } from './beginning.ts';
import { expectListed } from './second-lock.ts';

const SECONDS_PER_DAY = 86_400;

/** How long before `nextUpdate` the clock is set to. */
const DAYS_LEFT = 1;

/**
 * A day later bob's revocation has waited long enough: one import, with everybody who is revoked. The VPN server is
 * stopped from here on, since it does not see that time is moved.
 *
 * @param crlNumber of the list that the endpoint must still hold
 * @param revoked those whose certificates must be on the next one
 */
export async function windowComes(
  world: World,
  { revoked, crlNumber: heldNumber }: { revoked: readonly Laptop[]; crlNumber: number },
  observe: Observe,
): Promise<void> {
  const { stack } = world;
  await expectListed(world, heldNumber, []);
  await world.stopClients();
  await stack.ec2.stop();
  stack.moveTime(SECONDS_PER_DAY);
  observe('movedDays', 1, 'the VPN server is stopped, and the clock moves on one day');
  const { crlNumber } = await oneImport(world, 'the revocation that waited is published', revoked);
  const { pendingRevocations } = await endpointState(world);
  expectSeen(pendingRevocations === 0, 'nothing that waits', `${pendingRevocations} revocations wait`);
  observe('crlNumber', crlNumber, `the publisher imports list ${crlNumber}, with ${namesOf(revoked)}`);
}

/**
 * The day before the list ends, with nothing changed, the schedule imports a new one, once.
 *
 * @param laptops those whose certificates must be on the new list
 */
export async function refresh(world: World, laptops: readonly Laptop[], observe: Observe): Promise<void> {
  const { stack } = world;
  const before = await heldList(world);
  const secondsLeft = (Date.parse(before.nextUpdate) - Date.now()) / 1000;
  const movedSeconds = Math.round(secondsLeft - DAYS_LEFT * SECONDS_PER_DAY);
  stack.moveTime(movedSeconds);
  const movedDays = Math.round(movedSeconds / SECONDS_PER_DAY);
  observe('movedDays', movedDays, `the clock moves on ${movedDays} days, to one before nextUpdate`);

  const after = await oneImport(world, 'the list is refreshed', laptops);
  expectSeen(
    after.nextUpdate > before.nextUpdate,
    `a list that lasts longer than ${before.nextUpdate}`,
    after.nextUpdate,
  );
  const { crlNumber, nextUpdate } = after;
  observe(
    'crlNumber',
    crlNumber,
    `the schedule imports list ${crlNumber}, with ${namesOf(laptops)}, good until ${nextUpdate.slice(0, 10)}`,
  );

  const importsBefore = world.imports();
  await stack.fireSchedule('publisher');
  const more = world.imports() - importsBefore;
  expectSeen(more === 0, 'nothing is imported the second time', `${more} imports`);
  observe('importsWhenFiredAgain', more, 'fired again: nothing is imported');
}

/** Fires the publisher. @throws NotObservedError unless it imports one list, with a higher number and all of these */
async function oneImport(world: World, what: string, laptops: readonly Laptop[]): Promise<HeldList> {
  const before = await heldList(world);
  const importsBefore = world.imports();
  await world.stack.fireSchedule('publisher');
  const after = await heldList(world);
  const imports = world.imports() - importsBefore;
  expectSeen(
    imports === 1 && after.crlNumber > before.crlNumber,
    `${what}: one import of a list with a number above ${before.crlNumber}`,
    `${imports} imports; list ${after.crlNumber}`,
  );
  await expectListed(world, after.crlNumber, laptops);
  return after;
}

type HeldList = NonNullable<Awaited<ReturnType<typeof endpointState>>['crl']>;

const heldList = async (world: World): Promise<HeldList> =>
  expectPresent((await endpointState(world)).crl, 'a confirmed list at the endpoint', 'none');

const namesOf = (laptops: readonly Laptop[]): string => laptops.map(({ person }) => person).join(' and ');
