import {
  chained,
  EMPTY_CHAIN,
  type AuditDraft,
  type AuditEntry,
  type AuditHead,
} from '../../../shared/domain/audit-entry.ts';
import type { PersonId } from '../../../shared/domain/identity.ts';
import type { AuditStore } from '../../../shared/ports/audit-store.ts';
import { EMPTY_JOURNAL } from '../../../shared/domain/journal.ts';
import type { JournalStore } from '../../../shared/ports/journal.ts';
import { sortedValues, type MemoryState } from './state.ts';

const headOf = (state: MemoryState, personId: PersonId): AuditHead => {
  const { sequence, sha256Hex } = state.audit.get(personId)?.at(-1) ?? EMPTY_CHAIN;
  return { sequence, sha256Hex };
};

/** Appends to a person's chain what a store has just done. */
export function appendAudit(state: MemoryState, personId: PersonId, draft: AuditDraft): void {
  add(state, chained(personId, headOf(state, personId), draft));
}

function add(state: MemoryState, entry: AuditEntry): void {
  state.audit.set(entry.personId, [...(state.audit.get(entry.personId) ?? []), entry]);
  state.unjournalled.set(noteOf(entry), entry);
}

const noteOf = ({ personId, sequence }: AuditEntry): string =>
  `${personId}#${String(sequence).padStart(12, '0')}`;

/** What was written down of people, in memory, where nothing is unreadable. */
export const memoryAuditStore = (state: MemoryState): AuditStore => ({
  findHead: async (personId) => (state.people.has(personId) ? headOf(state, personId) : undefined),
  list: async (personId, after, limit) => ({
    entries: (state.audit.get(personId) ?? []).filter(({ sequence }) => sequence > after).slice(0, limit),
    unreadable: [],
  }),
  listPeople: async (after = '' as PersonId, limit) =>
    [...state.audit.keys()]
      .sort()
      .filter((personId) => personId > after)
      .slice(0, limit),
});

/** What the table knows of the journal, in memory. */
export const memoryJournalStore = (state: MemoryState): JournalStore => ({
  head: async () => state.journal.head ?? EMPTY_JOURNAL,
  listUnjournalled: async (limit) => sortedValues(state.unjournalled).slice(0, limit),
  record: async (seen, head, entries) => {
    if ((state.journal.head ?? EMPTY_JOURNAL).sha256Hex !== seen.sha256Hex) return false;
    state.journal.head = head;
    for (const entry of entries) state.unjournalled.delete(noteOf(entry));
    return true;
  },
  findEntry: async ({ personId, sequence }) => state.audit.get(personId)?.[sequence - 1],
  append: async (entry) => {
    const head = headOf(state, entry.personId);
    const isNext = head.sequence + 1 === entry.sequence && head.sha256Hex === entry.previousSha256Hex;
    if (!isNext || !state.people.has(entry.personId)) return false;
    add(state, entry);
    return true;
  },
});
