import type { SourceId } from '../domain/identity.ts';
import type { Lookup, VendorRecord } from '../domain/lookup.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** The directory of one vendor, asked for one person at a time. */
export interface VendorDirectory {
  /**
   * @returns undefined where nobody there has that id
   * @throws DirectoryError where it does not answer, or not so that it can be believed
   */
  find(directoryId: string, signal: AbortSignal): Promise<VendorRecord | undefined>;
}

/** Look-ups that are to be made. One person's are handed on in the order in which they were asked. */
export interface LookupQueue {
  /** When it returns the look-up is kept until it was made. The same event within five minutes is kept once. */
  ask(lookup: Lookup): Promise<void>;
}

/** What a directory said of somebody when it was asked last. */
export interface LastAnswer {
  /** A hash: no name is kept. */
  readonly answerSha256Hex: string;
  /** Opened because nobody could tell what it means. */
  readonly incidentId?: string;
  readonly askedAt: EpochMilliseconds;
}

export interface LookupStore {
  findLastAnswer(source: SourceId, directoryId: string): Promise<LastAnswer | undefined>;
  /** In the place of an older one; a newer one stays. */
  keepLastAnswer(source: SourceId, directoryId: string, answer: LastAnswer): Promise<void>;
}
