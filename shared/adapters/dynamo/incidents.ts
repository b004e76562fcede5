import { lookOf } from '../../domain/confusable.ts';
import { ALIAS_KINDS, parsePersonId, parseSourceId } from '../../domain/identity.ts';
import type { Alias, PersonId } from '../../domain/identity.ts';
import { INCIDENT_KINDS } from '../../domain/incident.ts';
import type { Incident } from '../../domain/incident.ts';
import type { EventIdentity, OffboardingStore } from '../../ports/offboarding-store.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import {
  aliasKey,
  incidentDedupeKey,
  incidentKey,
  OPEN_INCIDENTS_PK,
  openIncidentKey,
  personKey,
} from './keys.ts';
import { keepEvent, noteTelling } from './offboarding-items.ts';
import { aliasEntry, aliasName } from './person-items.ts';
import { findAliasOwner } from './person-store.ts';
import { readOpen } from './open-items.ts';
import { backOff, getItem } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, THERE, transact } from './writes.ts';
import type { Action } from './writes.ts';

const EVENT_KINDS = ['left', 'suspended', 'returned'] as const;
const DECISIONS = ['bind', 'dismiss', 'mended', 'confirm', 'release'] as const;

const incidentItem = (incident: Incident, dedupeKey?: string): Item => ({
  ...incidentKey(incident.incidentId),
  incidentId: incident.incidentId,
  kind: incident.kind,
  openedAt: incident.openedAt,
  source: incident.source,
  alias: incident.alias && aliasEntry(incident.alias),
  personId: incident.personId,
  endpointId: incident.endpointId,
  event: incident.event && { ...incident.event },
  words: incident.words,
  resolution: incident.resolution && { ...incident.resolution },
  dedupeKey,
});

export function readIncident(item: Item): Incident {
  const reader = new ItemReader(item);
  return {
    incidentId: reader.text('incidentId'),
    kind: reader.oneOf('kind', INCIDENT_KINDS),
    openedAt: reader.whole('openedAt'),
    ...reader.optional('source', (name) => reader.parsed(name, parseSourceId)),
    ...reader.optional('alias', (name): Alias => {
      const alias = reader.map(name);
      return { kind: alias.oneOf('kind', ALIAS_KINDS), value: alias.text('value') };
    }),
    ...reader.optional('personId', (name) => reader.parsed(name, parsePersonId)),
    ...reader.optional('endpointId', (name) => reader.text(name)),
    ...reader.optional('event', (name) => readIncidentEvent(reader.map(name))),
    words: reader.text('words'),
    ...reader.optional('resolution', (name) => readResolution(reader.map(name))),
  };
}

const readIncidentEvent = (reader: ItemReader): NonNullable<Incident['event']> => ({
  eventId: reader.text('eventId'),
  kind: reader.oneOf('kind', EVENT_KINDS),
  eventTime: reader.whole('eventTime'),
});

const readResolution = (reader: ItemReader): NonNullable<Incident['resolution']> => ({
  at: reader.whole('at'),
  actor: reader.parsed('actor', (text) => (text === 'portal' ? 'portal' : parsePersonId(text))),
  decision: reader.oneOf('decision', DECISIONS),
  ...reader.optional('comment', (name) => reader.text(name)),
});

/** See OffboardingStore.openIncidentForEvent. */
export async function openIncidentForEvent(
  table: DynamoTable,
  incident: Incident & { readonly alias: Alias },
  event: EventIdentity,
): Promise<'opened' | 'duplicate' | 'aliasOwned'> {
  const { incidentId } = incident;
  const failed = await transact(table, {
    event: keepEvent(event, incident.openedAt, { incidentId }),
    alias: hold(incident.alias, incidentId, {
      if: 'attribute_not_exists(#personId) OR attribute_exists(#held)',
      names: { personId: 'personId' },
    }),
    ...incidentPuts(incident),
  });
  if (failed === undefined) return 'opened';
  if (failed.event !== undefined) return 'duplicate';
  if (failed.alias !== undefined) return 'aliasOwned';
  throw new Error('an incident with this id is there already');
}

/** A set, since several incidents may concern one alias: it is free when all of them are decided. */
const hold = (
  alias: Alias,
  incidentId: string,
  onlyIf?: { readonly if: string; readonly names: Readonly<Record<string, string>> },
): Action => ({
  update: aliasKey(alias),
  change: {
    ...onlyIf,
    set: 'ADD #held :incident',
    names: { ...onlyIf?.names, held: 'heldByIncidentIds' },
    values: { incident: new Set([incidentId]) },
  },
});

const incidentPuts = (
  incident: Incident,
  dedupeKey?: string,
): Readonly<Record<'incident' | 'open' | 'telling', Action | undefined>> => ({
  incident: { put: incidentItem(incident, dedupeKey), condition: NOT_THERE },
  open: { put: { ...openIncidentKey(incident.incidentId) } },
  telling: noteTelling({ kind: 'incident', id: incident.incidentId }),
});

