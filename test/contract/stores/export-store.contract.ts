import type { CertificateRecord } from '../../../shared/domain/certificate-record.ts';
import type { CertificatePlace, Page } from '../../../shared/ports/export-store.ts';
import type { Stores } from '../../support/stores.ts';
import { CA_ID, denied, freshId, issued, NOW, registered, reserved } from '../../support/store-fixtures.ts';

/** Follows a list to its end. */
async function everything<Value, Place>(
  pageBehind: (after: Place | undefined) => Promise<Page<Value, Place>>,
): Promise<{ records: Value[]; pages: number }> {
  const records: Value[] = [];
  let after: Place | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await pageBehind(after);
    expect(page.unreadable).toEqual([]);
    records.push(...page.records);
    if (page.next === undefined) return { records, pages };
    after = page.next;
  }
}

/** Lists for export: whole, in order, each record once, whatever the size of a page. */
export function exportStoreContract(newStores: () => Promise<Stores>): void {
  it.each([1, 2, 3, 50])('gives every issued certificate of a CA once, %d to a page', async (limit) => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const all: CertificateRecord[] = [];
    for (const days of [3, 40, 100, 100, 200]) {
      all.push(await issued(stores, personId, { notAfter: NOW + days * 86_400 }));
    }
    await issued(stores, personId, { caId: 'ca-2' });
    await reserved(stores, personId);
    const range = { from: NOW, until: NOW + 400 * 86_400 };
    const { records } = await everything((after: CertificatePlace | undefined) =>
      stores.exports.certificates(CA_ID, { ...range, ...(after && { after }) }, limit),
    );
    const order = (one: CertificateRecord): string => `${one.notAfter} ${one.serialNumber}`;
    expect(records.map(order)).toEqual(all.map(order).sort());
    const late = await stores.exports.certificates(CA_ID, { ...range, from: NOW + 101 * 86_400 }, limit);
    expect(late.records).toEqual([all[4]]);
  });

  it('gives the offboardings of a month, oldest first, a page at a time', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const ids: string[] = [];
    for (const day of [1, 2, 30]) {
      ids.push(freshId(Date.UTC(2026, 2, day)));
      await denied(stores, personId, { offboardingId: ids.at(-1) ?? '' });
    }
    await denied(stores, personId, { offboardingId: freshId(Date.UTC(2026, 3, 1)) });
    const { records, pages } = await everything((after: string | undefined) =>
      stores.exports.offboardings('2026-03', after, 2),
    );
    expect(records.map(({ offboardingId }) => offboardingId)).toEqual(ids);
    expect(pages).toBe(2);
    expect(await stores.exports.offboardings('2026-05', undefined, 2)).toEqual({
      records: [],
      unreadable: [],
    });
  });
}
