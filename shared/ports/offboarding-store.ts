import type { Denial, Hold } from '../domain/person.ts';
import type { Incident } from '../domain/incident.ts';
import type { Alias, PersonId, SourceId } from '../domain/identity.ts';
import type { OffboardingRecord, TerminatedConnection } from '../domain/offboarding.ts';
import type { PlannedOffboarding } from '../domain/planned-offboarding.ts';
import type { EpochMilliseconds } from '../domain/time.ts';
import type { EventIdentity } from './event-identity.ts';
import type { CancelledPlan, PlanStore } from './plan-store.ts';

export type { EventIdentity };

/** What became of an event: the record it opened. */
export interface EventOutcome extends EventIdentity {
  readonly offboardingId?: string;
  readonly incidentId?: string;
  readonly planId?: string;
}

export type DenyOutcome =
  | 'denied'
  /** Older than what this source, or an administrator, took back: recorded, not applied. */
  | 'stale'
  /** The plan that should be carried out was changed or taken back. */
  | 'planGone'
  /** The event was seen before; `findEvent` tells what became of it. */
  | 'duplicate';

export type LiftOutcome =
  /** Denials, or plans alone. */
  | {
      readonly outcome: 'lifted';
      readonly lifted: readonly Denial[];
      readonly cancelled: readonly CancelledPlan[];
    }
  | { readonly outcome: 'stale' | 'duplicate' | 'nothingToLift' };

export interface NotedReturn {
  readonly source: SourceId;
  readonly eventTime: EpochMilliseconds;
  readonly receivedAt: EpochMilliseconds;
}

export type NotedReturnOutcome =
  | {
      readonly outcome: 'noted';
      readonly cancelled: readonly CancelledPlan[];
      /** The open incident that holds the alias: whoever decides it sees the return. */
      readonly heldByIncidentId?: string;
    }
  | { readonly outcome: 'aliasOwned' };

/** Events, denials and what follows from them. Every read sees every earlier write. */
export interface OffboardingStore extends PlanStore {
  findEvent(source: SourceId, eventId: string): Promise<EventOutcome | undefined>;

  /**
   * Writes the denial, the event and the record, and the note of a hold, in one transaction of constant size. When the event is older than
   * what its source took back, or an administrator lifted of it, only event and record (without `deniedAt`) are written.
   *
   * @param plan what falls due: it is gone with the denial, and without it ('planGone') nothing is written
   */
  deny(record: OffboardingRecord, event: EventIdentity, plan?: PlannedOffboarding): Promise<DenyOutcome>;
  /** Puts an event on record that came too late to count: no denial follows from it. Once, as every event. */
  recordLate(record: OffboardingRecord, event: EventIdentity): Promise<'stale' | 'duplicate'>;

  /**
   * Takes denials back, in one transaction, and marks their records as lifted, and with them what is planned: all of
   * the person's (`sources: 'all'`, an administrator), or what one source said until `eventTime`. What the source said
   * later stays, and what it said earlier counts no more when it arrives later. Repeated events change nothing. The
   * record of who left is open again, so that what no list has is undone.
   */
  lift(
    personId: PersonId,
    sources: 'all' | SourceId,
    event: EventIdentity & {
      readonly eventTime: EpochMilliseconds;
      readonly at: EpochMilliseconds;
      /** The administrator who asked, where one did. */
      readonly actor?: PersonId;
    },
  ): Promise<LiftOutcome>;

  /** Every hold that stands, oldest first: noted with its denial and gone with it. */
  listHolds(): Promise<Hold[]>;
  /**
   * Remembers for 90 days that a source says somebody is back, only while the alias is not exactly one person's: nobody
   * owns it, or an incident holds it ('aliasOwned': resolve again). An older denial may arrive later, when she is known.
   * What that source had planned for the alias is taken back with it.
   */
  noteReturn(alias: Alias, event: NotedReturn): Promise<NotedReturnOutcome>;
  /** When the latest return happened that was noted so. */
  findNotedReturn(alias: Alias, source: SourceId): Promise<EpochMilliseconds | undefined>;
  /** The latest of each source, sources in the order of their names. */
  listNotedReturns(alias: Alias): Promise<Pick<NotedReturn, 'source' | 'eventTime'>[]>;

  /**
   * Makes a surge's denial what its source meant, on person and record, once; nothing where it was lifted. From then
   * on the record is worked off as any other.
   */
  confirm(record: OffboardingRecord, at: EpochMilliseconds, by: string): Promise<void>;
  /**
   * Takes one denial back and marks its record as lifted, once. What its source says later counts as before. The record
   * of who left is open again.
   */
  release(record: OffboardingRecord, at: EpochMilliseconds, by: string): Promise<void>;

  find(offboardingId: string): Promise<OffboardingRecord | undefined>;
  /** Those with an unfinished step, oldest first. One that cannot be read is reported by the store and left out. */
  listOpen(): Promise<OffboardingRecord[]>;
  /** @param month UTC, `YYYY-MM` */
  listByMonth(month: string): Promise<OffboardingRecord[]>;

  /** Each mark is set once; the first time stays. */
  markRevoked(offboardingId: string, at: EpochMilliseconds, certificates: number): Promise<void>;
  markCut(offboardingId: string, endpointId: string, at: EpochMilliseconds): Promise<void>;
  markTerminated(offboardingId: string, connection: TerminatedConnection): Promise<void>;
  markPublished(
    offboardingId: string,
    endpointId: string,
    crlNumber: number,
    at: EpochMilliseconds,
  ): Promise<void>;
  /**
   * Nothing is left to do; it is no longer listed as open.
   *
   * @param liftedAt as the caller saw it: a record whose denial was lifted since stays open, for what is to be undone
   * @param terminatedConnections how many its journal has, where that names only the first of many
   */
  close(
    offboardingId: string,
    at: EpochMilliseconds,
    liftedAt?: EpochMilliseconds,
    terminatedConnections?: number,
  ): Promise<void>;

  /**
   * Opens an incident for an event that cannot be tied to one person: in one transaction the incident, the event, and
   * the hold on the alias, only while nobody owns the alias or another incident holds it already ('aliasOwned': resolve
   * again, it is exactly one person's now).
   */
  openIncidentForEvent(
    incident: Incident & { readonly alias: Alias },
    event: EventIdentity,
  ): Promise<'opened' | 'duplicate' | 'aliasOwned'>;
  /**
   * Opens any other incident, once for as long as one with the same `dedupeKey` is open. One that has an alias holds
   * it, whoever owns it.
   *
   * @returns the id of the open one
   */
  openIncident(incident: Incident, dedupeKey: string): Promise<{ incidentId: string; opened: boolean }>;
  findIncident(incidentId: string): Promise<Incident | undefined>;
  /** Oldest first. One that cannot be read is reported by the store and left out. */
  listOpenIncidents(): Promise<Incident[]>;
  /**
   * Ends an incident once, and the hold on its alias with it. With `bindTo` the alias becomes that person's, whoever
   * had it.
   */
  resolveIncident(
    incidentId: string,
    resolution: NonNullable<Incident['resolution']>,
    bindTo?: PersonId,
  ): Promise<'resolved' | 'alreadyResolved' | 'notFound'>;
}
