import type { VpnClient } from '../openvpn/client-types.ts';
import type { Laptop } from './laptop.ts';
import { eventsInWords, eventually, happening } from './patience.ts';
import { expectSeen } from './telling.ts';
import type { SeenConnection } from './vpn-endpoint.ts';
import type { World } from './world.ts';

/** A live connection, as the client and the endpoint see it. */
export interface Tunnel {
  readonly laptop: Laptop;
  readonly client: VpnClient;
  readonly connectionId: string;
  /** How much had happened to the client when the tunnel was up: what comes after it would disturb its owner. */
  readonly eventsBefore: number;
}

type EndpointAndLog = Pick<World, 'endpoint'>;

/** Connects with the laptop's profile, and sees the connection at the endpoint. */
export async function openTunnel(world: World, laptop: Laptop): Promise<Tunnel> {
  const client = await world.connect(laptop.person, laptop.profileText);
  return tunnelOnceUp(world, laptop, client, 0);
}

/** Waits until the client of a tunnel that was reset has come back by itself, with another connection. */
export async function tunnelComeBack(world: EndpointAndLog, tunnel: Tunnel): Promise<Tunnel> {
  const { client, laptop, eventsBefore } = tunnel;
  const end = await happening(client, 'disconnected', `${laptop.person}'s connection is reset`, eventsBefore);
  return tunnelOnceUp(world, laptop, client, client.events.indexOf(end), tunnel.connectionId);
}

async function tunnelOnceUp(
  { endpoint }: EndpointAndLog,
  laptop: Laptop,
  client: VpnClient,
  since: number,
  previousConnectionId?: string,
): Promise<Tunnel> {
  const { person, commonName } = laptop;
  const expected = `${person} connects`;
  const up = await happening(client, 'connected', expected, since);
  const isLive = (one: SeenConnection): boolean =>
    one.commonName === commonName && one.status === 'active' && one.connectionId !== previousConnectionId;
  const connections = await eventually(
    () => endpoint.connections(),
    (all) => all.some(isLive),
    `${person}'s connection, active at the endpoint`,
    connectionsInWords,
  );
  const connectionId = connections.find(isLive)?.connectionId ?? '';
  return { laptop, client, connectionId, eventsBefore: client.events.indexOf(up) + 1 };
}

/** @throws NotObservedError unless each is the connection that it was, at both its ends */
export async function expectUntouched(
  { endpoint }: EndpointAndLog,
  tunnels: readonly Tunnel[],
): Promise<void> {
  const connections = await endpoint.connections();
  for (const { laptop, client, connectionId, eventsBefore } of tunnels) {
    const { person } = laptop;
    const status = connections.find((one) => one.connectionId === connectionId)?.status ?? 'unknown there';
    expectSeen(
      status === 'active',
      `${person}'s connection ${connectionId} is untouched`,
      `at the endpoint it is ${status}`,
    );
    expectSeen(
      client.isConnected && client.events.length === eventsBefore,
      `nothing happens to ${person}'s client`,
      eventsInWords(client, eventsBefore),
    );
  }
}

/** Waits until the endpoint says that a tunnel has ended. @throws NotObservedError */
export const tunnelEnded = (
  { endpoint }: EndpointAndLog,
  { laptop, connectionId }: Tunnel,
): Promise<unknown> =>
  eventually(
    () => endpoint.connections(),
    (all) => all.find((one) => one.connectionId === connectionId)?.status === 'terminated',
    `${laptop.person}'s connection ${connectionId}, terminated at the endpoint`,
    connectionsInWords,
  );

const connectionsInWords = (connections: readonly SeenConnection[]): string =>
  connections.length === 0
    ? 'no connection at the endpoint'
    : connections
        .map(({ commonName, connectionId, status }) => `${commonName} ${connectionId} ${status}`)
        .join(', ');
