import { endpointView } from '../../../../shared/http/api/administration.ts';
import * as z from 'zod';
import { enrol, type Laptop } from '../laptop.ts';
import { promised } from '../portal-api.ts';
import { expectSeen, type Observe } from '../telling.ts';
import { expectUntouched, openTunnel, type Tunnel } from '../tunnel.ts';
import type { World } from '../world.ts';

/** One of each, by the names of those who play. */
export interface Cast<Thing> {
  readonly alice: Thing;
  readonly bob: Thing;
  readonly carol: Thing;
}

async function cast<Thing>(of: (person: keyof Cast<unknown>) => Promise<Thing>): Promise<Cast<Thing>> {
  const [alice, bob, carol] = await Promise.all([of('alice'), of('bob'), of('carol')]);
  return { alice, bob, carol };
}

const endpointsView = z.object({ endpoints: z.array(endpointView) });

/** What the portal tells an administrator who signs in now of the story's endpoint. @throws NotObservedError */
export async function endpointState(world: World): Promise<z.infer<typeof endpointView>> {
  const answer = await world.api.call('GET', '/v1/admin/endpoints', { token: await world.signIn('adam') });
  const { endpoints } = promised(endpointsView, answer, 200, 'the state of the endpoints');
  const found = endpoints.find(({ endpointId }) => endpointId === world.stack.endpointId);
  expectSeen(found !== undefined, `the endpoint ${world.stack.endpointId}`, `${endpoints.length} others`);
  return found;
}

/** A new endpoint holds an empty list. @returns its number */
export async function seeFirstList(world: World, observe: Observe): Promise<number> {
  await world.stack.settled();
  const { crl } = await endpointState(world);
  const { crlNumber, entries } = await world.endpoint.list();
  observe(
    'crlNumber',
    crlNumber,
    `an empty list, number ${crlNumber}, was imported; everything listens on 127.0.0.1`,
  );
  expectSeen(
    crl?.crlNumber === crlNumber && entries.size === 0 && world.imports() === 1,
    'one empty list was imported and confirmed',
    `list ${crlNumber} with ${entries.size} entries, ${world.imports()} imports, confirmed: ${crl?.crlNumber ?? 'none'}`,
  );
  expectSeen(
    (await world.endpoint.gateArn()) !== undefined,
    'the endpoint asks the gate',
    'its connect handler is off',
  );
  return crlNumber;
}

/** Three people get certificates over HTTP. */
export async function enrolAll(world: World, observe: Observe): Promise<Cast<Laptop>> {
  const laptops = await cast((person) => enrol(world, person));
  for (const { person, certificateId, serialNumber, notAfter, milliseconds } of Object.values<Laptop>({
    ...laptops,
  })) {
    observe(
      person,
      { certificateId, serialNumber, notAfter, milliseconds },
      `${person.padEnd(5)}  ${certificateId}, valid until ${notAfter.slice(0, 10)}; 201 after ${milliseconds} ms`,
    );
  }
  return laptops;
}

/** Three people connect, and stay. */
export async function connectAll(
  world: World,
  laptops: Cast<Laptop>,
  observe: Observe,
): Promise<Cast<Tunnel>> {
  const tunnels = await cast((person) => openTunnel(world, laptops[person]));
  await expectUntouched(world, Object.values<Tunnel>({ ...tunnels }));
  for (const { laptop, connectionId } of Object.values<Tunnel>({ ...tunnels })) {
    observe(laptop.person, { connectionId }, `${laptop.person.padEnd(5)}  ${connectionId} active`);
  }
  return tunnels;
}
