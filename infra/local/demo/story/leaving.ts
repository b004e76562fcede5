import { explanationView } from '../../../../shared/http/api/administration.ts';
import { eventResultView } from '../../../../shared/http/api/event-result.ts';
import { meView } from '../../../../shared/http/api/certificates.ts';
import { sayThatPersonLeft } from '../hr.ts';
import { askForCertificate, newKeyAndRequest, type Laptop } from '../laptop.ts';
import { happening, refusalOf } from '../patience.ts';
import { promised, promisedProblem } from '../portal-api.ts';
import { expectPresent, expectSeen, type Observe } from '../telling.ts';
import { expectUntouched, tunnelEnded, type Tunnel } from '../tunnel.ts';
import type { World } from '../world.ts';
import type { Cast } from './beginning.ts';

export interface Offboarded {
  readonly offboardingId: string;
  /** From HR's request to its 2xx. */
  readonly deniedMilliseconds: number;
  /** From HR's request to the end of the live connection, as the client sees it. */
  readonly cutMilliseconds: number;
}

/** HR says that alice left: denied before the answer, then cut; nobody else is touched. */
export async function leave(
  world: World,
  { alice, bob, carol }: Cast<Tunnel>,
  observe: Observe,
): Promise<Offboarded> {
  await expectUntouched(world, [alice, bob, carol]);
  const began = performance.now();
  const ended = happening(
    alice.client,
    'disconnected',
    "alice's live connection ends",
    alice.eventsBefore,
  ).then(() => Math.round(performance.now() - began));
  ended.catch(() => undefined);
  const answer = await sayThatPersonLeft(world, 'alice@example.com');
  const { outcome, offboardingId } = promised(eventResultView, answer, 200, "the answer to HR's webhook");
  expectSeen(outcome === 'denied', "HR's word denies alice", `the outcome is ${outcome}`);
  const deniedMilliseconds = Math.round(answer.milliseconds);
  observe(
    'deniedMilliseconds',
    deniedMilliseconds,
    `the signed webhook was answered 200 after ${deniedMilliseconds} ms: denied`,
  );

  const cutMilliseconds = await ended;
  await tunnelEnded(world, alice);
  observe(
    'cutMilliseconds',
    cutMilliseconds,
    `alice's ${alice.connectionId} ended ${cutMilliseconds} ms after HR spoke`,
  );
  await expectUntouched(world, [bob, carol]);
  observe(
    'untouched',
    ['bob', 'carol'],
    "bob's and carol's connections are the same as before, and still up",
  );
  return {
    offboardingId: expectPresent(offboardingId, 'the id of the offboarding', 'none in the answer'),
    deniedMilliseconds,
    cutMilliseconds,
  };
}

/** Alice tries again, by hand and by her client's own return: the gate refuses both and says why. */
export async function refusedByGate(
  world: World,
  { client, laptop, eventsBefore }: Tunnel,
  observe: Observe,
): Promise<void> {
  const second = await world.connect('alice', laptop.profileText);
  const refusals = await Promise.all([
    refusalOf(second, 'alice is refused when she connects again', 0),
    refusalOf(client, "alice's client is refused when it comes back by itself", eventsBefore),
  ]);
  for (const { by, text } of refusals) {
    expectSeen(by === 'gate', 'alice is refused by the gate', `refused by the ${by ?? 'server'}: ${text}`);
  }
  const words = refusals[0].text;
  observe('words', words, `her client shows: “${words}”`);

  const { path } = explanationOf(world, laptop);
  const answer = await world.api.call('GET', path, { token: await world.signIn('adam') });
  const explained = promised(explanationView, answer, 200, 'why alice is refused');
  expectSeen(
    explained.cause === 'personLeft' && refusals.every(({ text }) => text === explained.words),
    `the words for ${explained.cause ?? 'nobody'}: “${explained.words ?? ''}”`,
    refusals.map(({ text }) => `“${text}”`).join(', '),
  );
  observe(
    'cause',
    explained.cause,
    `an administrator who asks why reads ${explained.cause}, and the same words`,
  );
}

const explanationOf = ({ stack }: World, { commonName }: Laptop): { path: string } => ({
  path: `/v1/admin/explanation?${new URLSearchParams({ commonName, endpointId: stack.endpointId }).toString()}`,
});

/** Alice's token is valid for an hour; it is of no use to her. */
export async function refusedByPortal(world: World, { token }: Laptop, observe: Observe): Promise<void> {
  const me = await world.api.call('GET', '/v1/me', { token });
  const { mayEnrol } = promised(meView, me, 200, "an answer for alice's token, which is still valid");
  expectSeen(!mayEnrol, 'alice may not enrol', 'the portal says that she may');
  const { csrPem } = await newKeyAndRequest();
  const detail = promisedProblem(await askForCertificate(world, token, csrPem), 403, 'personDenied');
  observe('code', 'personDenied', `403 personDenied: ${detail}`);
}
