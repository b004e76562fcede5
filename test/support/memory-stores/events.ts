import type { EventIdentity, EventOutcome } from '../../../shared/ports/offboarding-store.ts';
import { eventText, type MemoryState } from './state.ts';

/** Puts an event once. @returns false when it is there */
export function keepEvent(
  state: MemoryState,
  { source, eventId, bodySha256Hex }: EventIdentity,
  outcome: Omit<EventOutcome, keyof EventIdentity> = {},
): boolean {
  const key = eventText({ source, eventId });
  if (state.events.has(key)) return false;
  state.events.set(key, { source, eventId, bodySha256Hex, ...outcome });
  return true;
}
