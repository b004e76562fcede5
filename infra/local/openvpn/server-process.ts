import type { Verdict, VpnClientFacts, VpnServerEvents } from '../cloud/ec2/vpn-server.ts';
import { clientNotificationReader, parseByteCount, type ClientNotification } from './client-notifications.ts';
import { quoted } from './lexical.ts';
import { listenForManagement, type ManagementLink, type ManagementListener } from './management.ts';
import { startOpenVpn, type OpenVpnProcess } from './process.ts';

const BYTE_COUNT_SECONDS = 5;
const READY_TIMEOUT_MS = 10_000;
const LAST_LINES = 5;

/** One process of an openvpn server. Its clients end with it. */
export class OpenVpnServerProcess {
  readonly #events: VpnServerEvents;
  readonly #keyPrefix: string;
  readonly #management: ManagementListener;
  readonly #process: OpenVpnProcess;
  readonly #readNotification = clientNotificationReader();
  readonly #connected = new Set<string>();
  readonly #lastLines: string[] = [];
  #link: ManagementLink | undefined;
  /** OpenVPN counts its clients from 0 again after a reset: the reset's number keeps them apart. */
  #resets = 0;
  #isResetting = false;
  #isReady = false;
  #isStopping = false;
  #becomeReady: ((ready: boolean) => void) | undefined;

  private constructor(
    keyPrefix: string,
    management: ManagementListener,
    configuration: string,
    events: VpnServerEvents,
  ) {
    this.#keyPrefix = keyPrefix;
    this.#management = management;
    this.#events = events;
    this.#process = startOpenVpn(configuration, (line) => this.#onLog(line));
    void this.#process.exited.then(() => this.#onExit());
  }

  /**
   * @param keyPrefix makes this process's client keys unlike any other's
   * @param configuration made with what makes openvpn come to the management socket
   */
  static async start(
    keyPrefix: string,
    configuration: (management: readonly string[]) => string,
    events: VpnServerEvents,
  ): Promise<OpenVpnServerProcess> {
    let server: OpenVpnServerProcess | undefined;
    const management = await listenForManagement((line) => {
      if (server) server.#onManagement(line);
    });
    try {
      server = new OpenVpnServerProcess(
        keyPrefix,
        management,
        configuration(management.configuration),
        events,
      );
      const ready = server.#ready();
      void management.connected.then((link) => {
        if (server) server.#link = link;
        link.send(`bytecount ${BYTE_COUNT_SECONDS}`);
      });
      await ready;
      await management.connected;
      server.#isReady = true;
      return server;
    } catch (error) {
      await server?.stop();
      await management.close();
      throw error;
    }
  }

  /** Ends every connection; the list is read again. */
  async reset(): Promise<void> {
    const ready = this.#ready();
    this.#isResetting = true;
    this.#send('signal SIGUSR1');
    await ready;
  }

  /** Without HALT the client is told to restart, and comes back. */
  kill(clientKey: string, mayComeBack: boolean): void {
    if (!this.#connected.has(clientKey)) return;
    const cid = clientKey.slice(clientKey.lastIndexOf('.') + 1);
    this.#send(mayComeBack ? `client-kill ${cid}` : `client-kill ${cid} HALT`);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#process.stop();
    await this.#management.close();
  }

  #send(command: string): void {
    this.#link?.send(command);
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`openvpn did not start: ${this.#lastLines.join(' | ')}`));
      const timer = setTimeout(fail, READY_TIMEOUT_MS);
      this.#becomeReady = (ready) => {
        clearTimeout(timer);
        if (ready) resolve();
        else fail();
      };
    });
  }

  #onLog(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    if (line.startsWith('Initialization Sequence Completed')) this.#becomeReady?.(true);
    const refusal = /VERIFY ERROR: (.*)$/.exec(line)?.[1];
    if (refusal) this.#events.refused(refusal);
  }

  #onManagement(line: string): void {
    const count = parseByteCount(line);
    if (count) this.#events.transferred(this.#key(count.cid), count.ingressOctets, count.egressOctets);
    if (this.#isResetting && line.startsWith('SUCCESS: signal SIGUSR1')) {
      this.#isResetting = false;
      // What is still told of the old clients comes after this line, under their old numbers.
      this.#forgetAll();
      this.#resets += 1;
    }
    const notification = this.#readNotification(line);
    if (notification) this.#onNotification(notification);
  }

  #onNotification(notification: ClientNotification): void {
    const key = this.#key(notification.cid);
    switch (notification.kind) {
      case 'CONNECT':
      case 'REAUTH': {
        const asked = this.#resets;
        void this.#events.judge(key, clientFacts(notification.env)).then((verdict) => {
          // After a reset the same number may already mean another client.
          if (asked === this.#resets && !this.#isResetting) this.#send(answer(notification, verdict));
        });
        return;
      }
      case 'ESTABLISHED':
        this.#connected.add(key);
        this.#events.established(key);
        return;
      case 'DISCONNECT':
        this.#connected.delete(key);
        this.#events.disconnected(key);
        return;
    }
  }

  #key(cid: string): string {
    return `${this.#keyPrefix}.${this.#resets}.${cid}`;
  }

  #forgetAll(): void {
    for (const key of this.#connected) this.#events.disconnected(key);
    this.#connected.clear();
  }

  #onExit(): void {
    this.#becomeReady?.(false);
    this.#forgetAll();
    void this.#management.close();
    if (this.#isReady && !this.#isStopping) this.#events.died(this.#lastLines.join(' | '));
  }
}

/** OpenVPN fills the variables of a connecting client; those with IV_ are what the client says of itself. */
function clientFacts(env: ReadonlyMap<string, string>): VpnClientFacts {
  return {
    commonName: env.get('common_name') ?? '',
    username: env.get('username') ?? '',
    publicIp: env.get('untrusted_ip') ?? env.get('untrusted_ip6') ?? '',
    platform: env.get('IV_PLAT') ?? '',
    platformVersion: env.get('IV_PLAT_VER') ?? '',
    clientOpenVpnVersion: env.get('IV_VER') ?? '',
  };
}

function answer({ cid, kid }: ClientNotification, verdict: Verdict): string {
  if (verdict.allow) return `client-auth-nt ${cid} ${kid}`;
  return `client-deny ${cid} ${kid} ${quoted('denied by the connect handler')} ${quoted(verdict.text)}`;
}
