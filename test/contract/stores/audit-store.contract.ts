import { chainFaults, type AuditAction, type AuditEntry } from '../../../shared/domain/audit-entry.ts';
import type { PersonId } from '../../../shared/domain/identity.ts';
import type { Stores } from '../../support/stores.ts';
import {
  denied,
  ENDPOINT_ID,
  eventOf,
  HR,
  issued,
  issuedFrom,
  NOW,
  NOW_MILLISECONDS,
  registered,
  reserved,
} from '../../support/store-fixtures.ts';

const T = NOW_MILLISECONDS;

const chainOf = async (stores: Stores, personId: PersonId): Promise<readonly AuditEntry[]> => {
  const { entries, unreadable } = await stores.audit.list(personId, 0, 1_000);
  expect(unreadable).toEqual([]);
  expect(chainFaults(personId, entries, await stores.audit.findHead(personId))).toEqual([]);
  return entries;
};
const actionsOf = (entries: readonly AuditEntry[]): AuditAction[] => entries.map(({ action }) => action);

/** What every store writes down of what it did. */
export function auditStoreContract(newStores: () => Promise<Stores>): void {
  it('writes down each change of a person once, in a chain that holds', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    expect(await stores.audit.findHead(personId)).toEqual({ sequence: 0, sha256Hex: '0'.repeat(64) });
    const record = await issued(stores, personId);
    const left = await denied(stores, personId);
    const revocation = {
      revocationDate: NOW + 5,
      reason: 'cessationOfOperation',
      by: 'offboarding',
      offboardingId: left.offboardingId,
    } as const;
    await stores.certificates.revoke(record, revocation, T + 5_000, [], 'hr');
    await stores.certificates.revoke(record, revocation, T + 6_000, [], 'hr');
    const event = { ...eventOf(HR), eventTime: T + 10, at: T + 20 };
    await stores.offboardings.lift(personId, HR, event);
    await stores.offboardings.lift(personId, HR, event);
    await stores.certificates.undoRevocation({ ...record, revocation }, T + 30);
    await stores.offboardings.markCut(left.offboardingId, ENDPOINT_ID, T + 25);
    await stores.offboardings.close(left.offboardingId, T + 40, T + 20, 101);
    await stores.offboardings.close(left.offboardingId, T + 50, T + 20);
    const entries = await chainOf(stores, personId);
    expect(actionsOf(entries)).toEqual([
      'certificateIssued',
      'denied',
      'certificateRevoked',
      'lifted',
      'revocationUndone',
      'offboardingClosed',
    ]);
    expect(entries.map(({ at }) => at)).toEqual([T + 1_000, T + 120, T + 5_000, T + 20, T + 30, T + 40]);
    expect(entries.map(({ actor }) => actor)).toEqual([personId, HR, HR, HR, 'portal', 'portal']);
    const facts = { cutAt: { [ENDPOINT_ID]: T + 25 }, deniedAt: T + 120, terminatedConnections: 101 };
    expect(entries[5]?.facts).toMatchObject(facts);
  });

  it('writes down a surge as it was settled, and by whom', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const first = await denied(stores, personId, { kind: 'surge', meant: 'left' });
    const second = await denied(stores, personId, { kind: 'surge', meant: 'left' });
    await stores.offboardings.confirm(first, T + 50, 'adam');
    await stores.offboardings.confirm(first, T + 60, 'adam');
    await stores.offboardings.release(second, T + 70, 'adam');
    const entries = await chainOf(stores, personId);
    expect(actionsOf(entries)).toEqual(['denied', 'denied', 'surgeConfirmed', 'surgeReleased']);
    expect(entries.slice(2).map(({ actor, at }) => [actor, at])).toEqual([
      ['adam', T + 50],
      ['adam', T + 70],
    ]);
  });

  it('tells a renewal from an issue, and whose word a revocation became', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const first = await issued(stores, personId);
    const second = await reserved(stores, personId, { predecessorId: first.certificateId });
    await stores.certificates.markIssued(second, issuedFrom(second));
    const { offboardingId } = await denied(stores, personId);
    const byOffboarding = {
      revocationDate: NOW + 5,
      reason: 'cessationOfOperation',
      by: 'offboarding',
      offboardingId,
    } as const;
    await stores.certificates.revoke(first, byOffboarding, T);
    const byOwner = { revocationDate: NOW + 6, reason: 'keyCompromise', by: 'owner' } as const;
    await stores.certificates.revoke(first, byOwner, T);
    const entries = await chainOf(stores, personId);
    expect(actionsOf(entries)).toEqual([
      'certificateIssued',
      'certificateRenewed',
      'denied',
      'certificateRevoked',
      'revocationTakenOver',
    ]);
    expect(entries[4]).toMatchObject({ actor: personId, facts: { reason: 'keyCompromise' } });
  });

  it('keeps one chain of ten who write at once', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await Promise.all(Array.from({ length: 10 }, () => denied(stores, personId)));
    expect(await chainOf(stores, personId)).toHaveLength(10);
  });

  it('names everybody who has a chain, and gives chains a part at a time', async () => {
    const stores = await newStores();
    const ids: PersonId[] = [];
    for (const login of ['alice', 'bob', 'carol']) {
      const { personId } = await registered(stores, login);
      await denied(stores, personId);
      await denied(stores, personId);
      ids.push(personId);
    }
    await registered(stores, 'dave');
    ids.sort();
    const first = await stores.audit.listPeople(undefined, 2);
    expect(first).toEqual(ids.slice(0, 2));
    expect(await stores.audit.listPeople(first[1], 2)).toEqual(ids.slice(2));
    const [personId = '' as PersonId] = ids;
    const { entries } = await stores.audit.list(personId, 1, 1);
    expect(entries.map(({ sequence }) => sequence)).toEqual([2]);
    expect(await stores.audit.findHead('0'.repeat(26) as PersonId)).toBeUndefined();
  });

  it('notes each entry for the journal until an object has it, and the end of the journal once', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await denied(stores, personId);
    await denied(stores, personId);
    const start = await stores.journal.head();
    expect(start).toEqual({ sequence: 0, sha256Hex: '0'.repeat(64), lists: {} });
    const entries = await stores.journal.listUnjournalled(10);
    expect(entries).toEqual((await stores.audit.list(personId, 0, 10)).entries);
    const head = {
      sequence: 1,
      sha256Hex: 'a'.repeat(64),
      lists: { [ENDPOINT_ID]: 3 },
      day: '2026-03-01',
      dayFrom: 1,
    };
    expect(await stores.journal.record(start, head, entries.slice(0, 1))).toBe(true);
    expect(await stores.journal.record(start, head, entries)).toBe(false);
    expect(await stores.journal.head()).toEqual(head);
    expect(await stores.journal.listUnjournalled(10)).toEqual(entries.slice(1));
    expect(await stores.journal.record(head, { ...head, sequence: 2, sha256Hex: 'b'.repeat(64) }, [])).toBe(
      true,
    );
    expect((await stores.journal.findEntry({ personId, sequence: 2 }))?.sha256Hex).toBe(
      entries[1]?.sha256Hex,
    );
    expect(await stores.journal.findEntry({ personId, sequence: 3 })).toBeUndefined();
  });

  it('takes an entry of the journal only right behind the end of its chain', async () => {
    const stores = await newStores();
    const other = await newStores();
    const { personId } = await registered(stores, 'alice');
    await registered(other, 'alice');
    await denied(stores, personId);
    await denied(stores, personId);
    const { entries } = await stores.audit.list(personId, 0, 10);
    const [first, second] = entries as [AuditEntry, AuditEntry];
    expect(await other.journal.append(second)).toBe(false);
    expect(await other.journal.append(first)).toBe(true);
    expect(await other.journal.append(first)).toBe(false);
    expect(await other.journal.append(second)).toBe(true);
    expect(await chainOf(other, personId)).toEqual(entries);
  });
}
