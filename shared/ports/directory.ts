import type { DirectoryEntry } from '../domain/reconciliation.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** A part of the directory. */
export interface DirectoryPage {
  readonly entries: readonly DirectoryEntry[];
  /** Since when it may have changed, where that is not now: a file knows nothing later. */
  readonly asOf?: EpochMilliseconds;
  /** Where it goes on, in the directory's own words; absent at its end. */
  readonly next?: string;
}

/**
 * The directory did not answer as it should. Its words hold no name and no secret.
 *
 * - `later`: it is slow, busy or broken at the moment
 * - `refused`: our credentials are not taken, or there are none
 * - `broken`: what it says cannot be, or stops before its end
 */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly kind: 'later' | 'refused' | 'broken';
  readonly retryAfterSeconds: number | undefined;
  /** The answer's status, where it was one that is of no other use. */
  readonly status: number | undefined;

  constructor(
    kind: DirectoryError['kind'],
    words: string,
    { retryAfterSeconds, status }: { readonly retryAfterSeconds?: number; readonly status?: number } = {},
  ) {
    super(words);
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
    this.status = status;
  }
}

/** Everybody whom the company's directory has, page by page. */
export interface Directory {
  /**
   * @param cursor the `next` of the page before; undefined for the first
   * @param seen how many entries the pages before had
   * @throws DirectoryError
   */
  page(cursor: string | undefined, seen: number, signal: AbortSignal): Promise<DirectoryPage>;
}
