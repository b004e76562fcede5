import type {
  ActedOn,
  DirectoryEntry,
  Finding,
  ReconciliationHistory,
  ReconciliationRun,
  ReconciliationWish,
} from '../domain/reconciliation.ts';
import type { PersonId } from '../domain/identity.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** The right to work on the one run that is not over. */
export interface RunLease {
  /** Of whoever works on it; random. */
  readonly holder: string;
  readonly until: EpochMilliseconds;
}

/** Comparisons with the directory: one at a time. Every read sees every earlier write. */
export interface ReconciliationStore {
  /** Asks for a run. An administrator's wish takes the place of any; another only that of none. */
  wish(wish: ReconciliationWish): Promise<void>;
  wished(): Promise<ReconciliationWish | undefined>;

  /** The run that is not over, and until when somebody works on it. */
  current(): Promise<{ readonly run: ReconciliationRun; readonly leaseUntil: EpochMilliseconds } | undefined>;
  /** The last run that is over, and what is remembered of those before. */
  history(): Promise<ReconciliationHistory | undefined>;
  find(runId: string): Promise<ReconciliationRun | undefined>;

  /** Begins a run, only while there is none; the wish that it fulfils is gone with it. @returns whether it did */
  start(run: ReconciliationRun, lease: RunLease, fulfils?: ReconciliationWish): Promise<boolean>;
  /** Takes a run over whose worker is gone. @returns whether it did */
  take(runId: string, lease: RunLease, at: EpochMilliseconds): Promise<boolean>;

  /*
   * Whoever works on a run writes with its lease, and learns with `false` that it is another's now: nothing is written
   * then.
   */

  /** Keeps a page of the directory with the run that has it, for two days; it takes the place of one with the same number. */
  keepPage(
    run: ReconciliationRun,
    page: { readonly number: number; readonly entries: readonly DirectoryEntry[] },
    lease: RunLease,
  ): Promise<boolean>;
  /** @param count so many pages, from the first: a run that began anew may have left more */
  pages(runId: string, count: number): Promise<DirectoryEntry[]>;
  /** Keeps a part of the findings, for 400 days. */
  keepFindings(
    run: ReconciliationRun,
    part: { readonly number: number; readonly findings: readonly Finding[] },
    lease: RunLease,
  ): Promise<boolean>;
  findings(runId: string, part: number): Promise<Finding[]>;
  /** On what comparisons acted, of everybody whom the directory has not had again since. */
  listActedOn(): Promise<ActedOn[]>;
  /** In the place of an earlier one of hers. */
  keepActedOn(acted: ActedOn): Promise<void>;
  forgetActedOn(personId: PersonId): Promise<void>;
  save(run: ReconciliationRun, lease: RunLease): Promise<boolean>;
  /** Ends a run. */
  finish(run: ReconciliationRun, history: ReconciliationHistory, lease: RunLease): Promise<boolean>;
}
