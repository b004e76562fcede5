import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import type { ServerCertificateRecord } from '../../../shared/domain/server-certificate.ts';
import { CA_ID, freshOctets, NOW } from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const recordOf = (changes: Partial<ServerCertificateRecord> = {}): ServerCertificateRecord => ({
  caId: CA_ID,
  serialNumber: Buffer.from(freshOctets(10)).toString('hex') as SerialNumber,
  notBefore: NOW - 300,
  notAfter: NOW + 825 * 86_400,
  reservedAt: NOW,
  tbsCertificateDer: new Uint8Array(900).fill(7),
  ...changes,
});

/** What every ServerCertificateStore does. */
export function serverCertificateStoreContract(newStores: () => Promise<Stores>): void {
  it('knows a server certificate before it is signed, then signed, then as imported, each once', async () => {
    const { serverCertificates: store } = await newStores();
    const record = recordOf();
    const { serialNumber } = record;
    expect(await store.find(CA_ID, serialNumber)).toBeUndefined();
    expect(await store.reserve(record)).toBe(true);
    expect(await store.find(CA_ID, serialNumber)).toEqual(record);
    const certificateDer = new Uint8Array([1, 2]);
    await store.markSigned(CA_ID, serialNumber, certificateDer);
    await store.markSigned(CA_ID, serialNumber, new Uint8Array([3]));
    await store.markImported(CA_ID, serialNumber, NOW + 1);
    await store.markImported(CA_ID, serialNumber, NOW + 2);
    expect(await store.find(CA_ID, serialNumber)).toEqual({ ...record, certificateDer, importedAt: NOW + 1 });
    expect(await store.find('ca-2', serialNumber)).toBeUndefined();
  });

  it('marks nothing that was never reserved, and reserves no serial number twice', async () => {
    const { serverCertificates: store } = await newStores();
    const record = recordOf();
    await expect(store.markSigned(CA_ID, record.serialNumber, new Uint8Array([1]))).rejects.toThrow();
    await expect(store.markImported(CA_ID, record.serialNumber, NOW)).rejects.toThrow();
    await store.reserve(record);
    await expect(store.reserve(record)).rejects.toThrow();
  });

  it('reserves a renewal only where there is something to renew, and once in its time', async () => {
    const { serverCertificates: store, endpoints } = await newStores();
    const at = (reservedAt: number) =>
      store.reserve(recordOf({ reservedAt }), { notSince: reservedAt - 100 });
    expect(await at(NOW)).toBe(false);
    await endpoints.keepServerCertificate(CA_ID, 'arn:1');
    expect(await at(NOW)).toBe(true);
    expect(await at(NOW + 99)).toBe(false);
    expect(await at(NOW + 100)).toBe(true);
    expect(await endpoints.findServerCertificate(CA_ID)).toBe('arn:1');
  });

  it('lets one of 20 who renew at once', async () => {
    const { serverCertificates: store, endpoints } = await newStores();
    await endpoints.keepServerCertificate(CA_ID, 'arn:1');
    const records = Array.from({ length: 20 }, () => recordOf());
    const won = await Promise.all(records.map((record) => store.reserve(record, { notSince: NOW - 100 })));
    expect(won.filter(Boolean)).toHaveLength(1);
    const known = await Promise.all(records.map(({ serialNumber }) => store.find(CA_ID, serialNumber)));
    expect(known.filter((record) => record !== undefined)).toHaveLength(1);
  });
}
