import { HR, NOW_MILLISECONDS, SCIM } from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const T = NOW_MILLISECONDS;

/** What every LookupStore keeps. */
export function lookupStoreContract(newStores: () => Promise<Stores>): void {
  it('keep the newest of each person at each source, whatever is written last', async () => {
    const { lookups } = await newStores();
    const newer = { answerSha256Hex: 'bb', askedAt: T + 1, incidentId: 'i-1' };
    expect(await lookups.findLastAnswer(HR, '7')).toBeUndefined();
    await lookups.keepLastAnswer(HR, '7', { answerSha256Hex: 'aa', askedAt: T });
    await lookups.keepLastAnswer(HR, '7', newer);
    await lookups.keepLastAnswer(HR, '7', { answerSha256Hex: 'aa', askedAt: T });
    expect(await lookups.findLastAnswer(HR, '7')).toEqual(newer);
    expect(await lookups.findLastAnswer(HR, '8')).toBeUndefined();
    expect(await lookups.findLastAnswer(SCIM, '7')).toBeUndefined();
    await lookups.keepLastAnswer(HR, '7', { answerSha256Hex: 'cc', askedAt: T + 1 });
    expect(await lookups.findLastAnswer(HR, '7')).toEqual({ answerSha256Hex: 'cc', askedAt: T + 1 });
  });
}
