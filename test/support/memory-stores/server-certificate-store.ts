import type { ServerCertificateRecord } from '../../../shared/domain/server-certificate.ts';
import type { ServerCertificateStore } from '../../../shared/ports/server-certificate-store.ts';
import { present, type MemoryState } from './state.ts';

/** Server certificates in memory. */
export function memoryServerCertificateStore(state: MemoryState): ServerCertificateStore {
  const textOf = (caId: string, serialNumber: string): string => `${caId}#${serialNumber}`;
  const mark = (caId: string, serialNumber: string, part: Partial<ServerCertificateRecord>): void => {
    const key = textOf(caId, serialNumber);
    const record = present(state.serverCertificateRecords.get(key), 'server certificate');
    state.serverCertificateRecords.set(key, { ...record, ...part, ...record });
  };
  return {
    find: async (caId, serialNumber) => state.serverCertificateRecords.get(textOf(caId, serialNumber)),
    reserve: async (record, renewal) => {
      const key = textOf(record.caId, record.serialNumber);
      if (state.serverCertificateRecords.has(key)) throw new Error('a serial number was drawn twice');
      if (renewal !== undefined) {
        const last = state.serverRenewalReservedAt.get(record.caId) ?? 0;
        if (!state.serverCertificates.has(record.caId) || last > renewal.notSince) return false;
        state.serverRenewalReservedAt.set(record.caId, record.reservedAt);
      }
      state.serverCertificateRecords.set(key, record);
      return true;
    },
    markSigned: async (caId, serialNumber, certificateDer) => mark(caId, serialNumber, { certificateDer }),
    markImported: async (caId, serialNumber, importedAt) => mark(caId, serialNumber, { importedAt }),
  };
}
