import type { Laptop } from '../laptop.ts';
import { expectPresent, expectSeen, type Observe } from '../telling.ts';
import type { World } from '../world.ts';
import { endpointState } from './beginning.ts';
import { expectListed } from './second-lock.ts';

const SECONDS_PER_DAY = 86_400;

/** How long before `nextUpdate` the clock is set to. */
const DAYS_LEFT = 1;

/**
 * Moves time to the day before the list ends, with the VPN server stopped, which would not see it: the schedule
 * imports a new list, once.
 *
 * @param laptops those whose certificates must be on the new list
 */
export async function refresh(world: World, laptops: readonly Laptop[], observe: Observe): Promise<void> {
  const { stack } = world;
  await world.stopClients();
  await stack.ec2.stop();
  const before = expectPresent((await endpointState(world)).crl, 'a list at the endpoint', 'none');
  const secondsLeft = (Date.parse(before.nextUpdate) - Date.now()) / 1000;
  const movedSeconds = Math.round(secondsLeft - DAYS_LEFT * SECONDS_PER_DAY);
  stack.moveTime(movedSeconds);
  const movedDays = Math.round(movedSeconds / SECONDS_PER_DAY);
  observe(
    'movedDays',
    movedDays,
    `the VPN server stands still; the clock moves ${movedDays} days, to one before nextUpdate`,
  );

  const importsBefore = world.imports();
  await stack.fireSchedule('publisher');
  const after = expectPresent((await endpointState(world)).crl, 'a list at the endpoint', 'none');
  const imports = world.imports() - importsBefore;
  expectSeen(
    imports === 1 && after.crlNumber > before.crlNumber && after.nextUpdate > before.nextUpdate,
    `one import of a list with a number above ${before.crlNumber} that lasts longer`,
    `${imports} imports; list ${after.crlNumber}, until ${after.nextUpdate}`,
  );
  await expectListed(world, after.crlNumber, laptops);
  observe(
    'crlNumber',
    after.crlNumber,
    `the schedule imports list ${after.crlNumber}, good until ${after.nextUpdate.slice(0, 10)}; ${namesOf(laptops)} are on it`,
  );

  await stack.fireSchedule('publisher');
  const more = world.imports() - importsBefore - imports;
  expectSeen(more === 0, 'nothing is imported the second time', `${more} imports`);
  observe('importsWhenFiredAgain', more, 'fired again: nothing is imported');
}

const namesOf = (laptops: readonly Laptop[]): string => laptops.map(({ person }) => person).join(' and ');
