import type { CrlStore } from '../../../shared/ports/crl-store.ts';
import type { RevocationStore } from '../../../shared/ports/revocation-store.ts';
import { pendingText, rowText, sortedValues, type MemoryLists, type MemoryState } from './state.ts';

/** The rows of which lists are made, in memory. */
export const memoryRevocationStore = (state: MemoryState): RevocationStore => ({
  list: async (caId, notAfterFrom) =>
    sortedValues(state.rows)
      .filter((stored) => stored.caId === caId && stored.row.notAfter >= notAfterFrom)
      .map(({ row }) => row),
  claim: async (caId, rows, crlNumber) =>
    rows.flatMap((row) => {
      if (row.crlNumber !== undefined) return [row];
      const stored = state.rows.get(rowText(caId, row.notAfter, row.serialNumber));
      if (stored === undefined) return [];
      if (stored.row.crlNumber === undefined) stored.row = { ...stored.row, crlNumber };
      return [stored.row];
    }),
  adopt: async (caId, rows, endpointIds, since) => {
    for (const row of rows) {
      const key = rowText(caId, row.notAfter, row.serialNumber);
      if (state.rows.has(key)) continue;
      state.rows.set(key, { caId, row });
      for (const endpointId of endpointIds) {
        const pending = { since, serialNumber: row.serialNumber };
        state.pending.set(pendingText(endpointId, since, row.serialNumber), { endpointId, pending });
      }
    }
  },
  listPending: async (endpointId, limit) =>
    sortedValues(state.pending)
      .filter((stored) => stored.endpointId === endpointId)
      .slice(0, limit)
      .map(({ pending }) => pending),
  clearPending: async (endpointId, pending) => {
    for (const { since, serialNumber } of pending) {
      state.pending.delete(pendingText(endpointId, since, serialNumber));
    }
  },
});

/** The numbers and signed lists of CAs, in memory. */
export function memoryCrlStore(state: MemoryState): CrlStore {
  const listsOf = (caId: string): MemoryLists => {
    const lists: MemoryLists = state.lists.get(caId) ?? { lastNumber: 0, kept: new Map() };
    state.lists.set(caId, lists);
    return lists;
  };
  return {
    nextNumber: async (caId, above) => {
      const lists = listsOf(caId);
      lists.lastNumber = Math.max(lists.lastNumber, above) + 1;
      return lists.lastNumber;
    },
    lastNumber: async (caId) => state.lists.get(caId)?.lastNumber ?? 0,
    activate: async (caId, crl) => {
      const lists = listsOf(caId);
      const kept = lists.kept.get(crl.crlNumber);
      if (kept !== undefined && kept.sha256Hex !== crl.sha256Hex)
        throw new Error('another list has this number');
      lists.kept.set(crl.crlNumber, crl);
      if (lists.current === undefined || lists.current.crlNumber < crl.crlNumber) lists.current = crl;
      return lists.current.sha256Hex === crl.sha256Hex;
    },
    current: async (caId) => state.lists.get(caId)?.current,
  };
}
