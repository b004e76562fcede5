import { setTimeout as sleep } from 'node:timers/promises';
import type { VpnClient, VpnClientEvent, VpnClientEventKind } from '../openvpn/client-types.ts';
import { NotObservedError } from './telling.ts';

/** Everything that the story promises comes within this time, or does not come. */
export const PATIENCE_MILLISECONDS = 15_000;

const PAUSE_MILLISECONDS = 25;

/**
 * Looks again and again until what it sees is as expected.
 *
 * @param describe says in words what is seen instead
 * @throws NotObservedError
 */
export async function eventually<Value>(
  look: () => Promise<Value>,
  isSo: (value: Value) => boolean,
  expected: string,
  describe: (value: Value) => string,
  patienceMilliseconds = PATIENCE_MILLISECONDS,
): Promise<Value> {
  const until = performance.now() + patienceMilliseconds;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    if (performance.now() > until) {
      throw new NotObservedError(expected, `${describe(value)}, after ${patienceMilliseconds / 1000} s`);
    }
    await sleep(PAUSE_MILLISECONDS);
  }
}

/**
 * Waits for something to happen to a VPN client.
 *
 * @param since a position in its `events`
 * @throws NotObservedError, with what happened instead
 */
export function happening(
  client: VpnClient,
  kind: VpnClientEventKind,
  expected: string,
  since: number,
  patienceMilliseconds = PATIENCE_MILLISECONDS,
): Promise<VpnClientEvent> {
  return firstOf(client, [kind], expected, since, patienceMilliseconds);
}

/**
 * Waits until a client is refused.
 *
 * @param since a position in its `events`
 * @throws NotObservedError, at once where it is let in
 */
export async function refusalOf(client: VpnClient, expected: string, since: number): Promise<VpnClientEvent> {
  const event = await firstOf(client, ['refused', 'connected'], expected, since, PATIENCE_MILLISECONDS);
  if (event.kind === 'connected') throw new NotObservedError(expected, `${client.name} was let in`);
  return event;
}

async function firstOf(
  client: VpnClient,
  kinds: readonly VpnClientEventKind[],
  expected: string,
  since: number,
  timeoutMs: number,
): Promise<VpnClientEvent> {
  try {
    return await client.next(kinds, { since, timeoutMs });
  } catch {
    throw new NotObservedError(expected, eventsInWords(client, since));
  }
}

const EVENTS_IN_WORDS = 4;

/** `alice's client is not connected: disconnected (Connection reset); refused (…)` */
export function eventsInWords(client: VpnClient, since: number): string {
  const events = client.events.slice(since);
  const last = events
    .slice(-EVENTS_IN_WORDS)
    .map(({ kind, text }) => (text === '' ? kind : `${kind} (${text})`));
  const state = client.isConnected ? 'connected' : 'not connected';
  const earlier = events.length > last.length ? `…; ` : '';
  return `${client.name}'s client is ${state}: ${last.length === 0 ? 'nothing happened to it' : earlier + last.join('; ')}`;
}
