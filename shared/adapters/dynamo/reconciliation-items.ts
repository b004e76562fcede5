import { parsePersonId } from '../../domain/identity.ts';
import {
  ABSENCES,
  FINDING_KINDS,
  FINDING_OUTCOMES,
  RECONCILIATION_MODES,
  RECONCILIATION_REASONS,
  STANDINGS,
  type ActedOn,
  type DirectoryEntry,
  type Finding,
  type ReconciliationHistory,
  type ReconciliationRun,
  type ReconciliationWish,
} from '../../domain/reconciliation.ts';
import { ItemReader, type Item } from './item.ts';

const RUN_STATES = ['reading', 'acting', 'done', 'failed'] as const;
const WISH_REASONS = ['administrator', 'refusedEvents'] as const;

export function readRun(item: Item): ReconciliationRun {
  const reader = new ItemReader(item);
  return {
    runId: reader.text('runId'),
    reason: reader.oneOf('reason', RECONCILIATION_REASONS),
    ...reader.optional('by', (name) => reader.parsed(name, parsePersonId)),
    mode: reader.oneOf('mode', RECONCILIATION_MODES),
    dryRun: readFlag(reader, 'dryRun'),
    evenIfMany: readFlag(reader, 'evenIfMany'),
    state: reader.oneOf('state', RUN_STATES),
    startedAt: reader.whole('startedAt'),
    ...reader.optional('endedAt', (name) => reader.whole(name)),
    ...reader.optional('asOf', (name) => reader.whole(name)),
    ...reader.optional('cursor', (name) => reader.text(name)),
    pages: reader.whole('pages'),
    entries: reader.whole('entries'),
    active: reader.whole('active'),
    failures: reader.whole('failures'),
    compared: reader.whole('compared'),
    found: readCounts(reader.map('found'), FINDING_KINDS),
    parts: reader.whole('parts'),
    partsDone: reader.whole('partsDone'),
    outcomes: readCounts(reader.map('outcomes'), FINDING_OUTCOMES),
    ...reader.optional('failure', (name) => reader.text(name)),
  };
}

export function readWish(item: Item): ReconciliationWish {
  const reader = new ItemReader(item);
  return {
    reason: reader.oneOf('reason', WISH_REASONS),
    at: reader.whole('at'),
    ...reader.optional('by', (name) => reader.parsed(name, parsePersonId)),
    ...reader.optional('mode', (name) => reader.oneOf(name, RECONCILIATION_MODES)),
    ...reader.optional('dryRun', (name) => readFlag(reader, name)),
    ...reader.optional('evenIfMany', (name) => readFlag(reader, name)),
  };
}

export function readHistory(item: Item): ReconciliationHistory {
  const reader = new ItemReader(item);
  return {
    runId: reader.text('runId'),
    startedAt: reader.whole('startedAt'),
    ...reader.optional('unaskedAt', (name) => reader.whole(name)),
    ...reader.optional('active', (name) => reader.whole(name)),
  };
}

function readFlag(reader: ItemReader, name: string): boolean {
  const value = reader.item[name];
  return typeof value === 'boolean' ? value : reader.broken(name);
}

const readCounts = <Kind extends string>(reader: ItemReader, kinds: readonly Kind[]): Record<Kind, number> =>
  // A kind that is newer than the run was not counted in it.
  Object.fromEntries(kinds.map((kind) => [kind, reader.has(kind) ? reader.whole(kind) : 0])) as Record<
    Kind,
    number
  >;

/** `active <key> <key>`: a page of a thousand people is some 40 KB so. */
export const entryText = ({ standing, keys }: DirectoryEntry): string => [standing, ...keys].join(' ');

export function readEntries(item: Item): DirectoryEntry[] {
  const reader = new ItemReader(item);
  return reader.texts('people').map((text) => {
    const [first, ...keys] = text.split(' ');
    const standing = STANDINGS.find((one) => one === first) ?? reader.broken('people');
    return { standing, keys };
  });
}

/** `<personId> <kind> <certificates>`, and of who is kept since when. */
export const findingText = ({ personId, kind, certificates, since }: Finding): string =>
  [personId, kind, certificates, ...(since === undefined ? [] : [since])].join(' ');

export function readActedOn(item: Item): ActedOn {
  const reader = new ItemReader(item);
  return {
    personId: reader.parsed('sk', parsePersonId),
    absence: reader.oneOf('absence', ABSENCES),
    since: reader.whole('since'),
  };
}

export function readFindings(item: Item): Finding[] {
  const reader = new ItemReader(item);
  return reader.texts('findings').map((text) => {
    const [id = '', word, count = '', since] = text.split(' ');
    const whole = (digits: string): number =>
      /^\d{1,16}$/.test(digits) ? Number(digits) : reader.broken('findings');
    const personId = parsePersonId(id) ?? reader.broken('findings');
    const kind = FINDING_KINDS.find((one) => one === word) ?? reader.broken('findings');
    return {
      personId,
      kind,
      certificates: whole(count),
      ...(since === undefined ? {} : { since: whole(since) }),
    };
  });
}
