import type { SourceId } from '../domain/identity.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** Where a token waits for an operator that a sender, or anybody, posted to have its subscription verified with. */
export interface SourceVerifications {
  /** Keeps it in the place of the one before. @throws Error, never with the token in it */
  keep(source: SourceId, token: string, at: EpochMilliseconds): Promise<void>;
}
