import { parsePersonId, parseSourceId } from '../../domain/identity.ts';
import type { SourceId } from '../../domain/identity.ts';
import type { OffboardingRecord, TerminatedConnection } from '../../domain/offboarding.ts';
import { DENIAL_KINDS } from '../../domain/person.ts';
import type { TellingNote } from '../../domain/telling.ts';
import type { EpochMilliseconds, EpochSeconds } from '../../domain/time.ts';
import type { EventIdentity, EventOutcome } from '../../ports/offboarding-store.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { eventKey, offboardingKey, tellingKey } from './keys.ts';
import type { Action } from './writes.ts';
import { NOT_THERE } from './writes.ts';

/** How long an event is known by its id. Later its time makes it stale: see docs/item-layout.md. */
const EVENT_KEPT_SECONDS = 90 * 86_400;

export const expiryOf = (at: EpochMilliseconds): EpochSeconds => Math.floor(at / 1000) + EVENT_KEPT_SECONDS;

/** Puts the event once, with what became of it. */
export const keepEvent = (
  { source, eventId, bodySha256Hex }: EventIdentity,
  at: EpochMilliseconds,
  outcome: Omit<EventOutcome, keyof EventIdentity> = {},
): Action => ({
  put: {
    ...eventKey(source, eventId),
    source,
    eventId,
    bodySha256Hex,
    offboardingId: outcome.offboardingId,
    incidentId: outcome.incidentId,
    planId: outcome.planId,
    expiresAt: expiryOf(at),
  },
  condition: NOT_THERE,
});

/** Notes that operators are to be told, if they are. */
export const noteTelling = (note: TellingNote | undefined): Action | undefined =>
  note && { put: { ...tellingKey(note) } };

export function readEvent(item: Item): EventOutcome {
  const reader = new ItemReader(item);
  return {
    source: readSource(reader),
    eventId: reader.text('eventId'),
    bodySha256Hex: reader.text('bodySha256Hex'),
    ...reader.optional('offboardingId', (name) => reader.text(name)),
    ...reader.optional('incidentId', (name) => reader.text(name)),
    ...reader.optional('planId', (name) => reader.text(name)),
  };
}

const readSource = (reader: ItemReader): SourceId => reader.parsed('source', parseSourceId);

/** The name of a connection inside the record's map of terminated ones. */
export const connectionName = ({ endpointId, connectionId }: TerminatedConnection): string =>
  `${endpointId}#${connectionId}`;

export const terminatedEntry = (connection: TerminatedConnection): Item => ({
  endpointId: connection.endpointId,
  connectionId: connection.connectionId,
  terminatedAt: connection.terminatedAt,
});

export const offboardingItem = (record: OffboardingRecord): Item => ({
  ...offboardingKey(record.offboardingId),
  offboardingId: record.offboardingId,
  personId: record.personId,
  source: record.source,
  kind: record.kind,
  meant: record.meant,
  eventId: record.eventId,
  eventTime: record.eventTime,
  receivedAt: record.receivedAt,
  deniedAt: record.deniedAt,
  revokedAt: record.revokedAt,
  revokedCertificates: record.revokedCertificates,
  cutAt: { ...record.cutAt },
  terminated: Object.fromEntries(
    record.terminated.map((connection) => [connectionName(connection), terminatedEntry(connection)]),
  ),
  publishedAt: Object.fromEntries(
    Object.entries(record.publishedAt).map(([id, { at, crlNumber }]) => [id, { at, crlNumber }]),
  ),
  confirmedAt: record.confirmedAt,
  liftedAt: record.liftedAt,
  closedAt: record.closedAt,
  actor: record.actor,
  comment: record.comment,
  lastDay: record.lastDay,
  announcedAt: record.announcedAt,
});

const MEANT = ['left', 'suspended'] as const;
const OPTIONAL_TIMES = [
  'deniedAt',
  'revokedAt',
  'revokedCertificates',
  'confirmedAt',
  'liftedAt',
  'closedAt',
  'announcedAt',
] as const;

export function readOffboarding(item: Item): OffboardingRecord {
  const reader = new ItemReader(item);
  const times: { [N in (typeof OPTIONAL_TIMES)[number]]?: number } = {};
  for (const name of OPTIONAL_TIMES) if (reader.has(name)) times[name] = reader.whole(name);
  const cutAt = reader.map('cutAt');
  return {
    offboardingId: reader.text('offboardingId'),
    personId: reader.parsed('personId', parsePersonId),
    source: readSource(reader),
    kind: reader.oneOf('kind', DENIAL_KINDS),
    ...reader.optional('meant', (name) => reader.oneOf(name, MEANT)),
    eventId: reader.text('eventId'),
    eventTime: reader.whole('eventTime'),
    receivedAt: reader.whole('receivedAt'),
    ...times,
    cutAt: Object.fromEntries(Object.keys(cutAt.item).map((id) => [id, cutAt.whole(id)])),
    terminated: reader
      .entries('terminated')
      .map(([, entry]) => ({
        endpointId: entry.text('endpointId'),
        connectionId: entry.text('connectionId'),
        terminatedAt: entry.whole('terminatedAt'),
      }))
      .sort((a, b) => a.terminatedAt - b.terminatedAt),
    publishedAt: Object.fromEntries(
      reader
        .entries('publishedAt')
        .map(([id, entry]) => [id, { at: entry.whole('at'), crlNumber: entry.whole('crlNumber') }]),
    ),
    ...reader.optional('actor', (name) => reader.parsed(name, parsePersonId)),
    ...reader.optional('comment', (name) => reader.text(name)),
    ...reader.optional('lastDay', (name) => reader.text(name)),
  };
}
