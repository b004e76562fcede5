import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../../domain/dated-id.ts';
import {
  dueReason,
  goneOf,
  NO_OUTCOMES,
  NOTHING_FOUND,
  reasonForDisbelief,
  type ReconciliationHistory,
  type ReconciliationRun,
} from '../../domain/reconciliation.ts';
import { SECONDS_PER_HOUR, SECONDS_PER_MINUTE } from '../../domain/time.ts';
import { DirectoryError } from '../../ports/directory.ts';
import { carryOut } from './carry-out.ts';
import { compare } from './compare.ts';
import { LEASE_MILLISECONDS, RunTaken, saved, type ReconcileDeps, type Work } from './deps.ts';
import { mendIncidents, openIncident } from './incidents.ts';

export type Reconciled =
  | { readonly outcome: 'nothingDue' | 'anotherWorks' | 'stopped' | 'later' }
  | { readonly outcome: 'done' | 'failed'; readonly run: ReconciliationRun };

/** A directory that does not answer so often is down, and somebody has to know. */
const MOST_FAILURES = 10;
/** What was read longer ago says nothing of now. */
const LONGEST_RUN_SECONDS = 6 * SECONDS_PER_HOUR;
const RETRY_SECONDS = SECONDS_PER_MINUTE;
/** A part of the findings is an item of some 10 KB. */
const FINDINGS_PART = 200;
/** A page is an item of the table. */
const LONGEST_PAGE = 1_500;
const LARGEST_DIRECTORY = 1_000_000;
/** Cursors go stale, and lists change while they are read: then it is read from its beginning. */
const MOST_RESTARTS = 3;

/**
 * Compares those who hold certificates with the directory, where it is due: each night, when somebody asks, and after
 * events were refused. Works on the one run there is, from where it stands; who dies leaves it to the next.
 *
 * Nobody is denied before the directory was read to its end and is believed.
 */
export async function reconcile(deps: ReconcileDeps, signal: AbortSignal): Promise<Reconciled> {
  const work = await takeOrStart(deps);
  if ('outcome' in work) return work;
  try {
    return await workOn(deps, work, signal);
  } catch (error) {
    if (error instanceof RunTaken) return { outcome: 'anotherWorks' };
    throw error;
  }
}

async function takeOrStart(deps: ReconcileDeps): Promise<Work | Reconciled> {
  const { clock, random, reconciliations, reconciliation, audit } = deps;
  const at = clock.now();
  const holder = datedIdFrom(at, random(DATED_ID_RANDOM_OCTETS));
  const lease = { holder, until: at + LEASE_MILLISECONDS };
  const current = await reconciliations.current();
  if (current !== undefined) {
    const { run, leaseUntil } = current;
    const isTaken = leaseUntil <= at && (await reconciliations.take(run.runId, lease, at));
    return isTaken ? { run, holder } : { outcome: 'anotherWorks' };
  }
  const wish = await reconciliations.wished();
  const reason = dueReason(reconciliation, wish, await reconciliations.history(), at);
  if (reason === undefined) return { outcome: 'nothingDue' };
  const asked = reason === 'administrator' ? wish : undefined;
  const run: ReconciliationRun = {
    runId: datedIdFrom(at, random(DATED_ID_RANDOM_OCTETS)),
    reason,
    ...(asked?.by === undefined ? {} : { by: asked.by }),
    mode: asked?.mode ?? reconciliation.mode,
    dryRun: asked?.dryRun ?? false,
    evenIfMany: asked?.evenIfMany ?? false,
    state: 'reading',
    startedAt: at,
    pages: 0,
    entries: 0,
    active: 0,
    failures: 0,
    compared: 0,
    found: NOTHING_FOUND,
    parts: 0,
    partsDone: 0,
    outcomes: NO_OUTCOMES,
  };
  if (!(await reconciliations.start(run, lease, wish))) return { outcome: 'anotherWorks' };
  audit.reconciliationStarted({ actor: run.by ?? 'portal', runId: run.runId, reason, mode: run.mode });
  return { run, holder };
}

