import type { Socket } from 'node:net';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import type {
  StartVpnServer,
  Verdict,
  VpnClientFacts,
  VpnServer,
  VpnServerEvents,
  VpnServerSettings,
} from '../cloud/ec2/vpn-server.ts';
import { splitLines } from '../openvpn/process.ts';
import { authFailedLine, CERTIFICATE_LINE, HALT_LINE, OK_LINE, RESTART_LINE, SIGN_IN } from './protocol.ts';

/**
 * Stock OpenVPN logs and accepts it when no list of the certificate's issuer is at hand; so does this.
 * `authorizationError` holds a code, though its type says otherwise.
 */
const ACCEPTED = ['UNABLE_TO_GET_CRL'];

const BYTE_COUNT_MS = 5_000;

const SIGN_IN_MS = 1_000;
const NOT_SIGNED_IN: Verdict = { allow: false, text: 'Sign in as well.' };

/**
 * Mutual TLS where OpenVPN cannot run. It judges certificates and lists with the same OpenSSL, asks the gate, and
 * keeps connections until they are ended. No packet ever flows, and the profile's VPN settings are not proven.
 */
export const startTlsServer: StartVpnServer = async (settings, events) => {
  const server = new TlsEndpoint(settings, events);
  await server.listen(settings.port);
  return server;
};

class TlsEndpoint implements VpnServer {
  readonly #settings: VpnServerSettings;
  readonly #events: VpnServerEvents;
  readonly #server: Server;
  /** Also those whose handshake has not ended. */
  readonly #sockets = new Set<Socket>();
  readonly #established = new Map<string, TLSSocket>();
  readonly #byteCount: NodeJS.Timeout;
  /** A list that OpenSSL cannot read: everybody is refused. */
  #crlFault: string | undefined;
  #count = 0;

  constructor(settings: VpnServerSettings, events: VpnServerEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#server = createServer(this.#context(settings.crlPem), (socket) => void this.#accept(socket));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('tlsClientError', (error) => this.#events.refused(error.message));
    this.#byteCount = setInterval(() => this.#countBytes(), BYTE_COUNT_MS).unref();
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  kill(clientKey: string, mayComeBack: boolean): void {
    this.#established.get(clientKey)?.end(mayComeBack ? RESTART_LINE : HALT_LINE);
  }

  async useCrl(crlPem: string): Promise<void> {
    this.#server.setSecureContext(this.#context(crlPem));
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    clearInterval(this.#byteCount);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #context(crlPem: string | undefined): {
    cert: string;
    key: string;
    ca: string;
    crl?: string;
    minVersion: 'TLSv1.2';
    requestCert: true;
    rejectUnauthorized: false;
  } {
    const { serverCertificatePem, serverChainPem, serverPrivateKeyPem, clientCaPem } = this.#settings;
    this.#crlFault = faultOf(crlPem);
    return {
      cert: `${serverCertificatePem.trimEnd()}\n${serverChainPem}`,
      key: serverPrivateKeyPem,
      ca: clientCaPem,
      ...(crlPem !== undefined && this.#crlFault === undefined && { crl: crlPem }),
      minVersion: 'TLSv1.2',
      requestCert: true,
      // Refused below, where the reason can be told.
      rejectUnauthorized: false,
    };
  }

  async #accept(socket: TLSSocket): Promise<void> {
    const clientKey = String((this.#count += 1));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#established.delete(clientKey);
      this.#events.disconnected(clientKey);
    });
    const signIn = this.#settings.asksForSignIn ? usernameFrom(socket) : Promise.resolve('');
    if (!this.#settings.asksForSignIn) socket.resume();
    const fault = this.#certificateFault(socket);
    if (fault !== undefined) {
      this.#events.refused(`${commonNameOf(socket)}: ${fault}`);
      socket.destroy();
      return;
    }
    socket.write(CERTIFICATE_LINE);
    const username = await signIn;
    if (socket.destroyed) return;
    if (this.#settings.asksForSignIn && username === '')
      return this.#answer(clientKey, socket, NOT_SIGNED_IN);
    this.#answer(clientKey, socket, await this.#events.judge(clientKey, clientFacts(socket, username)));
  }

  #answer(clientKey: string, socket: TLSSocket, verdict: Verdict): void {
    if (socket.destroyed) return;
    if (!verdict.allow) {
      socket.end(authFailedLine(verdict.text));
      return;
    }
    this.#established.set(clientKey, socket);
    this.#events.established(clientKey);
    socket.write(OK_LINE);
  }

  #certificateFault(socket: TLSSocket): string | undefined {
    if (this.#crlFault !== undefined) return this.#crlFault;
    if (socket.authorized) return undefined;
    const code = String(socket.authorizationError);
    return ACCEPTED.includes(code) ? undefined : code;
  }

  #countBytes(): void {
    for (const [clientKey, socket] of this.#established) {
      this.#events.transferred(clientKey, socket.bytesRead, socket.bytesWritten);
    }
  }
}

function faultOf(crlPem: string | undefined): string | undefined {
  try {
    if (crlPem !== undefined) createSecureContext({ crl: crlPem });
    return undefined;
  } catch (error) {
    return `CRL not loaded: ${String(error)}`;
  }
}

/** The last one, where a subject has several: OpenVPN's choice too. */
function commonNameOf(socket: TLSSocket): string {
  const names: unknown = socket.getPeerCertificate().subject?.CN;
  const name: unknown = Array.isArray(names) ? names.at(-1) : names;
  return typeof name === 'string' ? name : '';
}

const clientFacts = (socket: TLSSocket, username: string): VpnClientFacts => ({
  commonName: commonNameOf(socket),
  username,
  publicIp: socket.remoteAddress ?? '',
  platform: 'linux',
  platformVersion: '',
  clientOpenVpnVersion: '',
});

/** @returns empty where the client does not say within a second who signed in */
function usernameFrom(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(''), SIGN_IN_MS);
    const done = (username: string): void => {
      clearTimeout(timer);
      resolve(username);
    };
    splitLines(socket, (line) => {
      if (line.startsWith(SIGN_IN)) done(line.slice(SIGN_IN.length));
    });
    socket.once('close', () => done(''));
  });
}
