import type { VpnClient, VpnClientEvent, VpnClientEventKind } from './client-types.ts';

const DEFAULT_TIMEOUT_MS = 15_000;
const LAST_LINES = 6;

interface Waiter {
  readonly kinds: readonly VpnClientEventKind[];
  readonly resolve: (event: VpnClientEvent) => void;
  readonly reject: (error: Error) => void;
}

/** What happened to a client, and those who wait for it. Both kinds of client are made of one. */
export class ClientEvents {
  readonly log: string[] = [];
  readonly events: VpnClientEvent[] = [];
  readonly #name: string;
  #waiters: Waiter[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  get isConnected(): boolean {
    return this.events.findLast(({ kind }) => kind !== 'unreachable')?.kind === 'connected';
  }

  get hasEnded(): boolean {
    return this.events.at(-1)?.kind === 'ended';
  }

  add(kind: VpnClientEventKind, text: string, by?: 'gate' | 'certificate'): void {
    if (this.hasEnded) return;
    const event = { kind, text, at: Date.now(), ...(by && { by }) };
    this.events.push(event);
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) {
      if (waiter.kinds.includes(kind)) waiter.resolve(event);
      else if (kind === 'ended') waiter.reject(this.#tooLate(waiter.kinds));
      else this.#waiters.push(waiter);
    }
  }

  next(
    kinds: VpnClientEventKind | readonly VpnClientEventKind[],
    {
      since = this.events.length,
      timeoutMs = DEFAULT_TIMEOUT_MS,
    }: { since?: number; timeoutMs?: number } = {},
  ): Promise<VpnClientEvent> {
    const wanted = typeof kinds === 'string' ? [kinds] : kinds;
    const found = this.events.slice(since).find(({ kind }) => wanted.includes(kind));
    if (found) return Promise.resolve(found);
    if (this.hasEnded) return Promise.reject(this.#tooLate(wanted));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new Error(`${this.#name}: no ${wanted.join(' or ')} in ${timeoutMs} ms\n${this.#tail()}`));
      }, timeoutMs);
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          settle(value);
        };
      const waiter: Waiter = { kinds: wanted, resolve: settled(resolve), reject: settled(reject) };
      this.#waiters.push(waiter);
    });
  }

  /** The client's face: everything that is the same for both kinds. */
  client(stop: () => Promise<void>): VpnClient {
    const first = (kind: VpnClientEventKind): Promise<VpnClientEvent> => this.next(kind, { since: 0 });
    const isConnected = (): boolean => this.isConnected;
    return {
      name: this.#name,
      log: this.log,
      events: this.events,
      get isConnected() {
        return isConnected();
      },
      get connected() {
        return first('connected');
      },
      get refused() {
        return first('refused');
      },
      get ended() {
        return first('ended');
      },
      next: (kinds, options) => this.next(kinds, options),
      stop,
    };
  }

  #tooLate(kinds: readonly string[]): Error {
    return new Error(`${this.#name}: ended without ${kinds.join(' or ')}\n${this.#tail()}`);
  }

  #tail(): string {
    return this.log.slice(-LAST_LINES).join('\n');
  }
}