async function workOn(deps: ReconcileDeps, begun: Work, signal: AbortSignal): Promise<Reconciled> {
  let work = begun;
  if (deps.clock.now() - work.run.startedAt > LONGEST_RUN_SECONDS * 1000) {
    return failed(deps, work, 'it took longer than six hours');
  }
  try {
    if (work.run.state === 'reading') work = await read(deps, work, signal);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    return unanswered(deps, work.run.runId, work.holder, error);
  }
  if (signal.aborted) return setAside(deps, work);
  if (work.run.state === 'reading') {
    const judged = await judge(deps, work);
    if ('outcome' in judged) return judged;
    work = judged;
  }
  while (work.run.partsDone < work.run.parts) {
    if (signal.aborted) return setAside(deps, work);
    work = await carryOutPart(deps, work);
  }
  return ended(deps, work);
}

/** Reads the directory to its end, each page kept before the next is asked for. */
async function read(deps: ReconcileDeps, begun: Work, signal: AbortSignal): Promise<Work> {
  let work = begun;
  while (work.run.pages === 0 || work.run.cursor !== undefined) {
    if (signal.aborted) return work;
    const { run } = work;
    const { entries, next, asOf } = await deps.directory.page(run.cursor, run.entries, signal);
    if (
      entries.length > LONGEST_PAGE ||
      (next !== undefined && (entries.length === 0 || next.length > 8_000))
    ) {
      throw new DirectoryError(
        'broken',
        'the directory gives pages that are too long, or empty before its end',
      );
    }
    if (run.entries > LARGEST_DIRECTORY) throw new DirectoryError('broken', 'the directory does not end');
    const { cursor: _read, ...rest } = run;
    const advanced: ReconciliationRun = {
      ...rest,
      ...(next === undefined ? {} : { cursor: next }),
      ...(asOf === undefined ? {} : { asOf }),
      pages: run.pages + 1,
      entries: run.entries + entries.length,
      active:
        run.active + entries.filter(({ standing, keys }) => standing === 'active' && keys.length > 0).length,
    };
    const page = { number: run.pages, entries };
    work = await saved(deps, { ...work, run: advanced }, {}, (kept, lease) =>
      deps.reconciliations.keepPage(kept, page, lease),
    );
  }
  return work;
}

/** The directory did not answer: tried again in a while, or given up and told. */
async function unanswered(
  deps: ReconcileDeps,
  runId: string,
  holder: string,
  error: DirectoryError,
): Promise<Reconciled> {
  // The run as it was kept last, with the pages that were read before this one.
  const run = await deps.reconciliations.find(runId);
  if (run === undefined) throw error;
  const failures = run.failures + 1;
  const work = { run: { ...run, failures }, holder };
  if (error.kind === 'broken' && run.pages > 0 && failures < MOST_RESTARTS) {
    const { cursor: _stale, ...rest } = work.run;
    const anew = { ...rest, pages: 0, entries: 0, active: 0 };
    return setAside(deps, { run: anew, holder }, 'later', RETRY_SECONDS);
  }
  if (error.kind !== 'later' || failures >= MOST_FAILURES) return failed(deps, work, error.message);
  const waitSeconds = Math.max(error.retryAfterSeconds ?? 0, RETRY_SECONDS);
  return setAside(deps, work, 'later', waitSeconds);
}

/** Leaves the run to whoever comes next, from then on. */
async function setAside(
  deps: ReconcileDeps,
  { run, holder }: Work,
  outcome: 'stopped' | 'later' = 'stopped',
  waitSeconds = 0,
): Promise<Reconciled> {
  const until = deps.clock.now() + waitSeconds * 1000;
  if (!(await deps.reconciliations.save(run, { holder, until }))) throw new RunTaken('another has the run');
  return { outcome };
}

