import { parsePersonId, type PersonId, type SourceId } from '../../domain/identity.ts';
import type { OffboardingRecord } from '../../domain/offboarding.ts';
import { isHold, type Denial, type Hold } from '../../domain/person.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { DenyOutcome, EventIdentity, LiftOutcome } from '../../ports/offboarding-store.ts';
import { ItemReader } from './item.ts';
import { eventKey, holdKey, HOLDS_PK, offboardingKey, openOffboardingKey, personKey } from './keys.ts';
import { keepEvent, offboardingItem } from './offboarding-items.ts';
import { denialEntry } from './person-items.ts';
import { readable } from './open-items.ts';
import { findStoredPerson } from './person-store.ts';
import { backOff, listItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, THERE, transact } from './writes.ts';
import type { Action, Change } from './writes.ts';

/** A transaction has at most 100 actions: record and note of each, and the person and the event. */
const LIFTED_AT_ONCE = 45;

/**
 * An event counts unless its source said something later before. At the same time the later arrival counts: sources
 * that know only days correct themselves within one.
 */
const unlessStale = {
  if: '(attribute_not_exists(#heard.#source) OR #heard.#source <= :eventTime)',
  names: { heard: 'heard' },
};

/** See OffboardingStore.deny. */
export async function deny(
  table: DynamoTable,
  record: OffboardingRecord,
  event: EventIdentity,
): Promise<DenyOutcome> {
  const { offboardingId, personId, source, eventTime, receivedAt } = record;
  if (record.deniedAt === undefined) throw new Error('a record without deniedAt would never be followed up');
  const eventPut = keepEvent(event, receivedAt, { offboardingId });
  const failed = await transact(table, {
    event: eventPut,
    person: {
      update: personKey(personId),
      change: {
        set: 'SET #denials.#id = :denial, #heard.#source = :eventTime, #changes = #changes + :one',
        if: `attribute_exists(pk) AND ${unlessStale.if}`,
        names: {
          ...unlessStale.names,
          denials: 'denials',
          id: offboardingId,
          source,
          changes: 'denialChanges',
        },
        values: { denial: denialEntry(record), eventTime, one: 1 },
      },
    },
    record: { put: offboardingItem(record), condition: NOT_THERE },
    open: { put: { ...openOffboardingKey(offboardingId) } },
    hold: isHold(record)
      ? { put: { ...holdKey(offboardingId), personId, since: record.deniedAt } }
      : undefined,
  });
  if (failed === undefined) return 'denied';
  if (failed.event !== undefined) return 'duplicate';
  if (failed.person === undefined) throw new Error('an offboarding with this id is there already');
  if (failed.person.old === undefined) throw new Error('nobody with this person id can be denied');
  const { deniedAt: _, ...recorded } = record;
  const late = await transact(table, {
    event: eventPut,
    record: { put: offboardingItem(recorded), condition: NOT_THERE },
  });
  return late?.event === undefined ? 'stale' : 'duplicate';
}

type LiftEvent = EventIdentity & { readonly eventTime: EpochMilliseconds; readonly at: EpochMilliseconds };

/** See OffboardingStore.lift. */
export async function lift(
  table: DynamoTable,
  personId: PersonId,
  sources: 'all' | SourceId,
  event: LiftEvent,
): Promise<LiftOutcome> {
  const lifted: Denial[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const known = await findStoredPerson(table, personId);
    if (known === undefined) throw new Error('nobody with this person id can be reinstated');
    const concerned = known.person.denials.filter(({ source }) => sources === 'all' || source === sources);
    const denials = concerned.slice(0, LIFTED_AT_ONCE);
    // More than one transaction takes: the event is kept with the last, so that a crash before it is tried again.
    const isLast = denials.length === concerned.length;
    const failed = await transact<string>(table, {
      event: isLast
        ? keepEvent(event, event.at)
        : { check: eventKey(event.source, event.eventId), condition: NOT_THERE },
      person: { update: personKey(personId), change: removal(event, denials, known.denialChanges) },
      ...Object.fromEntries(
        denials.map(({ offboardingId }) => [offboardingId, markLifted(offboardingId, event.at)]),
      ),
      ...Object.fromEntries(
        denials.filter(isHold).map(({ offboardingId }) => [`hold ${offboardingId}`, endHold(offboardingId)]),
      ),
    });
    if (failed === undefined) {
      lifted.push(...denials);
      if (!isLast) continue;
      return lifted.length > 0 ? { outcome: 'lifted', lifted } : { outcome: 'nothingToLift' };
    }
    if (failed['event'] !== undefined) return { outcome: 'duplicate' };
    if (failed['person'] === undefined) throw new Error('a denial has no record');
    const heard = Number(failed['person'].old?.['heard']?.M?.[event.source]?.N ?? 0);
    if (heard > event.eventTime) return recordStale(table, event);
    // The denials changed after we looked: look again.
    if (!(await backOff(table, attempt))) throw new Error('denials cannot be lifted: they keep changing');
  }
}

/** An event without effect is remembered all the same: its id can come again. */
async function recordStale(table: DynamoTable, event: LiftEvent): Promise<LiftOutcome> {
  const failed = await transact(table, { event: keepEvent(event, event.at) });
  return { outcome: failed === undefined ? 'stale' : 'duplicate' };
}

/**
 * Takes denials off the person. Only while they are those that were read: a denial that came in between, though
 * its event is older than this one, would otherwise stay for good.
 */
function removal(event: LiftEvent, denials: readonly Denial[], denialChanges: number): Change {
  const removed = denials.map((_, index) => `#denials.#d${index}`);
  return {
    set: [
      'SET #heard.#source = :eventTime, #changes = #changes + :one',
      ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
    ].join(' '),
    if: `attribute_exists(pk) AND #changes = :seen AND ${unlessStale.if}`,
    names: {
      ...unlessStale.names,
      source: event.source,
      changes: 'denialChanges',
      ...(removed.length > 0 ? { denials: 'denials' } : {}),
      ...Object.fromEntries(denials.map(({ offboardingId }, index) => [`d${index}`, offboardingId])),
    },
    values: { eventTime: event.eventTime, one: 1, seen: denialChanges },
  };
}

/** See OffboardingStore.listHolds. */
export const listHolds = async (table: DynamoTable): Promise<Hold[]> =>
  readable(table, await listItems(table, HOLDS_PK), (item) => {
    const reader = new ItemReader(item);
    return {
      offboardingId: reader.text('sk'),
      personId: reader.parsed('personId', parsePersonId),
      since: reader.whole('since'),
    };
  });

const markLifted = (offboardingId: string, at: EpochMilliseconds): Action => ({
  update: offboardingKey(offboardingId),
  change: {
    set: 'SET #liftedAt = if_not_exists(#liftedAt, :at)',
    ...THERE,
    names: ['liftedAt'],
    values: { at },
  },
});

const endHold = (offboardingId: string): Action => ({ remove: holdKey(offboardingId) });
