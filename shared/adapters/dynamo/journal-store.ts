import { parsePersonId } from '../../domain/identity.ts';
import { EMPTY_JOURNAL, type JournalHead } from '../../domain/journal.ts';
import type { JournalStore } from '../../ports/journal.ts';
import { appendEntry } from './audit-chain.ts';
import { findAuditEntry } from './audit-store.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { journalKey, UNJOURNALLED_PK, unjournalledKey } from './keys.ts';
import { getItem, queryItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { transact } from './writes.ts';
import type { Action, NamedActions } from './writes.ts';

/** What the table knows of the journal, in DynamoDB. */
export const dynamoJournalStore = (table: DynamoTable): JournalStore => ({
  head: async () => {
    const item = await getItem(table, journalKey);
    return item === undefined ? EMPTY_JOURNAL : readHead(item);
  },
  listUnjournalled: async (limit) => {
    const query = {
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': UNJOURNALLED_PK },
    };
    const notes = await queryItems(table, query, limit);
    return Promise.all(
      notes.map(async (note) => {
        const entry = await findAuditEntry(table, ...placeOf(note));
        // The journal would have a gap, and nobody would know.
        if (entry === undefined) throw new Error('an entry that is to be journalled is missing');
        return entry;
      }),
    );
  },
  record: async (seen, head, entries) => {
    const named: NamedActions<'head'> = {
      head: {
        put: { ...journalKey, ...head, lists: { ...head.lists } },
        condition:
          seen.sequence === 0
            ? { if: 'attribute_not_exists(pk)' }
            : { if: '#sha256Hex = :seen', names: ['sha256Hex'], values: { seen: seen.sha256Hex } },
      },
    };
    const notes = entries.map(({ personId, sequence }): Action => ({
      remove: unjournalledKey(personId, sequence),
    }));
    return (await transact(table, named, notes)) === undefined;
  },
  findEntry: ({ personId, sequence }) => findAuditEntry(table, personId, sequence),
  append: (entry) => appendEntry(table, entry),
});

function placeOf(note: Item): [Parameters<typeof findAuditEntry>[1], number] {
  const [id = '', sequence = ''] = new ItemReader(note).text('sk').split('#');
  const personId = parsePersonId(id);
  if (personId === undefined || !/^\d{12}$/.test(sequence))
    throw new Error('a note for the journal is broken');
  return [personId, Number(sequence)];
}

function readHead(item: Item): JournalHead {
  const reader = new ItemReader(item);
  const lists = reader.map('lists');
  return {
    sequence: reader.whole('sequence'),
    sha256Hex: reader.text('sha256Hex'),
    lists: Object.fromEntries(Object.keys(lists.item).map((id) => [id, lists.whole(id)])),
    ...reader.optional('day', (name) => reader.text(name)),
    ...reader.optional('dayFrom', (name) => reader.whole(name)),
  };
}
