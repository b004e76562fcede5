import { connectAll, enrolAll, seeFirstList } from './story/beginning.ts';
import { leaveThroughEverySource } from './story/every-source.ts';
import { readEvidence } from './story/evidence.ts';
import { leave, refusedByGate, refusedByPortal } from './story/leaving.ts';
import { loseLaptop } from './story/lost-laptop.ts';
import { refresh, windowComes } from './story/refresh.ts';
import { publish, withoutGate } from './story/second-lock.ts';
import type { Observe, Tell } from './telling.ts';
import type { World } from './world.ts';

/** What the story comes to, for its last line. */
export interface Moral {
  readonly deniedMilliseconds: number;
  readonly cutMilliseconds: number;
}

/**
 * Tells the whole story, from three people who connect to one who stays out. Every step sees what it claims.
 *
 * @param begin starts everything
 * @param vpnWords what the clients are, for example `OpenVPN 2.6.14`
 * @throws StoryBrokenError at the first step that does not
 */
export async function tellStory(
  tell: Tell,
  begin: (observe: Observe) => Promise<World>,
  vpnWords: string,
): Promise<Moral> {
  const world = await tell('start', 'The portal starts, with its own CA, endpoint and people', begin);
  const firstNumber = await tell(
    'empty-list',
    'The new endpoint holds an empty list and asks the gate',
    (observe) => seeFirstList(world, observe),
  );
  const laptops = await tell(
    'enrol',
    'alice, bob and carol make keys, sign in and get certificates',
    (observe) => enrolAll(world, observe),
  );
  const tunnels = await tell('connect', `All three connect with ${vpnWords}, and stay`, (observe) =>
    connectAll(world, laptops, observe),
  );
  const { alice } = laptops;
  const { offboardingId, ...moral } = await tell(
    'leave',
    "HR says that alice left: her connection ends, nobody else's",
    (observe) => leave(world, tunnels, observe),
  );
  await tell('refused-by-gate', 'alice tries again with her profile: the gate says no, and why', (observe) =>
    refusedByGate(world, tunnels.alice, observe),
  );
  await tell('refused-by-portal', "alice's token is still valid, and buys no new certificate", (observe) =>
    refusedByPortal(world, alice, observe),
  );
  await leaveThroughEverySource(world, tell, [tunnels.bob, tunnels.carol]);
  const published = await tell('publish', 'An administrator publishes the list', (observe) =>
    publish(world, { previousNumber: firstNumber, alice, others: tunnels }, observe),
  );
  const ungated = await tell(
    'gate-off',
    'With the gate switched off the list still keeps alice out',
    (observe) => withoutGate(world, { alice, others: published }, observe),
  );
  await tell('evidence', "An auditor reads the timeline of alice's offboarding", (observe) =>
    readEvidence(world, offboardingId, observe),
  );
  const { crlNumber } = published;
  const lost = { gateArn: ungated.gateArn, crlNumber, others: ungated };
  await tell('lost-laptop', "Gate on again; bob revokes his lost laptop's certificate", (observe) =>
    loseLaptop(world, lost, observe),
  );
  const revoked = [alice, laptops.bob];
  await tell('window', "A day later bob's revocation is on the list too", (observe) =>
    windowComes(world, { revoked, crlNumber }, observe),
  );
  await tell('refresh', 'Weeks later the list is refreshed before it ends, once', (observe) =>
    refresh(world, revoked, observe),
  );
  return moral;
}
