import type { SerialNumber } from '../../domain/certificate-id.ts';
import type { ServerCertificateRecord } from '../../domain/server-certificate.ts';
import type { ServerCertificateStore } from '../../ports/server-certificate-store.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { serverCertificateKey, serverCertificateRecordKey } from './keys.ts';
import { getItem } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, transact, updateIf } from './writes.ts';

/** Server certificates in DynamoDB. */
export const dynamoServerCertificateStore = (table: DynamoTable): ServerCertificateStore => ({
  find: async (caId, serialNumber) => {
    const item = await getItem(table, serverCertificateRecordKey(caId, serialNumber));
    return item === undefined ? undefined : readRecord(item, caId, serialNumber);
  },
  reserve: async (record, renewal) => {
    const { caId, serialNumber, reservedAt } = record;
    const failed = await transact(table, {
      turn: renewal && {
        update: serverCertificateKey(caId),
        change: {
          set: 'SET #last = :at',
          if: 'attribute_exists(pk) AND (attribute_not_exists(#last) OR #last <= :notSince)',
          names: { last: 'renewalReservedAt' },
          values: { at: reservedAt, notSince: renewal.notSince },
        },
      },
      record: {
        put: {
          ...serverCertificateRecordKey(caId, serialNumber),
          notBefore: record.notBefore,
          notAfter: record.notAfter,
          reservedAt,
          tbsCertificateDer: record.tbsCertificateDer,
        },
        condition: NOT_THERE,
      },
    });
    if (failed?.record !== undefined) throw new Error('a serial number was drawn twice');
    return failed === undefined;
  },
  markSigned: (caId, serialNumber, certificateDer) =>
    mark(table, caId, serialNumber, 'certificateDer', certificateDer),
  markImported: (caId, serialNumber, at) => mark(table, caId, serialNumber, 'importedAt', at),
});

/** Sets an attribute once; the first value stays. */
async function mark(
  table: DynamoTable,
  caId: string,
  serialNumber: SerialNumber,
  name: string,
  value: unknown,
): Promise<void> {
  const failed = await updateIf(table, serverCertificateRecordKey(caId, serialNumber), {
    set: 'SET #name = :value',
    if: 'attribute_exists(pk) AND attribute_not_exists(#name)',
    names: { name },
    values: { value },
  });
  if (failed !== undefined && failed.old === undefined) {
    throw new Error(`a server certificate that was never reserved cannot have ${name}`);
  }
}

function readRecord(item: Item, caId: string, serialNumber: SerialNumber): ServerCertificateRecord {
  const reader = new ItemReader(item);
  return {
    caId,
    serialNumber,
    notBefore: reader.whole('notBefore'),
    notAfter: reader.whole('notAfter'),
    reservedAt: reader.whole('reservedAt'),
    tbsCertificateDer: reader.octets('tbsCertificateDer'),
    ...reader.optional('certificateDer', (name) => reader.octets(name)),
    ...reader.optional('importedAt', (name) => reader.whole(name)),
  };
}
