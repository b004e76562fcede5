import type { SourceId } from '../domain/identity.ts';
import type { ExpectedLeavers, SurgeContext, SurgeSettlement } from '../domain/surge.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** How many people each source has denied lately, and what administrators say of it. Every read sees every write. */
export interface SurgeStore {
  /**
   * Counts one more person whom a source denies: one write and one read, at no item that another source or any
   * person shares. Whoever dies after it is counted all the same, which errs on the safe side.
   *
   * @returns how many within the window that ends now, this one among them; the window is right to five minutes
   */
  count(source: SourceId, at: EpochMilliseconds): Promise<number>;
  /** The same without counting. */
  counted(source: SourceId, at: EpochMilliseconds): Promise<number>;

  context(source: SourceId): Promise<SurgeContext>;
  /** Takes the place of what was expected before. */
  expect(source: SourceId, expected: ExpectedLeavers): Promise<void>;
  /** When they were counted last, if ever. */
  holdersCountedAt(): Promise<EpochMilliseconds | undefined>;
  keepHolders(holders: number, countedAt: EpochMilliseconds): Promise<void>;

  /** Writes down what an administrator decided; it stays open until every record is settled. */
  addSettlement(settlement: SurgeSettlement): Promise<void>;
  /** Oldest first. One that cannot be read is reported by the store and left out. */
  listOpenSettlements(): Promise<SurgeSettlement[]>;
  closeSettlement(settlement: SurgeSettlement, at: EpochMilliseconds): Promise<void>;
}
