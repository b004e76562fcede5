import type { Stores } from '../stores.ts';
import { memoryCertificateStore, memoryGateStore } from './certificate-store.ts';
import { memoryEndpointStore } from './endpoint-store.ts';
import { memoryCrlStore, memoryRevocationStore } from './list-stores.ts';
import { memoryOffboardingStore } from './offboarding-store.ts';
import { memoryPersonStore } from './person-store.ts';
import { newMemoryState } from './state.ts';

/** Every store over one empty memory: for tests of use cases, held to the same contracts as DynamoDB's. */
export function memoryStores(): Stores {
  const state = newMemoryState();
  return {
    people: memoryPersonStore(state),
    certificates: memoryCertificateStore(state),
    revocations: memoryRevocationStore(state),
    crls: memoryCrlStore(state),
    endpoints: memoryEndpointStore(state),
    offboardings: memoryOffboardingStore(state),
    gate: memoryGateStore(state),
  };
}
