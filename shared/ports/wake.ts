/**
 * Wakes a worker for one endpoint. The message says only "look"; what is to be done stands in the store.
 *
 * Never rejects: a lost wake costs minutes, not safety, since the sweeps look without being told.
 */
export interface Wake {
  /** Somebody's connections may have to end. */
  connections(endpointId: string): Promise<void>;
  /** A list may be due. */
  publication(endpointId: string): Promise<void>;
}
