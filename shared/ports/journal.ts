import type { AuditEntry } from '../domain/audit-entry.ts';
import type { JournalHead, JournalObject } from '../domain/journal.ts';

/** What the table knows of the journal. Every read sees every earlier write. */
export interface JournalStore {
  /** Where the journal ends by the table's word. */
  head(): Promise<JournalHead>;
  /** Entries that no object has yet, each noted in the transaction that wrote it; in no order. */
  listUnjournalled(limit: number): Promise<AuditEntry[]>;
  /**
   * Notes an object as written, and that the journal has its entries, in one transaction; only from the head that was
   * seen.
   *
   * @param entries at most 90
   * @returns false where somebody else noted one first
   */
  record(seen: JournalHead, head: JournalHead, entries: readonly AuditEntry[]): Promise<boolean>;
  /** One entry of a person's chain. */
  findEntry(entry: Pick<AuditEntry, 'personId' | 'sequence'>): Promise<AuditEntry | undefined>;
  /** Appends an entry of the journal as it is, only where the chain ends right before it. @returns whether it did */
  append(entry: AuditEntry): Promise<boolean>;
}

/** Where the journal is kept, and nothing is changed or deleted for years. */
export interface JournalArchive {
  /** Writes an object once. @returns its SHA-256 in hex; undefined where there is one of that number */
  put(object: JournalObject): Promise<string | undefined>;
  get(sequence: number): Promise<{ readonly object: JournalObject; readonly sha256Hex: string } | undefined>;
}
