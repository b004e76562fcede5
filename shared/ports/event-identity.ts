import type { SourceId } from '../domain/identity.ts';

/** What makes an event the same event: its source and id, and for how long we remember it. */
export interface EventIdentity {
  readonly source: SourceId;
  readonly eventId: string;
  readonly bodySha256Hex: string;
}
