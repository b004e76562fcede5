import { TELLING_KINDS, type Telling, type TellingNote } from '../../domain/telling.ts';
import { readIncident } from './incidents.ts';
import { ItemReader, type Item } from './item.ts';
import { incidentKey, offboardingKey, planKey, TELLINGS_PK, type Key } from './keys.ts';
import { readOffboarding } from './offboarding-items.ts';
import { readable } from './open-items.ts';
import { readPlan } from './plan-items.ts';
import { getItems, queryItems, type DynamoTable } from './table.ts';

/** See NoticeStore.listTellings. A note or record that cannot be read is told to `onBroken` and left out. */
export async function listTellings(
  table: DynamoTable,
  limit: number,
): Promise<(Telling | { readonly note: TellingNote })[]> {
  const items = await queryItems(
    table,
    { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': TELLINGS_PK } },
    limit,
  );
  const notes = readable(table, items, readNote);
  const found = new Map<string, Item>();
  for (const item of await getItems(table, uniqueKeys(notes))) found.set(String(item['sk']), item);
  return readable(table, notes, (note) => leadFrom(note, found.get(note.id)));
}

function readNote(item: Item): TellingNote {
  const [kind, id = ''] = new ItemReader(item).text('sk').split('#');
  const known = TELLING_KINDS.find((one) => one === kind);
  if (known === undefined || id === '') throw new Error('stored item is broken: a note of no known kind');
  return { kind: known, id };
}

const keyOfLead = ({ kind, id }: TellingNote): Key =>
  kind === 'planned' ? planKey(id) : kind === 'incident' ? incidentKey(id) : offboardingKey(id);

/** One offboarding may be held and closed since; a batch names each key once. */
const uniqueKeys = (notes: readonly TellingNote[]): Key[] => [
  ...new Map(notes.map((note) => [note.id, keyOfLead(note)])).values(),
];

function leadFrom(note: TellingNote, item: Item | undefined): Telling | { readonly note: TellingNote } {
  if (item === undefined) return { note };
  if (note.kind === 'planned') return { note, plan: readPlan(item) };
  if (note.kind === 'incident') return { note, incident: readIncident(item) };
  return { note, offboarding: readOffboarding(item) };
}
