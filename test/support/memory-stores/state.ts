import type { AuditEntry } from '../../../shared/domain/audit-entry.ts';
import type { JournalHead } from '../../../shared/domain/journal.ts';
import type { CertificateId } from '../../../shared/domain/certificate-id.ts';
import type { CertificateRecord } from '../../../shared/domain/certificate-record.ts';
import type { RevocationRow, SignedCrl } from '../../../shared/domain/crl-facts.ts';
import type { CertificationAuthority, Endpoint } from '../../../shared/domain/endpoint.ts';
import type { Alias, PersonId, SourceId } from '../../../shared/domain/identity.ts';
import type { Incident } from '../../../shared/domain/incident.ts';
import type { OffboardingRecord } from '../../../shared/domain/offboarding.ts';
import type { Hold, Person } from '../../../shared/domain/person.ts';
import type { PlannedOffboarding } from '../../../shared/domain/planned-offboarding.ts';
import type { AliasUse, ScimUser } from '../../../shared/domain/scim/user.ts';
import type { ServerCertificateRecord } from '../../../shared/domain/server-certificate.ts';
import type { ExpectedLeavers, SurgeSettlement } from '../../../shared/domain/surge.ts';
import type { TellingNote } from '../../../shared/domain/telling.ts';
import type { EventIdentity, EventOutcome } from '../../../shared/ports/offboarding-store.ts';
import type { PendingRevocation } from '../../../shared/ports/revocation-store.ts';

/**
 * What the memory stores keep. Every method of theirs does its work in one go, without an await, so that each is
 * atomic as a transaction is.
 */
export interface MemoryState {
  readonly people: Map<PersonId, { person: Person; takenBack: Map<string, number> }>;
  readonly aliases: Map<
    string,
    { personId?: PersonId; held: Set<string>; denied?: Set<SourceId>; lookalikeOwner?: PersonId }
  >;
  readonly certificates: Map<
    CertificateId,
    { record: CertificateRecord; pendingSince: number; pendingAt: string[] }
  >;
  readonly publicKeys: Map<string, CertificateId>;
  readonly fingerprints: Map<string, CertificateId>;
  readonly idempotency: Map<string, { requestSha256Hex: string; certificateId: CertificateId }>;
  /** Issued, and their holders not told yet. */
  readonly untold: Set<CertificateId>;
  /** By kind and id. */
  readonly tellings: Map<string, TellingNote>;
  readonly noticeTurn: { until: number; lookedAt?: number; failing: readonly string[] };
  /** By `rowKey`. */
  readonly rows: Map<string, { caId: string; row: RevocationRow }>;
  readonly pending: Map<string, { endpointId: string; pending: PendingRevocation }>;
  readonly authorities: Map<string, CertificationAuthority>;
  readonly serverCertificates: Map<string, string>;
  /** By CA and serial number. */
  readonly serverCertificateRecords: Map<string, ServerCertificateRecord>;
  readonly serverRenewalReservedAt: Map<string, number>;
  readonly lists: Map<string, MemoryLists>;
  readonly endpoints: Map<string, { endpoint: Endpoint; fencingToken: number; leaseUntil?: number }>;
  readonly events: Map<string, EventOutcome>;
  readonly offboardings: Map<string, OffboardingRecord>;
  readonly openOffboardings: Set<string>;
  readonly holds: Map<string, Hold>;
  readonly plans: Map<string, PlannedOffboarding>;
  readonly incidents: Map<string, { incident: Incident; dedupeKey?: string }>;
  readonly openIncidents: Map<string, string | undefined>;
  readonly surges: MemorySurges;
  /** Each person's chain, and what the journal does not have of it. */
  readonly audit: Map<PersonId, AuditEntry[]>;
  readonly unjournalled: Map<string, AuditEntry>;
  readonly journal: { head?: JournalHead };
  readonly scimUsers: Map<string, ScimUser>;
  /** By alias. */
  readonly aliasUses: Map<string, AliasUse>;
  /** By alias and source. */
  readonly notedReturns: Map<string, number>;
}

/** Counts are by source and slot of five minutes. */
export interface MemorySurges {
  readonly counts: Map<string, Map<number, number>>;
  readonly expected: Map<string, ExpectedLeavers>;
  readonly settlements: Map<string, SurgeSettlement>;
  holders?: number;
  holdersCountedAt?: number;
}

export interface MemoryLists {
  lastNumber: number;
  readonly kept: Map<number, SignedCrl>;
  current?: SignedCrl;
}

export const newMemoryState = (): MemoryState => ({
  people: new Map(),
  aliases: new Map(),
  certificates: new Map(),
  publicKeys: new Map(),
  fingerprints: new Map(),
  idempotency: new Map(),
  untold: new Set(),
  tellings: new Map(),
  noticeTurn: { until: 0, failing: [] },
  rows: new Map(),
  pending: new Map(),
  authorities: new Map(),
  serverCertificates: new Map(),
  serverCertificateRecords: new Map(),
  serverRenewalReservedAt: new Map(),
  lists: new Map(),
  endpoints: new Map(),
  events: new Map(),
  offboardings: new Map(),
  openOffboardings: new Set(),
  holds: new Map(),
  plans: new Map(),
  incidents: new Map(),
  openIncidents: new Map(),
  audit: new Map(),
  unjournalled: new Map(),
  journal: {},
  notedReturns: new Map(),
  scimUsers: new Map(),
  aliasUses: new Map(),
  surges: { counts: new Map(), expected: new Map(), settlements: new Map() },
});

export const aliasText = (alias: Alias): string => `${alias.kind}#${alias.value}`;
export const eventText = ({ source, eventId }: Pick<EventIdentity, 'source' | 'eventId'>): string =>
  `${source}#${eventId}`;
export const rowText = (caId: string, notAfter: number, serialNumber: string): string =>
  `${caId}#${String(notAfter).padStart(12, '0')}#${serialNumber}`;
export const pendingText = (endpointId: string, since: number, serialNumber: string): string =>
  `${endpointId}#${String(since).padStart(15, '0')}#${serialNumber}`;

/** The values of a map, in the order of their keys. */
export const sortedValues = <T>(map: ReadonlyMap<string, T>): T[] =>
  [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);

/** What must be there. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no such ${what}`);
  return value;
}

/** Notes that operators are to be told, where they are. */
export function noteTelling(state: MemoryState, note: TellingNote | undefined): void {
  if (note !== undefined) state.tellings.set(`${note.kind}#${note.id}`, note);
}
