import { assertMayRead, assertMayWrite, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import { DomainError } from '../../domain/errors.ts';
import type {
  Finding,
  ReconciliationMode,
  ReconciliationRun,
  ReconciliationWish,
} from '../../domain/reconciliation.ts';
import { secondsFrom } from '../../domain/time.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import type { ReconciliationStore } from '../../ports/reconciliation-store.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface ReconciliationReadDeps {
  readonly people: Pick<PersonStore, 'find' | 'findAliasOwner'>;
  readonly reconciliations: Pick<ReconciliationStore, 'wished' | 'current' | 'history' | 'find' | 'findings'>;
  readonly hasDirectory: boolean;
  readonly access: AccessPolicy;
}

export interface ReconciliationReport {
  readonly hasDirectory: boolean;
  /** Asked for, and not begun. */
  readonly wished?: ReconciliationWish;
  readonly current?: ReconciliationRun;
  /** The last run that is over, and a part of what it found. */
  readonly last?: ReconciliationRun;
  readonly findings: readonly Finding[];
  readonly next?: string;
}

/**
 * What became of the comparisons with the directory: the one that is at work, the last that is over, and a page of
 * what that one found.
 *
 * @param cursor the `next` of the page before
 * @throws DomainError notAllowed, malformedRequest
 */
export async function readReconciliation(
  deps: ReconciliationReadDeps,
  caller: Caller,
  cursor?: string,
): Promise<ReconciliationReport> {
  assertMayRead(caller, deps.access);
  await assertCallerInGoodStanding(deps.people, caller);
  const { reconciliations, hasDirectory } = deps;
  const place = cursor === undefined ? undefined : placeFrom(cursor);
  const [wished, current, history] = [
    await reconciliations.wished(),
    await reconciliations.current(),
    await reconciliations.history(),
  ];
  const runId = place?.runId ?? history?.runId;
  const last = runId === undefined ? undefined : await reconciliations.find(runId);
  const part = place?.part ?? 0;
  return {
    hasDirectory,
    ...(wished === undefined ? {} : { wished }),
    ...(current === undefined ? {} : { current: current.run }),
    ...(last === undefined ? {} : { last }),
    findings: last === undefined ? [] : await reconciliations.findings(last.runId, part),
    ...(last === undefined || part + 1 >= last.parts ? {} : { next: `${last.runId}-${part + 1}` }),
  };
}

function placeFrom(cursor: string): { runId: string; part: number } {
  const [, runId, part] = /^([0-9a-z]{26})-(\d{1,6})$/.exec(cursor) ?? [];
  if (runId === undefined) {
    throw new DomainError('malformedRequest', 'the cursor is not one that an earlier page gave');
  }
  return { runId, part: Number(part) };
}

export interface RequestReconciliationDeps {
  readonly people: Pick<PersonStore, 'find' | 'findAliasOwner'>;
  readonly reconciliations: Pick<ReconciliationStore, 'wish'>;
  readonly hasDirectory: boolean;
  readonly access: AccessPolicy;
  readonly clock: Clock;
  readonly audit: Audit;
}

/**
 * Asks for a comparison; it begins within a minute, or when the one that is at work is over.
 *
 * @throws DomainError notAllowed, signInTooOld, mfaMissing, noDirectory
 */
export async function requestReconciliation(
  deps: RequestReconciliationDeps,
  caller: Caller,
  asked: {
    readonly mode?: ReconciliationMode;
    readonly dryRun: boolean;
    readonly evenIfMany: boolean;
  },
): Promise<ReconciliationWish> {
  const at = deps.clock.now();
  assertMayWrite(caller, deps.access, secondsFrom(at));
  await assertCallerInGoodStanding(deps.people, caller);
  if (!deps.hasDirectory) {
    throw new DomainError(
      'noDirectory',
      'no directory is configured to compare with (reconciliationDirectory)',
    );
  }
  const wish: ReconciliationWish = { reason: 'administrator', at, by: caller.personId, ...asked };
  await deps.reconciliations.wish(wish);
  deps.audit.reconciliationRequested({
    actor: caller.personId,
    mode: asked.mode ?? 'asConfigured',
    dryRun: asked.dryRun,
  });
  return wish;
}
