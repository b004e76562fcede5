import { personIdFrom, type PersonId } from '../../../shared/domain/identity.ts';
import type { SurgeSettlement } from '../../../shared/domain/surge.ts';
import { denied, freshId, HR, NOW_MILLISECONDS, registered, SCIM } from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const T = NOW_MILLISECONDS;
const MINUTE = 60_000;
const adam = personIdFrom('https://id.example', 'adam');

const settlementOf = (changes: Partial<SurgeSettlement> = {}): SurgeSettlement => ({
  settlementId: freshId(),
  source: HR,
  decision: 'release',
  since: T,
  at: T + 10,
  by: adam,
  ...changes,
});

/** What every SurgeStore counts and keeps. */
export function surgeStoreContract(newStores: () => Promise<Stores>): void {
  it('counts each source by itself, over an hour that moves', async () => {
    const { surges } = await newStores();
    expect(await surges.counted(HR, T)).toBe(0);
    expect(await surges.count(HR, T)).toBe(1);
    expect(await surges.count(HR, T + 30 * MINUTE)).toBe(2);
    expect(await surges.count(SCIM, T)).toBe(1);
    // 09:00 is in the window of 09:59, and no longer in that of 10:10.
    expect(await surges.counted(HR, T + 59 * MINUTE)).toBe(2);
    expect(await surges.count(HR, T + 70 * MINUTE)).toBe(2);
    expect(await surges.counted(HR, T + 135 * MINUTE)).toBe(0);
  });

  it('counts 30 at once as 30', async () => {
    const { surges } = await newStores();
    const seen = await Promise.all(Array.from({ length: 30 }, () => surges.count(HR, T)));
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('keeps how many hold certificates, and the last that was expected of a source', async () => {
    const { surges } = await newStores();
    expect(await surges.context(HR)).toEqual({});
    expect(await surges.holdersCountedAt()).toBeUndefined();
    await surges.keepHolders(400, T);
    expect(await surges.holdersCountedAt()).toBe(T);
    await surges.expect(HR, { people: 50, until: T + MINUTE, by: adam });
    await surges.expect(HR, { people: 60, until: T + MINUTE, by: adam });
    expect(await surges.context(HR)).toEqual({
      holders: 400,
      expected: { people: 60, until: T + MINUTE, by: adam },
    });
    expect(await surges.context(SCIM)).toEqual({ holders: 400 });
  });

  it('keeps a settlement open until it is closed, once', async () => {
    const { surges } = await newStores();
    const first = settlementOf({ comment: 'the secret leaked' });
    const second = settlementOf({ decision: 'confirm' });
    await surges.addSettlement(first);
    await surges.addSettlement(second);
    expect(await surges.listOpenSettlements()).toEqual([first, second]);
    await surges.closeSettlement(first, T + 20);
    await surges.closeSettlement(first, T + 30);
    expect(await surges.listOpenSettlements()).toEqual([second]);
    await expect(surges.addSettlement(second)).rejects.toThrow();
    await expect(surges.closeSettlement(settlementOf(), T)).rejects.toThrow();
  });
}

/** What every OffboardingStore does with a surge's denials. */
export function surgeDenialContract(newStores: () => Promise<Stores>): void {
  const denialsOf = async (stores: Stores, personId: PersonId) =>
    (await stores.people.find(personId))?.denials ?? [];
  const held = async (meant: 'left' | 'suspended') => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await denied(stores, personId, { kind: 'surge', meant });
    return { stores, personId, record };
  };

  it.each(['left', 'suspended'] as const)('makes of it what its source meant: %s', async (meant) => {
    const { stores, personId, record } = await held(meant);
    expect(await stores.offboardings.listOpen()).toEqual([record]);
    await stores.offboardings.confirm(record, T + 50, 'portal');
    await stores.offboardings.confirm(record, T + 60, 'portal');
    const confirmed = { ...record, kind: meant, confirmedAt: T + 50 };
    expect(await stores.offboardings.find(record.offboardingId)).toEqual(confirmed);
    expect(await denialsOf(stores, personId)).toMatchObject([{ kind: meant, source: HR }]);
    expect(await stores.offboardings.listOpen()).toEqual([confirmed]);
    expect(await stores.offboardings.listHolds()).toHaveLength(meant === 'left' ? 0 : 1);
  });

  it('takes one denial back and leaves the others of its source', async () => {
    const { stores, personId, record } = await held('left');
    const other = await denied(stores, personId);
    await stores.offboardings.release(record, T + 50, 'portal');
    await stores.offboardings.release(record, T + 60, 'portal');
    expect(await stores.offboardings.find(record.offboardingId)).toEqual({ ...record, liftedAt: T + 50 });
    expect(await denialsOf(stores, personId)).toMatchObject([{ offboardingId: other.offboardingId }]);
    expect(await stores.offboardings.listHolds()).toEqual([]);
  });

  it('opens the closed record of who left again when it is released, and no other', async () => {
    const { stores, personId } = await held('left');
    const left = await denied(stores, personId);
    const suspended = await denied(stores, personId, { kind: 'suspended' });
    for (const one of [left, suspended]) {
      await stores.offboardings.close(one.offboardingId, T + 2);
      await stores.offboardings.release({ ...one, closedAt: T + 2 }, T + 50, 'portal');
    }
    const found = await Promise.all(
      [left, suspended].map(({ offboardingId }) => stores.offboardings.find(offboardingId)),
    );
    expect(found.map((one) => one?.closedAt)).toEqual([undefined, T + 2]);
    const open = (await stores.offboardings.listOpen()).map(({ offboardingId }) => offboardingId);
    expect([open.includes(left.offboardingId), open.includes(suspended.offboardingId)]).toEqual([
      true,
      false,
    ]);
  });

  it('has nothing to confirm after it was lifted, and nothing to release twice', async () => {
    const { stores, personId, record } = await held('left');
    await stores.offboardings.release(record, T + 50, 'portal');
    await stores.offboardings.confirm(record, T + 60, 'portal');
    expect(await stores.offboardings.find(record.offboardingId)).toEqual({ ...record, liftedAt: T + 50 });
    expect(await denialsOf(stores, personId)).toEqual([]);
  });

  it('makes whoever read the denials before look again', async () => {
    const { stores, personId, record } = await held('left');
    const other = await denied(stores, personId, { source: SCIM });
    const lifting = stores.offboardings.lift(personId, SCIM, {
      source: SCIM,
      eventId: freshId(),
      bodySha256Hex: '',
      eventTime: T + 70,
      at: T + 70,
    });
    await Promise.all([lifting, stores.offboardings.confirm(record, T + 60, 'portal')]);
    expect(await denialsOf(stores, personId)).toMatchObject([{ kind: 'left', source: HR }]);
    expect((await stores.offboardings.find(other.offboardingId))?.liftedAt).toBe(T + 70);
  });

  it('confirms nothing that is no surge', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await denied(stores, personId);
    await expect(stores.offboardings.confirm(record, T, 'portal')).rejects.toThrow();
  });
}
