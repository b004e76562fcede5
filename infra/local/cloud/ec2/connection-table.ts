import type { VpnClientFacts } from './vpn-server.ts';

/** AWS tells of an ended connection for so long. */
const MEMORY_MS = 60 * 60 * 1000;

export type ConnectionStatus = 'active' | 'failed-to-terminate' | 'terminating' | 'terminated';

export interface Connection {
  readonly sequence: number;
  readonly connectionId: string;
  readonly endpointId: string;
  readonly commonName: string;
  readonly username: string;
  readonly clientIp: string;
  readonly establishedAtMilliseconds: number;
  endedAtMilliseconds?: number;
  status: ConnectionStatus;
  ingressOctets: number;
  egressOctets: number;
}

interface Attempt {
  readonly connectionId: string;
  readonly client: VpnClientFacts;
}

/** The connections of one endpoint. A client that is still being judged, or was refused, is not among them. */
export class ConnectionTable {
  readonly #endpointId: string;
  readonly #newConnectionId: () => string;
  readonly #now: () => number;
  readonly #attempts = new Map<string, Attempt>();
  readonly #byClientKey = new Map<string, Connection>();
  #connections: Connection[] = [];
  #sequence = 0;

  constructor(endpointId: string, newConnectionId: () => string, now: () => number) {
    this.#endpointId = endpointId;
    this.#newConnectionId = newConnectionId;
    this.#now = now;
  }

  /** @returns the connection's id: the same again when a live connection is judged anew */
  attempted(clientKey: string, client: VpnClientFacts): string {
    const known = this.#attempts.get(clientKey);
    if (known) return known.connectionId;
    const connectionId = this.#newConnectionId();
    this.#attempts.set(clientKey, { connectionId, client });
    return connectionId;
  }

  refused(clientKey: string): void {
    if (!this.#byClientKey.has(clientKey)) this.#attempts.delete(clientKey);
  }

  established(clientKey: string): void {
    const attempt = this.#attempts.get(clientKey);
    if (!attempt) return;
    const connection: Connection = {
      sequence: this.#sequence,
      connectionId: attempt.connectionId,
      endpointId: this.#endpointId,
      commonName: attempt.client.commonName,
      username: attempt.client.username,
      clientIp: attempt.client.publicIp,
      establishedAtMilliseconds: this.#now(),
      status: 'active',
      ingressOctets: 0,
      egressOctets: 0,
    };
    this.#sequence += 1;
    this.#connections.push(connection);
    this.#byClientKey.set(clientKey, connection);
  }

  transferred(clientKey: string, ingressOctets: number, egressOctets: number): void {
    const connection = this.#byClientKey.get(clientKey);
    if (connection) Object.assign(connection, { ingressOctets, egressOctets });
  }

  disconnected(clientKey: string): void {
    this.#attempts.delete(clientKey);
    const connection = this.#byClientKey.get(clientKey);
    if (!connection) return;
    this.#byClientKey.delete(clientKey);
    connection.status = 'terminated';
    connection.endedAtMilliseconds = this.#now();
  }

  /** Those that live, and those that ended within the hour; in the order in which they began. */
  list(): readonly Connection[] {
    const oldest = this.#now() - MEMORY_MS;
    this.#connections = this.#connections.filter(
      ({ endedAtMilliseconds }) => endedAtMilliseconds === undefined || endedAtMilliseconds >= oldest,
    );
    return this.#connections;
  }

  find(connectionId: string): Connection | undefined {
    return this.list().find((connection) => connection.connectionId === connectionId);
  }

  /** What the server calls a live connection. */
  clientKeyOf(connection: Connection): string | undefined {
    return [...this.#byClientKey].find(([, other]) => other === connection)?.[0];
  }
}
