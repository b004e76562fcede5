import { explanationView } from '../../../../shared/http/api/administration.ts';
import { enrol } from '../laptop.ts';
import { eventually, happening, refusalOf } from '../patience.ts';
import { promised } from '../portal-api.ts';
import { SPEAKERS, type Speaker } from '../sources.ts';
import { expectSeen, type Observe, type Tell } from '../telling.ts';
import { expectUntouched, openTunnel, tunnelEnded, type Tunnel } from '../tunnel.ts';
import type { World } from '../world.ts';

/** Somebody who leaves: the tunnel, and after how many milliseconds it ended. */
interface Leaver {
  readonly tunnel: Tunnel;
  readonly cutMilliseconds: Promise<number>;
}

/**
 * More people connect, and leave through as many kinds of sources, one after the other. Whoever stays notices nothing
 * of it.
 *
 * @param staying their tunnels, untouched at the end
 */
export async function leaveThroughEverySource(
  world: World,
  tell: Tell,
  staying: readonly Tunnel[],
): Promise<void> {
  const count = SPEAKERS.length;
  const tunnels = await tell('newcomers', `${count} more enrol and connect`, (observe) =>
    connectNewcomers(world, observe),
  );
  const leavers: Leaver[] = [];
  for (const [speaker, tunnel] of tunnels) {
    const { name, title } = speaker;
    leavers.push(await tell(name, title, (observe) => leaveBy(world, { speaker, tunnel }, observe)));
  }
  await tell('all-refused', `All ${count} are cut, come back by themselves, and are refused`, (observe) =>
    refuseAll(world, { leavers, staying }, observe),
  );
}

async function connectNewcomers(world: World, observe: Observe): Promise<ReadonlyMap<Speaker, Tunnel>> {
  const pairs = await Promise.all(
    SPEAKERS.map(async (speaker) => {
      await speaker.prepare?.(world);
      return [speaker, await openTunnel(world, await enrol(world, speaker.person))] as const;
    }),
  );
  const names = SPEAKERS.map(({ person }) => person);
  observe('connected', names, names.join(', '));
  return new Map(pairs);
}

async function leaveBy(
  world: World,
  { speaker, tunnel }: { readonly speaker: Speaker; readonly tunnel: Tunnel },
  observe: Observe,
): Promise<Leaver> {
  const { person } = speaker;
  const { client, eventsBefore } = tunnel;
  const token = await world.signIn('adam');
  const began = performance.now();
  const since = (): number => Math.round(performance.now() - began);
  const cutMilliseconds = happening(
    client,
    'disconnected',
    `${person}'s live connection ends`,
    eventsBefore,
  ).then(since);
  cutMilliseconds.catch(() => undefined);
  const [{ milliseconds, words }, seenWithin] = await Promise.all([
    speaker.say(world),
    deniedAt(world, token, tunnel).then(since),
  ]);
  const deniedMilliseconds = milliseconds ?? seenWithin;
  observe('words', words, words);
  observe('deniedMilliseconds', deniedMilliseconds, `${person} is denied after ${deniedMilliseconds} ms`);
  return { tunnel, cutMilliseconds };
}

/** Until the gate, asked as an administrator asks why, refuses that certificate because its owner left. */
async function deniedAt(
  { api, stack }: World,
  token: string,
  { laptop: { commonName, person } }: Tunnel,
): Promise<void> {
  const query = new URLSearchParams({ commonName, endpointId: stack.endpointId });
  const path = `/v1/admin/explanation?${query.toString()}`;
  await eventually(
    async () => promised(explanationView, await api.call('GET', path, { token }), 200, 'why she is refused'),
    ({ cause }) => cause === 'personLeft',
    `${person} is refused since she left`,
    ({ cause }) => cause ?? 'nothing is against her',
  );
}

async function refuseAll(
  world: World,
  { leavers, staying }: { readonly leavers: readonly Leaver[]; readonly staying: readonly Tunnel[] },
  observe: Observe,
): Promise<void> {
  const gone = leavers.map(({ tunnel }) => tunnel);
  const cuts = await Promise.all(leavers.map(({ cutMilliseconds }) => cutMilliseconds));
  await Promise.all(gone.map((tunnel) => tunnelEnded(world, tunnel)));
  const nameOf = ({ laptop }: Tunnel): string => laptop.person;
  observe(
    'cutMilliseconds',
    Object.fromEntries(gone.map((tunnel, index) => [nameOf(tunnel), cuts[index] ?? 0])),
    `cut ${Math.min(...cuts)} to ${Math.max(...cuts)} ms after their sources spoke; the endpoint is looked at each second`,
  );
  const refusals = await Promise.all(
    gone.map((tunnel) => refusalOf(tunnel.client, `${nameOf(tunnel)} is refused`, tunnel.eventsBefore)),
  );
  // They would come again each second for ever.
  await Promise.all(gone.map(({ client }) => client.stop()));
  expectSeen(
    refusals.every(({ by }) => by === 'gate'),
    'all refused by the gate',
    refusals.map(({ by, text }) => `${by ?? 'server'}: ${text}`).join('; '),
  );
  observe('refusedByGate', gone.map(nameOf), 'the gate refuses each of them');
  await expectUntouched(world, staying);
  observe('untouched', staying.map(nameOf), `${staying.map(nameOf).join(' and ')} noticed nothing of it`);
}
