import type { EpochMilliseconds } from '../domain/time.ts';

/** The only source of time. */
export interface Clock {
  now(): EpochMilliseconds;
  /** Waits; rejects with the signal's reason if that comes first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
