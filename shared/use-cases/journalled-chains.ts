import type { PersonId } from '../domain/identity.ts';
import { assertFollows, EMPTY_JOURNAL, type JournalledChains } from '../domain/journal.ts';
import type { JournalArchive } from '../ports/journal.ts';
import { entriesOf } from './keep-journal.ts';

/**
 * Reads a whole journal, for what the table's chains are compared with.
 *
 * @throws Error where an object of the journal does not follow from the one before it
 */
export async function readJournalledChains(
  archive: Pick<JournalArchive, 'get'>,
): Promise<{ readonly objects: number; readonly chains: JournalledChains }> {
  const chains = new Map<PersonId, Map<number, Set<string>>>();
  let end: Parameters<typeof assertFollows>[1] = EMPTY_JOURNAL;
  for (;;) {
    const found = await archive.get(end.sequence + 1);
    if (found === undefined) return { objects: end.sequence, chains };
    assertFollows(found.object, end);
    for (const { personId, sequence, sha256Hex } of entriesOf(found.object)) {
      const chain = chains.get(personId) ?? new Map<number, Set<string>>();
      chains.set(personId, chain.set(sequence, (chain.get(sequence) ?? new Set()).add(sha256Hex)));
    }
    end = { sequence: found.object.sequence, sha256Hex: found.sha256Hex };
  }
}