/** Compares, and decides whether the directory is believed. What follows is written down before any of it is done. */
async function judge(deps: ReconcileDeps, work: Work): Promise<Work | Reconciled> {
  const { findings, compared, found } = await compare(deps, work.run);
  const run = { ...work.run, compared, found };
  const history = await deps.reconciliations.history();
  const disbelief = reasonForDisbelief(run, deps.reconciliation, history?.active);
  if (disbelief !== undefined) return failed(deps, { ...work, run }, disbelief);
  const parts = Math.ceil(findings.length / FINDINGS_PART);
  let next: Work = { ...work, run };
  for (let number = 0; number < parts; number += 1) {
    const part = { number, findings: findings.slice(number * FINDINGS_PART, (number + 1) * FINDINGS_PART) };
    next = await saved(deps, next, {}, (kept, lease) => deps.reconciliations.keepFindings(kept, part, lease));
  }
  return saved(deps, next, { state: 'acting', parts });
}

async function carryOutPart(deps: ReconcileDeps, work: Work): Promise<Work> {
  const { run } = work;
  const outcomes = { ...run.outcomes };
  for (const finding of await deps.reconciliations.findings(run.runId, run.partsDone)) {
    outcomes[await carryOut(deps, run, finding)] += 1;
  }
  return saved(deps, work, { outcomes, partsDone: run.partsDone + 1 });
}

async function ended(deps: ReconcileDeps, work: Work): Promise<Reconciled> {
  const { run } = work;
  const toLookAt = goneOf(run.found) + run.found.ambiguous + run.found.nameless;
  // Before the end is written, so that whoever dies in between comes here again.
  if (!run.dryRun) {
    await mendIncidents(deps, 'directoryDisbelieved');
    if (run.mode === 'report' && toLookAt > 0) {
      const words = `${toLookAt} people hold certificates whom the directory does not clearly have: \`reconciliation\` lists them. Offboard them by hand, or reconcile with --mode hold or offboard.`;
      await openIncident(deps, 'certificatesWithoutPerson', words);
    } else await mendIncidents(deps, 'certificatesWithoutPerson');
  }
  return finish(deps, work, { ...run, state: 'done' }, run.dryRun ? undefined : run.active);
}

async function failed(deps: ReconcileDeps, work: Work, failure: string): Promise<Reconciled> {
  if (!work.run.dryRun) {
    const words = `The comparison with the directory failed, and nobody was denied: ${failure}. Look at the directory and at what the portal may read there; if it is true, reconcile with --even-if-many.`;
    await openIncident(deps, 'directoryDisbelieved', words);
  }
  return finish(deps, work, { ...work.run, state: 'failed', failure }, undefined);
}

/** @param believed active people, where the directory was believed */
async function finish(
  deps: ReconcileDeps,
  { holder }: Work,
  { cursor: _over, ...over }: ReconciliationRun,
  believed: number | undefined,
): Promise<Reconciled> {
  const { reconciliations, clock, audit } = deps;
  const run: ReconciliationRun = { ...over, endedAt: clock.now() };
  const before = await reconciliations.history();
  const { runId, startedAt, reason } = run;
  const unaskedAt = reason === 'administrator' ? before?.unaskedAt : startedAt;
  const active = believed ?? before?.active;
  const history: ReconciliationHistory = {
    runId,
    startedAt,
    ...(unaskedAt === undefined ? {} : { unaskedAt }),
    ...(active === undefined ? {} : { active }),
  };
  if (!(await reconciliations.finish(run, history, { holder, until: clock.now() }))) {
    throw new RunTaken('another worker has the run');
  }
  const outcome = run.state === 'done' ? 'done' : 'failed';
  audit.reconciliationEnded({
    runId,
    outcome,
    entries: run.entries,
    compared: run.compared,
    gone: goneOf(run.found),
  });
  return { outcome, run };
}