/** See OffboardingStore.openIncident. */
export async function openIncident(
  table: DynamoTable,
  incident: Incident,
  dedupeKey: string,
): Promise<{ incidentId: string; opened: boolean }> {
  const { incidentId, alias } = incident;
  const failed = await transact(
    table,
    {
      dedupe: { put: { ...incidentDedupeKey(dedupeKey), incidentId }, condition: NOT_THERE },
      ...incidentPuts(incident, dedupeKey),
    },
    // Whoever owns it keeps it; but until somebody decides nobody else may claim it.
    alias === undefined ? [] : [hold(alias, incidentId)],
  );
  if (failed === undefined) return { incidentId, opened: true };
  const earlier = failed.dedupe?.old?.['incidentId']?.S;
  if (earlier === undefined) throw new Error('an incident with this id is there already');
  return { incidentId: earlier, opened: false };
}

export async function findIncident(table: DynamoTable, incidentId: string): Promise<Incident | undefined> {
  const item = await getItem(table, incidentKey(incidentId));
  return item === undefined ? undefined : readIncident(item);
}

export const listOpenIncidents = (table: DynamoTable): Promise<Incident[]> =>
  readOpen(table, OPEN_INCIDENTS_PK, incidentKey, readIncident);

type Resolve = OffboardingStore['resolveIncident'];

/** See OffboardingStore.resolveIncident. */
export async function resolveIncident(
  table: DynamoTable,
  ...[incidentId, resolution, bindTo]: Parameters<Resolve>
): ReturnType<Resolve> {
  for (let attempt = 1; ; attempt += 1) {
    const item = await getItem(table, incidentKey(incidentId));
    if (item === undefined) return 'notFound';
    const incident = readIncident(item);
    if (incident.resolution !== undefined) return 'alreadyResolved';
    const { alias } = incident;
    if (bindTo !== undefined && alias === undefined)
      throw new Error('an incident without an alias binds nobody');
    const failed = await transact<string>(table, {
      incident: {
        update: incidentKey(incidentId),
        change: {
          set: 'SET #resolution = :resolution',
          if: 'attribute_not_exists(#resolution)',
          names: ['resolution'],
          values: { resolution: { ...resolution } },
        },
      },
      open: { remove: openIncidentKey(incidentId) },
      ...forgetDedupe(item),
      ...(alias === undefined ? {} : await settleAlias(table, incident, alias, bindTo)),
    });
    if (failed === undefined) return 'resolved';
    if (failed['boundPerson'] !== undefined) throw new Error('nobody with this person id can be bound');
    // Decided by another, or the alias changed hands, after we looked: look again.
    if (!(await backOff(table, attempt)))
      throw new Error('an incident cannot be resolved: its alias keeps changing');
  }
}

function forgetDedupe(item: Item): { dedupe?: Action } {
  const reader = new ItemReader(item);
  return reader.has('dedupeKey') ? { dedupe: { remove: incidentDedupeKey(reader.text('dedupeKey')) } } : {};
}

/**
 * Ends the hold of an incident on its alias, and makes it somebody's where that was decided. What the incident's source
 * said against the alias is decided with it.
 */
async function settleAlias(
  table: DynamoTable,
  { incidentId, source }: Incident,
  alias: Alias,
  bindTo: PersonId | undefined,
): Promise<Record<string, Action>> {
  const endHold = `DELETE #held :incident${source === undefined ? '' : ', #denied :source'}`;
  const values = {
    incident: new Set([incidentId]),
    ...(source === undefined ? {} : { source: new Set([source]) }),
  };
  const denied = source === undefined ? {} : { denied: 'deniedBySources' };
  if (bindTo === undefined) {
    const names = { held: 'heldByIncidentIds', ...denied };
    return { alias: { update: aliasKey(alias), change: { set: endHold, names, values } } };
  }
  const owner = (await findAliasOwner(table, alias))?.personId;
  const isStillTheirs = owner === undefined ? 'attribute_not_exists(#owner)' : '#owner = :owner';
  return {
    alias: {
      update: aliasKey(alias),
      change: {
        set: `SET #owner = :bindTo ${endHold}`,
        if: isStillTheirs,
        names: { held: 'heldByIncidentIds', owner: 'personId', ...denied },
        values: { ...values, bindTo, ...(owner === undefined ? {} : { owner }) },
      },
    },
    boundPerson: {
      update: personKey(bindTo),
      change: {
        set: 'SET #aliases.#alias = :alias',
        ...THERE,
        names: { aliases: 'aliases', alias: aliasName(alias) },
        values: { alias: aliasEntry(alias) },
      },
    },
    ...(owner === undefined || owner === bindTo ? {} : { formerOwner: dropAlias(owner, alias) }),
    ...(await settleLook(table, alias, bindTo)),
  };
}

/** Once somebody said whose it is, the name that it looks like is kept for her too, unless it is somebody's. */
async function settleLook(
  table: DynamoTable,
  alias: Alias,
  bindTo: PersonId,
): Promise<Record<string, Action>> {
  const look = lookOf(alias);
  if (look.value === alias.value || (await findAliasOwner(table, look))?.personId !== undefined) return {};
  return {
    look: {
      update: aliasKey(look),
      change: {
        set: 'SET #lookalike = :bindTo',
        if: 'attribute_not_exists(#owner)',
        names: { owner: 'personId', lookalike: 'lookalikeOwner' },
        values: { bindTo },
      },
    },
  };
}

const dropAlias = (owner: PersonId, alias: Alias): Action => ({
  update: personKey(owner),
  change: {
    set: 'REMOVE #aliases.#alias',
    ...THERE,
    names: { aliases: 'aliases', alias: aliasName(alias) },
  },
});
