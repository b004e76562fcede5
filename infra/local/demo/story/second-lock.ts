import type { Laptop } from '../laptop.ts';
import { eventually, refusalOf } from '../patience.ts';
import { promised } from '../portal-api.ts';
import { expectPresent, expectSeen, type Observe } from '../telling.ts';
import { openTunnel, tunnelComeBack, type Tunnel } from '../tunnel.ts';
import type { SeenList } from '../vpn-endpoint.ts';
import type { World } from '../world.ts';
import { endpointState } from './beginning.ts';
import * as z from 'zod';

export interface Others {
  readonly bob: Tunnel;
  readonly carol: Tunnel;
}

const publicationView = z.object({ endpointIds: z.array(z.string()) });

/**
 * The list that the endpoint holds, read by other code than built it, and its signature checked by node:crypto.
 *
 * @throws NotObservedError unless it is signed by the CA, has this number, and these certificates are on it
 */
export async function expectListed(
  world: World,
  crlNumber: number,
  laptops: readonly Laptop[],
): Promise<SeenList> {
  const list = await world.endpoint.list();
  expectSeen(list.crlNumber === crlNumber, `list ${crlNumber} at the endpoint`, `list ${list.crlNumber}`);
  for (const { person, serialNumber, caCertificatePem } of laptops) {
    expectSeen(list.isSignedBy(caCertificatePem), 'a list that the CA signed', 'another signature');
    expectSeen(
      list.entries.has(serialNumber),
      `${person}'s serial number ${serialNumber} on list ${crlNumber}`,
      `${list.entries.size} others`,
    );
  }
  return list;
}

/**
 * An administrator asks for the list now: one import, which resets everybody.
 *
 * @param previousNumber of the list that the endpoint holds
 */
export async function publish(
  world: World,
  { previousNumber, alice, others }: { previousNumber: number; alice: Laptop; others: Others },
  observe: Observe,
): Promise<Others & { crlNumber: number }> {
  const importsBefore = world.imports();
  const token = await world.signIn('adam');
  const answer = await world.api.call('POST', '/v1/admin/crl/publication', { token });
  promised(publicationView, answer, 202, "the answer to the administrator's order");
  const { crl } = await eventually(
    () => endpointState(world),
    (state) => (state.crl?.crlNumber ?? 0) > previousNumber && state.pendingRevocations === 0,
    `a list after ${previousNumber}, confirmed at the endpoint, and nothing pending`,
    (state) => `list ${state.crl?.crlNumber ?? 'none'}, ${state.pendingRevocations} pending`,
  );
  const crlNumber = crl?.crlNumber ?? 0;
  const { entries } = await expectListed(world, crlNumber, [alice]);
  const imports = world.imports() - importsBefore;
  expectSeen(imports === 1, 'one import', `${imports} imports`);
  observe(
    'crlNumber',
    crlNumber,
    `list ${previousNumber} → ${crlNumber}, imported once, read back and confirmed`,
  );
  observe('entries', entries.size);
  const reason = entries.get(alice.serialNumber)?.reason ?? '';
  observe('reason', reason, `signed by the CA; with alice's ${alice.serialNumber} (${reason})`);
  const [bob, carol] = await Promise.all([
    tunnelComeBack(world, others.bob),
    tunnelComeBack(world, others.carol),
  ]);
  observe('cameBack', ['bob', 'carol'], 'the import reset everybody; bob and carol came back by themselves');
  return { bob, carol, crlNumber };
}

/** Without the gate the list alone decides: alice stays out, bob and carol come in. */
export async function withoutGate(
  world: World,
  { alice, others }: { alice: Laptop; others: Others },
  observe: Observe,
): Promise<Others & { gateArn: string }> {
  const gateArn = expectPresent(await world.endpoint.gateArn(), 'the gate is on', 'it is off');
  await world.endpoint.switchGate(undefined);
  expectSeen((await world.endpoint.gateArn()) === undefined, 'the gate is off', 'it is on');
  observe('gate', 'off', 'ModifyClientVpnEndpoint: the connect handler is off');

  const refusal = await refusedByList(world, alice);
  observe('refused', refusal, `alice is refused by the list: ${refusal}`);
  await Promise.all([others.bob.client.stop(), others.carol.client.stop()]);
  const [bob, carol] = await Promise.all([
    openTunnel(world, others.bob.laptop),
    openTunnel(world, others.carol.laptop),
  ]);
  observe('connected', ['bob', 'carol'], 'bob and carol connect');
  return { bob, carol, gateArn };
}

/** @returns the endpoint's own reason */
async function refusedByList(world: World, alice: Laptop): Promise<string> {
  const logged = world.endpointLog.length;
  const client = await world.connect(alice.person, alice.profileText);
  const event = await refusalOf(client, 'alice is refused without the gate', 0);
  // It would come again each second for ever.
  await client.stop();
  expectSeen(
    event.by === 'certificate',
    'alice is refused for her certificate',
    `refused by the ${event.by ?? 'server'}: ${event.text}`,
  );
  const isReason = (line: string): boolean =>
    line.includes(alice.commonName) && /certificate revoked|CERT_REVOKED/.test(line);
  const lines = await eventually(
    async () => world.endpointLog.slice(logged),
    (all) => all.some(isReason),
    'the endpoint says that her certificate is revoked',
    (all) => (all.length === 0 ? 'nothing in its log' : all.join('; ')),
  );
  return /certificate revoked|CERT_REVOKED/.exec(lines.find(isReason) ?? '')?.[0] ?? '';
}
