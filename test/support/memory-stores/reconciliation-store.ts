import type {
  ActedOn,
  DirectoryEntry,
  Finding,
  ReconciliationHistory,
  ReconciliationRun,
  ReconciliationWish,
} from '../../../shared/domain/reconciliation.ts';
import type { ReconciliationStore, RunLease } from '../../../shared/ports/reconciliation-store.ts';
import { sortedValues } from './state.ts';

/** Comparisons with the directory, in memory: nothing else of the portal shares them. */
export function memoryReconciliationStore(): ReconciliationStore {
  const runs = new Map<string, ReconciliationRun>();
  const pages = new Map<string, Map<number, readonly DirectoryEntry[]>>();
  const findings = new Map<string, readonly Finding[]>();
  const acted = new Map<string, ActedOn>();
  let wish: ReconciliationWish | undefined;
  let current: { runId: string; holder: string; until: number } | undefined;
  let history: ReconciliationHistory | undefined;
  const write = (run: ReconciliationRun, { holder, until }: RunLease, keep?: () => void): boolean => {
    if (current?.runId !== run.runId || current.holder !== holder) return false;
    current = { ...current, until };
    runs.set(run.runId, run);
    keep?.();
    return true;
  };
  return {
    wish: async (asked) => {
      if (asked.reason === 'administrator' || wish === undefined) wish = asked;
    },
    wished: async () => wish,
    current: async () => {
      const run = current && runs.get(current.runId);
      return current && run && { run, leaseUntil: current.until };
    },
    history: async () => history,
    find: async (runId) => runs.get(runId),
    start: async (run, { holder, until }, fulfils) => {
      if (current !== undefined) return false;
      if (fulfils !== undefined && (wish?.at !== fulfils.at || wish.reason !== fulfils.reason)) return false;
      if (fulfils !== undefined) wish = undefined;
      current = { runId: run.runId, holder, until };
      runs.set(run.runId, run);
      return true;
    },
    take: async (runId, { holder, until }, at) => {
      if (current?.runId !== runId || current.until > at) return false;
      current = { runId, holder, until };
      return true;
    },
    keepPage: async (run, { number, entries }, lease) =>
      write(run, lease, () => {
        pages.set(
          run.runId,
          (pages.get(run.runId) ?? new Map<number, readonly DirectoryEntry[]>()).set(number, entries),
        );
      }),
    pages: async (runId, count) =>
      [...(pages.get(runId)?.entries() ?? [])]
        .filter(([number]) => number < count)
        .flatMap(([, page]) => page),
    keepFindings: async (run, { number, findings: found }, lease) =>
      write(run, lease, () => void findings.set(`${run.runId}#${number}`, found)),
    findings: async (runId, part) => [...(findings.get(`${runId}#${part}`) ?? [])],
    listActedOn: async () => sortedValues(acted),
    keepActedOn: async (one) => void acted.set(one.personId, one),
    forgetActedOn: async (personId) => void acted.delete(personId),
    save: async (run, lease) => write(run, lease),
    finish: async (run, next, { holder, until }) => {
      if (!write(run, { holder, until })) return false;
      current = undefined;
      history = next;
      return true;
    },
  };
}
