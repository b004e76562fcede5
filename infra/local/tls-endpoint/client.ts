import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ClientEvents } from '../openvpn/client-events.ts';
import type { VpnClient, VpnClientOptions } from '../openvpn/client-types.ts';
import { splitLines } from '../openvpn/process.ts';
import { CERTIFICATE_LINE, HALT_LINE, OK_LINE, refusalOf, SIGN_IN } from './protocol.ts';

const RETRY_MS = 500;

/** Does with mutual TLS what the OpenVPN client does with the same profile, as far as certificates go. */
export async function connectTlsClient({ profileText, name, signIn }: VpnClientOptions): Promise<VpnClient> {
  const client = new TlsClient(name, optionsOf(profileText), signIn?.username);
  client.connect();
  return client.events.client(() => client.stop());
}

class TlsClient {
  readonly events: ClientEvents;
  readonly #options: ConnectionOptions;
  readonly #username: string | undefined;
  #socket: TLSSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** Set by what the server or the user decides; otherwise the client comes back. */
  #isOver = false;

  constructor(name: string, options: ConnectionOptions, username: string | undefined) {
    this.events = new ClientEvents(name);
    this.#options = options;
    this.#username = username;
  }

  connect(): void {
    let wasSecure = false;
    let wasAnswered = false;
    let cause = 'Connection reset';
    const socket = connect(this.#options, () => {
      wasSecure = true;
      this.#log('the server is who it should be');
    });
    this.#socket = socket;
    splitLines(socket, (line) => {
      wasAnswered = true;
      this.#onLine(line);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      cause = error.code ?? error.message;
      this.#log(error.message);
    });
    socket.once('close', () => {
      if (this.events.isConnected) this.events.add('disconnected', cause);
      else if (!this.#isOver && wasAnswered) this.events.add('unreachable', cause);
      // With TLS 1.3 the client is done before the server has looked at its certificate.
      else if (!this.#isOver && wasSecure) this.events.add('refused', cause, 'certificate');
      else if (!this.#isOver) this.#addUnreached(cause);
      if (this.#isOver) this.events.add('ended', cause);
      else this.#retry = setTimeout(() => this.connect(), RETRY_MS);
    });
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#retry);
    if (this.#socket && !this.#socket.destroyed) this.#socket.destroy();
    else this.events.add('ended', 'stopped');
    await this.events.next('ended', { since: 0 });
  }

  #addUnreached(cause: string): void {
    if (cause === 'ECONNREFUSED' || cause === 'ECONNRESET') this.events.add('unreachable', cause);
    else this.events.add('refused', cause, 'certificate');
  }

  #onLine(line: string): void {
    this.#log(line);
    if (`${line}\n` === CERTIFICATE_LINE && this.#username !== undefined) {
      this.#socket?.write(`${SIGN_IN}${this.#username}\n`);
    }
    const refusal = refusalOf(line);
    if (refusal !== undefined) {
      this.#isOver = true;
      this.events.add('refused', refusal, 'gate');
    } else if (`${line}\n` === OK_LINE) this.events.add('connected', line);
    else if (`${line}\n` === HALT_LINE) this.#isOver = true;
  }

  #log(line: string): void {
    this.events.log.push(line);
  }
}

/** What of a profile matters to TLS. */
function optionsOf(profileText: string): ConnectionOptions {
  const [, host, port] = /^remote (\S+) (\d+)/m.exec(profileText) ?? [];
  const serverName = /^verify-x509-name "?([^"\s]+)"? name/m.exec(profileText)?.[1];
  if (host === undefined || port === undefined) throw new Error('the profile names no remote');
  return {
    host,
    port: Number(port),
    ca: blockOf(profileText, 'ca'),
    cert: blockOf(profileText, 'cert'),
    key: blockOf(profileText, 'key'),
    minVersion: 'TLSv1.2',
    checkServerIdentity: (_host, { subject }) =>
      serverName === undefined || subject.CN === serverName
        ? undefined
        : new Error(`the server is not ${serverName}`),
  };
}

function blockOf(profileText: string, tag: string): string {
  const found = new RegExp(`^<${tag}>\\s*$([\\s\\S]*?)^</${tag}>\\s*$`, 'm').exec(profileText)?.[1];
  if (found === undefined) throw new Error(`the profile has no <${tag}>`);
  return found.trim();
}
