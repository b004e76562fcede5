import type { Endpoint } from './endpoint.ts';
import type { EndpointFiles } from './endpoint-files.ts';

export interface ImportedList {
  readonly crlPem: string;
  readonly status: 'pending' | 'active';
  readonly previousCrlPem?: string;
}

/**
 * The list of each endpoint: accepted at once, in effect after a while. Whether AWS resets connections at the one
 * or the other is not documented; here it is when the list takes effect.
 */
export class CertificateRevocationLists {
  readonly #files: EndpointFiles;
  readonly #onFailure: (endpointId: string, error: unknown) => void;
  readonly #lists = new Map<string, ImportedList>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(files: EndpointFiles, onFailure: (endpointId: string, error: unknown) => void) {
    this.#files = files;
    this.#onFailure = onFailure;
  }

  find(endpointId: string): ImportedList | undefined {
    return this.#lists.get(endpointId);
  }

  /** What was imported before a restart is in effect after it. */
  restore(endpointId: string, crlPem: string): void {
    this.#lists.set(endpointId, { crlPem, status: 'active' });
  }

  /** Keeps the list for good and lets it take effect later; one that is still pending is overtaken. */
  async import(endpoint: Endpoint, crlPem: string, pendingMs: number): Promise<void> {
    const { endpointId } = endpoint.record;
    await this.#files.saveCrl(endpointId, crlPem);
    const previous = this.#lists.get(endpointId);
    this.#lists.set(endpointId, {
      crlPem,
      status: 'pending',
      ...(previous && { previousCrlPem: previous.crlPem }),
    });
    clearTimeout(this.#timers.get(endpointId));
    this.#timers.set(
      endpointId,
      setTimeout(() => {
        this.#activate(endpoint, crlPem).catch((error: unknown) => this.#onFailure(endpointId, error));
      }, pendingMs),
    );
  }

  forget(endpointId: string): void {
    clearTimeout(this.#timers.get(endpointId));
    this.#timers.delete(endpointId);
    this.#lists.delete(endpointId);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  async #activate(endpoint: Endpoint, crlPem: string): Promise<void> {
    this.#timers.delete(endpoint.record.endpointId);
    await endpoint.useCrl(crlPem);
    const current = this.#lists.get(endpoint.record.endpointId);
    if (current?.crlPem === crlPem) {
      this.#lists.set(endpoint.record.endpointId, { ...current, status: 'active' });
    }
  }
}
