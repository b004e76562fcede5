import type { CertificateId } from '../domain/certificate-id.ts';
import type { Telling, TellingNote } from '../domain/telling.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** The right to send notices until a time. */
export interface NoticeTurn {
  readonly until: EpochMilliseconds;
  /** When the ends of certificates were looked at last, and everybody told. */
  readonly lookedAt?: EpochMilliseconds;
  /** What had failed when the last turn ended, and operators had been told of; as the teller names it. */
  readonly failing: readonly string[];
}

/** Who is to be told what. Every read sees every earlier write. */
export interface NoticeStore {
  /** @returns undefined while somebody else has the turn */
  takeTurn(at: EpochMilliseconds, until: EpochMilliseconds): Promise<NoticeTurn | undefined>;
  /** Ends one's own turn; somebody else's, after one's own was over, stays. What is not given stays as it was. */
  endTurn(turn: Pick<NoticeTurn, 'until'> & Partial<NoticeTurn>): Promise<void>;
  /**
   * What operators are to be told of, in no order: noted with it. Where a note leads to nothing any more, a plan that
   * was cancelled, say, there is the note alone.
   */
  listTellings(limit: number): Promise<(Telling | { readonly note: TellingNote })[]>;
  markTellings(notes: readonly TellingNote[]): Promise<void>;
  /** Certificates that were issued and whose holders were not told, in no order. */
  listUntold(limit: number): Promise<CertificateId[]>;
  markTold(certificateId: CertificateId): Promise<void>;
  /** Notes for which reminder the holder was written to; never goes back to an earlier one. */
  markReminded(certificateId: CertificateId, days: number): Promise<void>;
}
