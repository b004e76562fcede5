import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import type { Key } from './keys.ts';
import { getItems, listItems } from './table.ts';
import type { DynamoTable } from './table.ts';

/**
 * Reads what the notes under one partition key lead to, oldest first.
 *
 * A record that is not there or cannot be read is told to `onBroken` and left out: one broken item must not keep
 * every other leaver's from being followed up.
 *
 * @param notesPk partition key of the notes, whose sort keys are the ids
 */
export async function readOpen<T>(
  table: DynamoTable,
  notesPk: string,
  keyOf: (id: string) => Key,
  read: (item: Item) => T,
): Promise<T[]> {
  const notes = await listItems(table, notesPk);
  const keys = readable(table, notes, (note) => keyOf(new ItemReader(note).text('sk')));
  const items = await getItems(table, keys);
  const found = new Map(items.map((item) => [item['sk'], item]));
  return readable(table, keys, ({ sk }) => {
    const item = found.get(sk);
    // It would never be followed up, and nobody would know.
    if (item === undefined) throw new Error(`${notesPk} notes a record that is not there: ${sk}`);
    return read(item);
  });
}

/** Reads each; one that cannot be read is told to `onBroken` and left out. */
export function readable<From, To>(table: DynamoTable, all: readonly From[], read: (one: From) => To): To[] {
  return all.flatMap((one) => {
    try {
      return [read(one)];
    } catch (error) {
      table.onBroken?.(error instanceof Error ? error : new Error('an item cannot be read'));
      return [];
    }
  });
}
