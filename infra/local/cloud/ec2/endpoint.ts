import { askConnectHandler, type HandlerFailure, type InvokeFunction } from './connect-handler.ts';
import { ConnectionTable, type Connection } from './connection-table.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import {
  clientRootPem,
  usableServerCertificate,
  type ServerCertificateSource,
} from './server-certificate.ts';
import type { StartVpnServer, Verdict, VpnClientFacts, VpnServer, VpnServerEvents } from './vpn-server.ts';

const HOUR_MS = 60 * 60 * 1000;

/** What AWS writes into its connection log, or nowhere: for whoever looks at the local stack. */
export type EndpointNote = (endpointId: string, kind: 'refused' | 'handler' | 'server', text: string) => void;

export interface EndpointDeps {
  readonly startVpnServer: StartVpnServer;
  readonly certificates: ServerCertificateSource;
  readonly invoke: InvokeFunction;
  readonly handlerTimeoutMs: number;
  readonly newConnectionId: () => string;
  readonly now: () => number;
  readonly note: EndpointNote;
}

/** A living endpoint: its record, its server, its connections. */
export class Endpoint {
  record: EndpointRecord;
  readonly connections: ConnectionTable;
  readonly #deps: EndpointDeps;
  #server: VpnServer | undefined;
  /** One change of the server at a time. */
  #turn: Promise<void> = Promise.resolve();

  constructor(record: EndpointRecord, deps: EndpointDeps) {
    this.record = record;
    this.#deps = deps;
    this.connections = new ConnectionTable(record.endpointId, deps.newConnectionId, deps.now);
  }

  /** @throws Ec2Error InvalidParameterValue where a certificate is missing or not usable */
  start(directory: string, crlPem: string | undefined): Promise<void> {
    return this.#next(async () => {
      const { certificates, startVpnServer } = this.#deps;
      const server = usableServerCertificate(certificates, this.record.serverCertificateArn);
      this.#server = await startVpnServer(
        {
          port: this.record.localPort,
          directory,
          serverCertificatePem: server.certificatePem,
          serverChainPem: server.chainPem ?? '',
          serverPrivateKeyPem: server.privateKeyPem,
          clientCaPem: clientRootPem(certificates, this.record.clientRootCertificateChainArn),
          asksForSignIn: this.record.secondFactor !== undefined,
          ...(crlPem !== undefined && { crlPem }),
        },
        this.#events(),
      );
    });
  }

  stop(): Promise<void> {
    return this.#next(async () => {
      await this.#server?.stop();
      this.#server = undefined;
    });
  }

  /** Every import resets every connection, also of a list that the endpoint has already. */
  useCrl(crlPem: string): Promise<void> {
    return this.#next(async () => this.#server?.useCrl(crlPem));
  }

  /**
   * Ends a live connection and leaves its client to come back by itself: what AWS's clients do then is not
   * documented, and this is the side on which a denial must come before the cut.
   */
  terminate(connection: Connection, mayComeBack = true): void {
    const clientKey = this.connections.clientKeyOf(connection);
    if (clientKey === undefined) return;
    connection.status = 'terminating';
    this.#server?.kill(clientKey, mayComeBack);
  }

  /** Ends what has lasted longer than the endpoint allows. */
  endOldSessions(): void {
    const oldest = this.#deps.now() - this.record.sessionTimeoutHours * HOUR_MS;
    for (const connection of this.connections.list()) {
      if (connection.status === 'active' && connection.establishedAtMilliseconds < oldest) {
        this.terminate(connection, !this.record.disconnectOnSessionTimeout);
      }
    }
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #events(): VpnServerEvents {
    const { connections } = this;
    return {
      judge: (clientKey, client) => this.#judge(clientKey, client),
      established: (clientKey) => connections.established(clientKey),
      disconnected: (clientKey) => connections.disconnected(clientKey),
      transferred: (...facts) => connections.transferred(...facts),
      refused: (reason) => this.#note('refused', reason),
      died: (reason) => this.#note('server', `the VPN server ended by itself: ${reason}`),
    };
  }

  async #judge(clientKey: string, client: VpnClientFacts): Promise<Verdict> {
    const connectionId = this.connections.attempted(clientKey, client);
    const { enabled, functionArn } = this.record.connectHandler;
    if (!enabled || functionArn === undefined) return { allow: true };
    const { endpointId } = this.record;
    const verdict = await askConnectHandler(
      this.#deps.invoke,
      { functionArn, connectionId, endpointId, client, timeoutMs: this.#deps.handlerTimeoutMs },
      (failure: HandlerFailure, detail) => this.#note('handler', `${failure}: ${detail}`),
    );
    if (!verdict.allow) {
      this.connections.refused(clientKey);
      this.#note('refused', `${client.commonName}: client-connect-failed: ${verdict.text}`);
    }
    return verdict;
  }

  #note(kind: 'refused' | 'handler' | 'server', text: string): void {
    this.#deps.note(this.record.endpointId, kind, text);
  }
}
