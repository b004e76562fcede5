import type { AuditEntry, AuditHead } from '../domain/audit-entry.ts';
import type { PersonId } from '../domain/identity.ts';

/**
 * What was written down of each person, one entry to a change. The stores that make the changes append the entries, in
 * the same transaction; nothing changes or removes one. Every read sees every earlier write.
 */
export interface AuditStore {
  /** Where the chain ends by the word of the person's own record. Undefined for nobody; sequence 0 before the first. */
  findHead(personId: PersonId): Promise<AuditHead | undefined>;
  /**
   * The entries behind a sequence number, in the order in which they are stored. Nothing is verified.
   *
   * @returns `unreadable`: the sort keys of those that are no entries any more
   */
  list(
    personId: PersonId,
    after: number,
    limit: number,
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly unreadable: readonly string[] }>;
  /** Everybody who has a chain, in the order of their ids, behind an id. */
  listPeople(after: PersonId | undefined, limit: number): Promise<PersonId[]>;
}
