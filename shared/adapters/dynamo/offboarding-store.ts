import { monthOfDatedId } from '../../domain/dated-id.ts';
import type { OffboardingRecord } from '../../domain/offboarding.ts';
import { tellingOfClose } from '../../domain/telling.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { OffboardingStore } from '../../ports/offboarding-store.ts';
import { deny, lift, listHolds, recordLate } from './denials.ts';
import {
  findIncident,
  listOpenIncidents,
  openIncident,
  openIncidentForEvent,
  resolveIncident,
} from './incidents.ts';
import {
  eventKey,
  offboardingKey,
  offboardingsPk,
  OPEN_OFFBOARDINGS_PK,
  openOffboardingKey,
} from './keys.ts';
import { findNotedReturn, listNotedReturns, noteReturn } from './noted-returns.ts';
import {
  connectionName,
  noteTelling,
  readEvent,
  readOffboarding,
  terminatedEntry,
} from './offboarding-items.ts';
import { readOpen } from './open-items.ts';
import { dynamoPlanStore } from './plans.ts';
import { confirm, release } from './surge-denials.ts';
import { getItem, listItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { THERE, transact, updateIf } from './writes.ts';
import type { Action, Change } from './writes.ts';
import { closedDraft } from '../../domain/audit-drafts.ts';
import { transactAudited } from './audit-chain.ts';

/** Events, denials and what follows from them, in DynamoDB. */
export const dynamoOffboardingStore = (table: DynamoTable): OffboardingStore => ({
  findEvent: async (source, eventId) => {
    const item = await getItem(table, eventKey(source, eventId));
    return item === undefined ? undefined : readEvent(item);
  },
  deny: (record, event, plan) => deny(table, record, event, plan),
  lift: (personId, sources, event) => lift(table, personId, sources, event),
  ...dynamoPlanStore(table),
  listHolds: () => listHolds(table),
  recordLate: (record, event) => recordLate(table, record, event),
  noteReturn: (alias, event) => noteReturn(table, alias, event),
  findNotedReturn: (alias, source) => findNotedReturn(table, alias, source),
  listNotedReturns: (alias) => listNotedReturns(table, alias),
  confirm: (record, at, by) => confirm(table, record, at, by),
  release: (record, at, by) => release(table, record, at, by),
  find: (offboardingId) => find(table, offboardingId),
  listOpen: () => readOpen(table, OPEN_OFFBOARDINGS_PK, offboardingKey, readOffboarding),
  listByMonth: async (month) => (await listItems(table, offboardingsPk(month))).map(readOffboarding),
  markRevoked: (offboardingId, at, certificates) =>
    mark(table, offboardingId, {
      set: 'SET #at = if_not_exists(#at, :at), #count = if_not_exists(#count, :count)',
      names: { at: 'revokedAt', count: 'revokedCertificates' },
      values: { at, count: certificates },
    }),
  markCut: (offboardingId, endpointId, at) => markInMap(table, offboardingId, 'cutAt', endpointId, at),
  markTerminated: (offboardingId, connection) =>
    markInMap(table, offboardingId, 'terminated', connectionName(connection), terminatedEntry(connection)),
  markPublished: (offboardingId, endpointId, crlNumber, at) =>
    markInMap(table, offboardingId, 'publishedAt', endpointId, { at, crlNumber }),
  close: (offboardingId, at, liftedAt, cut) => close(table, offboardingId, at, liftedAt, cut),
  openIncidentForEvent: (incident, event) => openIncidentForEvent(table, incident, event),
  openIncident: (incident, dedupeKey) => openIncident(table, incident, dedupeKey),
  findIncident: async (incidentId) =>
    monthOfDatedId(incidentId) === undefined ? undefined : findIncident(table, incidentId),
  listOpenIncidents: () => listOpenIncidents(table),
  resolveIncident: async (incidentId, resolution, bindTo) =>
    monthOfDatedId(incidentId) === undefined
      ? 'notFound'
      : resolveIncident(table, incidentId, resolution, bindTo),
});

async function find(table: DynamoTable, offboardingId: string): Promise<OffboardingRecord | undefined> {
  // What a caller typed may be no id at all, and then it is nobody's.
  if (monthOfDatedId(offboardingId) === undefined) return undefined;
  const item = await getItem(table, offboardingKey(offboardingId));
  return item === undefined ? undefined : readOffboarding(item);
}

async function mark(
  table: DynamoTable,
  offboardingId: string,
  change: Pick<Change, 'set' | 'names' | 'values'>,
): Promise<void> {
  const failed = await updateIf(table, offboardingKey(offboardingId), { ...change, ...THERE });
  if (failed !== undefined) throw new Error('no such offboarding to mark');
}

const markInMap = (
  table: DynamoTable,
  offboardingId: string,
  map: 'cutAt' | 'terminated' | 'publishedAt',
  name: string,
  value: unknown,
): Promise<void> =>
  mark(table, offboardingId, {
    set: 'SET #map.#name = if_not_exists(#map.#name, :value)',
    names: { map, name },
    values: { value },
  });

/** The end of a record, and its times in the person's chain. Closed already: only the note goes. */
async function close(
  table: DynamoTable,
  offboardingId: string,
  at: EpochMilliseconds,
  liftedAt: EpochMilliseconds | undefined,
  terminatedConnections: number | undefined,
): Promise<void> {
  const open: Action = { remove: openOffboardingKey(offboardingId) };
  const record = await find(table, offboardingId);
  if (record === undefined) throw new Error('no such offboarding to close');
  if (record.closedAt === undefined) {
    if (record.liftedAt !== liftedAt) return;
    const failed = await transactAudited(table, {
      personId: record.personId,
      draft: closedDraft(record, at, terminatedConnections),
      named: {
        record: { update: offboardingKey(offboardingId), change: closing(at, liftedAt) },
        open,
        telling: noteTelling(tellingOfClose(record)),
      },
    });
    if (failed === undefined) return;
    if (failed.record === undefined)
      throw new Error('nobody with this person id has an offboarding to close');
  }
  // Lifted meanwhile, it is open, or open again.
  await transact(table, {
    open,
    record: { check: offboardingKey(offboardingId), condition: WHILE_CLOSED },
  });
}

const WHILE_CLOSED = { if: 'attribute_exists(#closedAt)', names: ['closedAt'] };

const closing = (at: EpochMilliseconds, liftedAt: EpochMilliseconds | undefined): Change => ({
  set: 'SET #closedAt = :at',
  if: `attribute_exists(pk) AND attribute_not_exists(#closedAt)${liftedAt === undefined ? ' AND attribute_not_exists(#liftedAt)' : ''}`,
  names: liftedAt === undefined ? ['closedAt', 'liftedAt'] : ['closedAt'],
  values: { at },
});
