import type { AuditStore } from '../../shared/ports/audit-store.ts';
import type { CertificateStore } from '../../shared/ports/certificate-store.ts';
import type { CrlStore } from '../../shared/ports/crl-store.ts';
import type { LookupStore } from '../../shared/ports/directory-lookup.ts';
import type { EndpointStore } from '../../shared/ports/endpoint-store.ts';
import type { ExportStore } from '../../shared/ports/export-store.ts';
import type { GateProbeStore } from '../../shared/ports/gate-probe.ts';
import type { GateStore } from '../../shared/ports/gate-store.ts';
import type { JournalStore } from '../../shared/ports/journal.ts';
import type { NoticeStore } from '../../shared/ports/notice-store.ts';
import type { OffboardingStore } from '../../shared/ports/offboarding-store.ts';
import type { PersonStore } from '../../shared/ports/person-store.ts';
import type { ReconciliationStore } from '../../shared/ports/reconciliation-store.ts';
import type { RevocationStore } from '../../shared/ports/revocation-store.ts';
import type { ScimUserStore } from '../../shared/ports/scim-user-store.ts';
import type { ServerCertificateStore } from '../../shared/ports/server-certificate-store.ts';
import type { SurgeStore } from '../../shared/ports/surge-store.ts';

/** Every store port over one and the same data. */
export interface Stores {
  readonly people: PersonStore;
  readonly certificates: CertificateStore;
  readonly revocations: RevocationStore;
  readonly crls: CrlStore;
  readonly endpoints: EndpointStore;
  readonly offboardings: OffboardingStore;
  readonly serverCertificates: ServerCertificateStore;
  readonly surges: SurgeStore;
  readonly reconciliations: ReconciliationStore;
  readonly gate: GateStore;
  readonly exports: ExportStore;
  readonly gateProbe: GateProbeStore;
  readonly notices: NoticeStore;
  readonly audit: AuditStore;
  readonly journal: JournalStore;
  readonly scimUsers: ScimUserStore;
  readonly lookups: LookupStore;
}
