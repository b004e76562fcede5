import type { Alias, PersonId, SourceId } from './identity.ts';
import type { DenialKind } from './person.ts';
import type { EpochMilliseconds } from './time.ts';

/** What any source says of one person, whatever its own words for it are. */
export interface OffboardingEvent {
  readonly source: SourceId;
  /** The source's own id of the event; the same id is the same event. */
  readonly eventId: string;
  readonly kind: 'left' | 'suspended' | 'returned';
  readonly eventTime: EpochMilliseconds;
  /** Whom it means: by an alias, or by the id where an administrator already knows it. */
  readonly whom: { readonly alias: Alias } | { readonly personId: PersonId };
  /** SHA-256 of what was sent, hex: the same id with another body is refused. */
  readonly bodySha256Hex: string;
  readonly receivedAt: EpochMilliseconds;
  /** The administrator who asked, where one did. */
  readonly actor?: PersonId;
  /** An administrator's own words, at most 500 characters. */
  readonly comment?: string;
  /** With `left`: the last day as the source said it, `YYYY-MM-DD`, and when it is over; without them it is now. */
  readonly lastDay?: string;
  readonly effectiveAt?: EpochMilliseconds;
}

export interface TerminatedConnection {
  readonly endpointId: string;
  readonly connectionId: string;
  readonly terminatedAt: EpochMilliseconds;
}

/**
 * What followed from one event against one person, with the time of every step: the auditor's evidence.
 *
 * Steps that do not apply are absent: a suspension revokes and publishes nothing.
 */
export interface OffboardingRecord {
  /** Time-ordered; its month is where it is kept. */
  readonly offboardingId: string;
  readonly personId: PersonId;
  readonly source: SourceId;
  readonly kind: DenialKind;
  readonly eventId: string;
  readonly eventTime: EpochMilliseconds;
  readonly receivedAt: EpochMilliseconds;
  /** Absent when the event was older than what its source said last: recorded, not applied. */
  readonly deniedAt?: EpochMilliseconds;
  /** Every certificate of the person has its place on the list to come. */
  readonly revokedAt?: EpochMilliseconds;
  readonly revokedCertificates?: number;
  /** Per endpoint: when two clean lists of connections had been seen. */
  readonly cutAt: Readonly<Record<string, EpochMilliseconds>>;
  readonly terminated: readonly TerminatedConnection[];
  /** Per endpoint: when a list with every serial was confirmed there, and its number. */
  readonly publishedAt: Readonly<
    Record<string, { readonly at: EpochMilliseconds; readonly crlNumber: number }>
  >;
  /** What the source meant, where it said too much at once (`kind` is then `surge`, until an administrator confirms). */
  readonly meant?: 'left' | 'suspended';
  /** An administrator said that a surge is true; `kind` is then what was meant. */
  readonly confirmedAt?: EpochMilliseconds;
  /** The denial was taken back; what was not published is undone. */
  readonly liftedAt?: EpochMilliseconds;
  /** Nothing is left to do; a lift takes it away from who left. */
  readonly closedAt?: EpochMilliseconds;
  readonly actor?: PersonId;
  readonly comment?: string;
  /** Where it was said ahead of its day: the day, and when the portal was told. `receivedAt` is then when it was over. */
  readonly lastDay?: string;
  readonly announcedAt?: EpochMilliseconds;
}

/** `decide` is an administrator's. */
export type OffboardingStep = 'revoke' | 'cut' | 'publish' | 'undo' | 'decide';

/**
 * What is still to be done for a record, in any order; empty when it can be closed.
 *
 * @param endpointIds the endpoints concerned: those that trust the person's certificates' CA
 */
export function openSteps(record: OffboardingRecord, endpointIds: readonly string[]): OffboardingStep[] {
  if (record.deniedAt === undefined || record.closedAt !== undefined) return [];
  if (record.liftedAt !== undefined) return ['undo'];
  const steps: OffboardingStep[] = [];
  const revokes = record.kind === 'left';
  if (revokes && record.revokedAt === undefined) steps.push('revoke');
  if (endpointIds.some((id) => record.cutAt[id] === undefined)) steps.push('cut');
  if (revokes && endpointIds.some((id) => record.publishedAt[id] === undefined)) steps.push('publish');
  if (record.kind === 'surge') steps.push('decide');
  return steps;
}
