import { certificateView } from '../../../../shared/http/api/certificates.ts';
import { happening, refusalOf } from '../patience.ts';
import { promised } from '../portal-api.ts';
import { expectSeen, type Observe } from '../telling.ts';
import { expectUntouched, tunnelEnded } from '../tunnel.ts';
import type { World } from '../world.ts';
import { endpointState } from './beginning.ts';
import { expectListed, type Others } from './second-lock.ts';

/**
 * With the gate on again bob revokes the certificate of his lost laptop: that connection ends, and no list is
 * imported, because it waits for its window. No employee can cause an import.
 */
export async function loseLaptop(
  world: World,
  { gateArn, crlNumber, others }: { gateArn: string; crlNumber: number; others: Others },
  observe: Observe,
): Promise<void> {
  const { bob, carol } = others;
  await world.endpoint.switchGate(gateArn);
  expectSeen((await world.endpoint.gateArn()) === gateArn, 'the gate is on again', 'it is off');
  observe('gate', 'on', 'the connect handler is on again');
  const importsBefore = world.imports();
  await expectUntouched(world, [bob, carol]);

  const token = await world.signIn('bob');
  const began = performance.now();
  const answer = await world.api.call('POST', `/v1/certificates/${bob.laptop.certificateId}/revocation`, {
    token,
    json: { reason: 'keyCompromise' },
  });
  const { state } = promised(certificateView, answer, 200, "the answer to bob's revocation");
  expectSeen(state === 'revoked', "bob's certificate is revoked", `it is ${state}`);
  const end = "the connection of bob's lost laptop ends";
  await happening(bob.client, 'disconnected', end, bob.eventsBefore);
  const cutMilliseconds = Math.round(performance.now() - began);
  await tunnelEnded(world, bob);
  observe(
    'cutMilliseconds',
    cutMilliseconds,
    `bob's ${bob.connectionId} ended ${cutMilliseconds} ms after his call`,
  );

  const refusal = await refusalOf(bob.client, 'the lost laptop is refused', bob.eventsBefore);
  expectSeen(
    refusal.by === 'gate',
    'the lost laptop is refused by the gate',
    `by the ${refusal.by ?? 'server'}`,
  );
  observe('words', refusal.text, `whoever has it reads: “${refusal.text}”`);
  await expectUntouched(world, [carol]);
  observe('untouched', ['carol'], "carol's connection is untouched");

  await world.stack.fireSchedule('publisher');
  await expectNoImport(world, { importsBefore, crlNumber }, observe);
}

async function expectNoImport(
  world: World,
  { importsBefore, crlNumber }: { importsBefore: number; crlNumber: number },
  observe: Observe,
): Promise<void> {
  const imports = world.imports() - importsBefore;
  expectSeen(imports === 0, 'no import because an employee revoked', `${imports} imports`);
  await expectListed(world, crlNumber, []);
  const { pendingRevocations } = await endpointState(world);
  expectSeen(pendingRevocations === 1, 'one revocation that waits', `${pendingRevocations} that wait`);
  observe(
    'imports',
    imports,
    `nothing was imported, also when the publisher ran: it is still list ${crlNumber}`,
  );
  observe(
    'pendingRevocations',
    pendingRevocations,
    'his revocation waits for its window; the gate holds meanwhile',
  );
}
