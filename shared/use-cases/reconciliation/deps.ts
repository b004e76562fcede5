import type { ReconciliationPolicy, ReconciliationRun } from '../../domain/reconciliation.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { Directory } from '../../ports/directory.ts';
import type { ReconciliationStore, RunLease } from '../../ports/reconciliation-store.ts';
import type { ReceiveEventDeps } from '../receive-event.ts';

export interface ReconcileDeps extends ReceiveEventDeps {
  readonly reconciliations: ReconciliationStore;
  readonly directory: Directory;
  readonly certificates: Pick<CertificateStore, 'listByEnd'>;
  readonly reconciliation: ReconciliationPolicy;
}

/** Somebody else works on the run now. */
export class RunTaken extends Error {
  override readonly name = 'RunTaken';
}

/** A run that somebody works on: what is written is written with her lease. */
export interface Work {
  readonly run: ReconciliationRun;
  readonly holder: string;
}

/** Longer than Lambda lets anybody work; who stops orderly gives it back. */
export const LEASE_MILLISECONDS = 16 * 60_000;

export const leaseOf = ({ clock }: Pick<ReconcileDeps, 'clock'>, { holder }: Work): RunLease => ({
  holder,
  until: clock.now() + LEASE_MILLISECONDS,
});

/** @throws RunTaken */
export async function saved(
  deps: ReconcileDeps,
  work: Work,
  changes: Partial<ReconciliationRun>,
  write: (run: ReconciliationRun, lease: RunLease) => Promise<boolean> = (run, lease) =>
    deps.reconciliations.save(run, lease),
): Promise<Work> {
  const run = { ...work.run, ...changes };
  if (!(await write(run, leaseOf(deps, work)))) throw new RunTaken('another worker has the run');
  return { ...work, run };
}
