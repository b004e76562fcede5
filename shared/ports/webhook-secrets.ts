import type { SourceId } from '../domain/identity.ts';

/** The live secrets of a source: one, or two while it is being rotated; none where it is not configured. */
export interface WebhookSecrets {
  /** @returns secrets as their owner writes them (`whsec_…`), newest first */
  live(source: SourceId): Promise<readonly string[]>;
}
