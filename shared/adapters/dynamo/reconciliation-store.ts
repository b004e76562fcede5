import type {
  ReconciliationHistory,
  ReconciliationRun,
  ReconciliationWish,
} from '../../domain/reconciliation.ts';
import { SECONDS_PER_DAY, secondsFrom, type EpochMilliseconds } from '../../domain/time.ts';
import type { ReconciliationStore, RunLease } from '../../ports/reconciliation-store.ts';
import { ItemReader, type Item } from './item.ts';
import {
  currentReconciliationKey,
  reconciliationActedKey,
  reconciliationFindingsKey,
  reconciliationHistoryKey,
  reconciliationPageKey,
  reconciliationPartsPk,
  reconciliationRunKey,
  reconciliationWishKey,
  RECONCILIATION_ACTED_PK,
  RECONCILIATION_PAGE_PREFIX,
} from './keys.ts';
import {
  entryText,
  findingText,
  readActedOn,
  readEntries,
  readFindings,
  readHistory,
  readRun,
  readWish,
} from './reconciliation-items.ts';
import { getItem, listItems, type DynamoTable } from './table.ts';
import { NOT_THERE, putIf, transact, updateIf, type Action } from './writes.ts';

/** Hashes of names are kept for as long as a run can need them. */
const PAGES_KEPT_SECONDS = 2 * SECONDS_PER_DAY;
const FINDINGS_KEPT_SECONDS = 400 * SECONDS_PER_DAY;

/** Comparisons with the directory, in DynamoDB. */
export const dynamoReconciliationStore = (table: DynamoTable): ReconciliationStore => ({
  wish: async (wish) => {
    await putIf(
      table,
      { ...reconciliationWishKey, ...wish },
      wish.reason === 'administrator' ? {} : NOT_THERE,
    );
  },
  wished: async () => {
    const item = await getItem(table, reconciliationWishKey);
    return item === undefined ? undefined : readWish(item);
  },
  current: async () => {
    const item = await getItem(table, currentReconciliationKey);
    if (item === undefined) return undefined;
    const reader = new ItemReader(item);
    const run = await find(table, reader.text('runId'));
    return run === undefined ? reader.broken('runId') : { run, leaseUntil: reader.whole('leaseUntil') };
  },
  history: async () => {
    const item = await getItem(table, reconciliationHistoryKey);
    return item === undefined ? undefined : readHistory(item);
  },
  find: (runId) => find(table, runId),
  start: (run, lease, fulfils) => start(table, run, lease, fulfils),
  take: (runId, lease, at) => take(table, runId, lease, at),
  keepPage: (run, { number, entries }, lease) =>
    write(table, run, lease, {
      put: {
        ...reconciliationPageKey(run.runId, number),
        people: entries.map(entryText),
        expiresAt: secondsFrom(run.startedAt) + PAGES_KEPT_SECONDS,
      },
    }),
  pages: async (runId, count) => {
    const pages = await listItems(table, reconciliationPartsPk(runId), RECONCILIATION_PAGE_PREFIX);
    if (pages.length < count) throw new Error(`run ${runId} lacks pages of the directory`);
    return pages.slice(0, count).flatMap(readEntries);
  },
  keepFindings: (run, { number, findings }, lease) =>
    write(table, run, lease, {
      put: {
        ...reconciliationFindingsKey(run.runId, number),
        findings: findings.map(findingText),
        expiresAt: secondsFrom(run.startedAt) + FINDINGS_KEPT_SECONDS,
      },
    }),
  findings: async (runId, part) => {
    const item = await getItem(table, reconciliationFindingsKey(runId, part));
    return item === undefined ? [] : readFindings(item);
  },
  ...actedOn(table),
  save: (run, lease) => write(table, run, lease),
  finish: (run, history, lease) => finish(table, run, history, lease),
});

const actedOn = (
  table: DynamoTable,
): Pick<ReconciliationStore, 'listActedOn' | 'keepActedOn' | 'forgetActedOn'> => ({
  listActedOn: async () => (await listItems(table, RECONCILIATION_ACTED_PK)).map(readActedOn),
  keepActedOn: async ({ personId, ...acted }) => {
    await putIf(table, { ...reconciliationActedKey(personId), ...acted }, {});
  },
  forgetActedOn: async (personId) => {
    await transact(table, { acted: { remove: reconciliationActedKey(personId) } });
  },
});

async function find(table: DynamoTable, runId: string): Promise<ReconciliationRun | undefined> {
  const item = await getItem(table, reconciliationRunKey(runId));
  return item === undefined ? undefined : readRun(item);
}

const runItem = (run: ReconciliationRun): Item => ({
  ...reconciliationRunKey(run.runId),
  ...run,
  expiresAt: secondsFrom(run.startedAt) + FINDINGS_KEPT_SECONDS,
});

async function start(
  table: DynamoTable,
  run: ReconciliationRun,
  { holder, until }: RunLease,
  fulfils: ReconciliationWish | undefined,
): Promise<boolean> {
  const { runId } = run;
  const failed = await transact(table, {
    current: {
      put: { ...currentReconciliationKey, runId, leaseHolder: holder, leaseUntil: until },
      condition: NOT_THERE,
    },
    run: { put: runItem(run), condition: NOT_THERE },
    // Another wish that came meanwhile is not fulfilled by this run.
    wish:
      fulfils === undefined
        ? undefined
        : {
            remove: reconciliationWishKey,
            condition: {
              if: '#at = :at AND #reason = :reason',
              names: ['at', 'reason'],
              values: { at: fulfils.at, reason: fulfils.reason },
            },
          },
  });
  return failed === undefined;
}

async function take(
  table: DynamoTable,
  runId: string,
  { holder, until }: RunLease,
  at: EpochMilliseconds,
): Promise<boolean> {
  const failed = await updateIf(table, currentReconciliationKey, {
    set: 'SET #leaseHolder = :holder, #leaseUntil = :until',
    if: '#runId = :runId AND #leaseUntil <= :at',
    names: ['leaseHolder', 'leaseUntil', 'runId'],
    values: { holder, until, runId, at },
  });
  return failed === undefined;
}

/** Writes the run with its lease, which goes on, and what belongs to it. */
async function write(
  table: DynamoTable,
  run: ReconciliationRun,
  { holder, until }: RunLease,
  part?: Action,
): Promise<boolean> {
  const failed = await transact(
    table,
    {
      lease: {
        update: currentReconciliationKey,
        change: {
          set: 'SET #leaseUntil = :until',
          if: '#runId = :runId AND #leaseHolder = :holder',
          names: ['leaseUntil', 'runId', 'leaseHolder'],
          values: { until, runId: run.runId, holder },
        },
      },
      run: { put: runItem(run) },
    },
    part === undefined ? [] : [part],
  );
  return failed === undefined;
}

async function finish(
  table: DynamoTable,
  run: ReconciliationRun,
  history: ReconciliationHistory,
  { holder }: RunLease,
): Promise<boolean> {
  const failed = await transact(table, {
    lease: {
      remove: currentReconciliationKey,
      condition: {
        if: '#runId = :runId AND #leaseHolder = :holder',
        names: ['runId', 'leaseHolder'],
        values: { runId: run.runId, holder },
      },
    },
    run: { put: runItem(run) },
    history: { put: { ...reconciliationHistoryKey, ...history } },
  });
  return failed === undefined;
}
