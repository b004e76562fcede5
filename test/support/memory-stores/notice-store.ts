import type { NoticeStore } from '../../../shared/ports/notice-store.ts';
import type { Telling, TellingNote } from '../../../shared/domain/telling.ts';
import { present, sortedValues, type MemoryState } from './state.ts';

/** What notices are about, in memory. */
export function memoryNoticeStore(state: MemoryState): NoticeStore {
  const { certificates, untold, noticeTurn } = state;
  return {
    takeTurn: async (at, until) => {
      if (noticeTurn.until > at) return undefined;
      noticeTurn.until = until;
      const { lookedAt, failing } = noticeTurn;
      return { until, failing, ...(lookedAt === undefined ? {} : { lookedAt }) };
    },
    endTurn: async ({ until, lookedAt, failing }) => {
      if (noticeTurn.until !== until) return;
      noticeTurn.until = 0;
      if (lookedAt !== undefined) noticeTurn.lookedAt = lookedAt;
      if (failing !== undefined) noticeTurn.failing = failing;
    },
    listTellings: async (limit) => sortedValues(state.tellings).slice(0, limit).map(leadFrom(state)),
    markTellings: async (notes) => {
      for (const { kind, id } of notes) state.tellings.delete(`${kind}#${id}`);
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

const leadFrom =
  ({ offboardings, plans, incidents }: MemoryState) =>
  (note: TellingNote): Telling | { readonly note: TellingNote } => {
    const plan = note.kind === 'planned' ? plans.get(note.id) : undefined;
    if (plan !== undefined) return { note, plan };
    const incident = note.kind === 'incident' ? incidents.get(note.id)?.incident : undefined;
    if (incident !== undefined) return { note, incident };
    const offboarding = offboardings.get(note.id);
    return offboarding === undefined ? { note } : { note, offboarding };
  };
