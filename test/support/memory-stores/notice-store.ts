import type { NoticeStore } from '../../../shared/ports/notice-store.ts';
import { present, type MemoryState } from './state.ts';

/** What notices are about, in memory. */
export function memoryNoticeStore(state: MemoryState): NoticeStore {
  const { certificates, untold, noticeTurn } = state;
  return {
    takeTurn: async (at, until) => {
      if (noticeTurn.until > at) return undefined;
      noticeTurn.until = until;
      const { lookedAt } = noticeTurn;
      return { until, ...(lookedAt === undefined ? {} : { lookedAt }) };
    },
    endTurn: async ({ until, lookedAt }) => {
      if (noticeTurn.until !== until) return;
      noticeTurn.until = 0;
      if (lookedAt !== undefined) noticeTurn.lookedAt = lookedAt;
    },
    listUntold: async (limit) => [...untold].sort().slice(0, limit),
    markTold: async (certificateId) => void untold.delete(certificateId),
    markReminded: async (certificateId, days) => {
      const stored = present(certificates.get(certificateId), 'certificate');
      if (days < (stored.record.remindedDays ?? Number.POSITIVE_INFINITY)) {
        stored.record = { ...stored.record, remindedDays: days };
      }
    },
  };
}
