import { assertWholeNumbers } from '../../../shared/adapters/dynamo/item.ts';
import type { Stores } from '../stores.ts';
import { memoryAuditStore, memoryJournalStore } from './audit-store.ts';
import { memoryCertificateStore, memoryGateStore } from './certificate-store.ts';
import { memoryEndpointStore } from './endpoint-store.ts';
import { memoryExportStore } from './export-store.ts';
import { memoryCrlStore, memoryRevocationStore } from './list-stores.ts';
import { memoryLookupStore } from './lookup-store.ts';
import { memoryGateProbeStore } from './gate-probe-store.ts';
import { memoryNoticeStore } from './notice-store.ts';
import { memoryOffboardingStore } from './offboarding-store.ts';
import { memoryPersonStore } from './person-store.ts';
import { memoryScimUserStore } from './scim-user-store.ts';
import { memoryReconciliationStore } from './reconciliation-store.ts';
import { memoryServerCertificateStore } from './server-certificate-store.ts';
import { memorySurgeStore } from './surge-store.ts';
import { newMemoryState, type MemoryState } from './state.ts';

/** Every store over one memory, empty where none is given: for tests of use cases, held to the same contracts as DynamoDB's. */
export function memoryStores(state: MemoryState = newMemoryState()): Stores {
  return {
    people: strict(memoryPersonStore(state)),
    certificates: strict(memoryCertificateStore(state)),
    revocations: strict(memoryRevocationStore(state)),
    crls: strict(memoryCrlStore(state)),
    endpoints: strict(memoryEndpointStore(state)),
    offboardings: strict(memoryOffboardingStore(state)),
    serverCertificates: strict(memoryServerCertificateStore(state)),
    surges: strict(memorySurgeStore(state)),
    reconciliations: strict(memoryReconciliationStore()),
    gate: strict(memoryGateStore(state)),
    exports: strict(memoryExportStore(state)),
    gateProbe: strict(memoryGateProbeStore(state)),
    notices: strict(memoryNoticeStore(state)),
    audit: strict(memoryAuditStore(state)),
    journal: strict(memoryJournalStore(state)),
    scimUsers: strict(memoryScimUserStore(state)),
    lookups: strict(memoryLookupStore()),
  };
}

/** Makes a store refuse the numbers that DynamoDB's store refuses to write. */
const strict = <Store extends object>(store: Store): Store =>
  new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        assertWholeNumbers(args);
        return Reflect.apply(member, target, args) as Promise<unknown>;
      };
    },
  });
