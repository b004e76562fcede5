import type { ExportStore, Page } from '../../../shared/ports/export-store.ts';
import { memoryCertificateStore } from './certificate-store.ts';
import { memoryOffboardingStore } from './offboarding-store.ts';
import type { MemoryState } from './state.ts';

/** Lists for export, from memory, where nothing is unreadable. */
export function memoryExportStore(state: MemoryState): ExportStore {
  const certificates = memoryCertificateStore(state);
  const offboardings = memoryOffboardingStore(state);
  return {
    certificates: async (caId, range, limit) =>
      pageOf(await certificates.listByEnd(caId, { ...range, limit }), limit, (record) => record),
    offboardings: async (month, after, limit) => {
      const all = await offboardings.listByMonth(month);
      const behind = all.filter(({ offboardingId }) => after === undefined || offboardingId > after);
      return pageOf(behind.slice(0, limit), limit, ({ offboardingId }) => offboardingId);
    },
  };
}

function pageOf<Value, Place>(
  records: readonly Value[],
  limit: number,
  placeOf: (record: Value) => Place,
): Page<Value, Place> {
  const last = records.at(-1);
  const isLast = records.length < limit || last === undefined;
  return { records, unreadable: [], ...(isLast ? {} : { next: placeOf(last) }) };
}
