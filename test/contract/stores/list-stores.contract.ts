import { createHash } from 'node:crypto';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import type { SignedCrl } from '../../../shared/domain/crl-facts.ts';
import {
  CA_ID,
  denied,
  ENDPOINT_ID,
  eventOf,
  issued,
  NOW,
  NOW_MILLISECONDS,
  OTHER_ENDPOINT_ID,
  registered,
  rowOf,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const revoked = async (stores: Stores, notAfter: number, caId = CA_ID, at = NOW_MILLISECONDS) => {
  const { personId } = await registered(stores, 'alice');
  const record = await issued(stores, personId, { notAfter, caId });
  const revocation = { revocationDate: NOW, reason: 'superseded', by: 'owner' } as const;
  await stores.certificates.revoke(record, revocation, at);
  return record;
};

/** What every RevocationStore does. */
export function revocationStoreContract(newStores: () => Promise<Stores>): void {
  it('lists the rows of one CA that end at a time or later, by their end', async () => {
    const stores = await newStores();
    const late = await revoked(stores, NOW + 300);
    const early = await revoked(stores, NOW + 100);
    const middle = await revoked(stores, NOW + 200);
    await revoked(stores, NOW + 250, 'ca-2');
    await revoked(stores, NOW + 250, `${CA_ID}0`);
    const serials = async (from: number) =>
      (await stores.revocations.list(CA_ID, from)).map(({ serialNumber }) => serialNumber);
    expect(await serials(0)).toEqual([early, middle, late].map(({ serialNumber }) => serialNumber));
    expect(await serials(NOW + 200)).toEqual([middle, late].map(({ serialNumber }) => serialNumber));
    expect(await serials(NOW + 301)).toEqual([]);
  });

  it('finds one row, or none', async () => {
    const stores = await newStores();
    const { serialNumber, notAfter } = await revoked(stores, NOW + 100);
    const row = { serialNumber, notAfter, revocationDate: NOW, reason: 'superseded' };
    expect(await rowOf(stores, CA_ID, notAfter, serialNumber)).toEqual(row);
    expect(await rowOf(stores, CA_ID, notAfter + 1, serialNumber)).toBeUndefined();
    expect(await rowOf(stores, 'ca-2', notAfter, serialNumber)).toBeUndefined();
  });

  it('takes rows up once: the first list that claims a row keeps it', async () => {
    const stores = await newStores();
    await revoked(stores, NOW + 100);
    await revoked(stores, NOW + 200);
    const rows = await stores.revocations.list(CA_ID, 0);
    const claimed = rows.map((row) => ({ ...row, crlNumber: 5 }));
    expect(await stores.revocations.claim(CA_ID, rows, 5)).toEqual(claimed);
    expect(await stores.revocations.claim(CA_ID, rows, 6)).toEqual(claimed);
    expect(await stores.revocations.list(CA_ID, 0)).toEqual(claimed);
  });

  it('claims only rows that still exist, and makes none', async () => {
    const stores = await newStores();
    const { notAfter, serialNumber } = await revoked(stores, NOW + 100);
    const [row] = await stores.revocations.list(CA_ID, 0);
    if (row === undefined) throw new Error('no row');
    const gone = { ...row, notAfter: notAfter + 1 };
    const claimed = await stores.revocations.claim(CA_ID, [gone, row], 5);
    expect(claimed).toEqual([{ ...row, crlNumber: 5 }]);
    expect(await rowOf(stores, CA_ID, notAfter + 1, serialNumber)).toBeUndefined();
  });

  it('leaves rows alone that have a number', async () => {
    const stores = await newStores();
    const row = { ...(await revoked(stores, NOW + 100)), crlNumber: 4 };
    const { serialNumber, notAfter } = row;
    const given = {
      serialNumber,
      notAfter,
      revocationDate: NOW,
      reason: 'superseded',
      crlNumber: 4,
    } as const;
    expect(await stores.revocations.claim(CA_ID, [given], 5)).toEqual([given]);
    expect((await rowOf(stores, CA_ID, notAfter, serialNumber))?.crlNumber).toBeUndefined();
  });

  it('notes a revocation as pending wherever it is told, and an undone one nowhere', async () => {
    const stores = await newStores();
    const third = 'cvpn-endpoint-0aaaaaaaaaaaaaaaa';
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const { offboardingId } = await denied(stores, personId);
    const revocation = {
      revocationDate: NOW,
      reason: 'superseded',
      by: 'offboarding',
      offboardingId,
    } as const;
    await stores.certificates.revoke(record, revocation, NOW_MILLISECONDS, [ENDPOINT_ID, third]);
    const pendingAt = async (): Promise<number[]> => {
      const ids = [ENDPOINT_ID, OTHER_ENDPOINT_ID, third, 'cvpn-endpoint-0bbbbbbbbbbbbbbbb'];
      return Promise.all(ids.map(async (id) => (await stores.revocations.listPending(id)).length));
    };
    expect(await pendingAt()).toEqual([1, 1, 1, 0]);
    const event = { ...eventOf(), eventTime: NOW_MILLISECONDS, at: NOW_MILLISECONDS };
    await stores.offboardings.lift(personId, 'all', event);
    const stored = await stores.certificates.find(record.certificateId);
    expect(await stores.certificates.undoRevocation(stored ?? record, NOW_MILLISECONDS)).toBe('undone');
    expect(await pendingAt()).toEqual([0, 0, 0, 0]);
  });

  it('adopts rows of certificates that it does not know, once, and notes them as pending', async () => {
    const stores = await newStores();
    const { notAfter, serialNumber } = await revoked(stores, NOW + 100);
    const [known] = await stores.revocations.list(CA_ID, 0);
    await stores.revocations.clearPending(ENDPOINT_ID, await stores.revocations.listPending(ENDPOINT_ID));
    const entry = { notAfter: NOW + 900, revocationDate: NOW - 5, reason: 'keyCompromise' } as const;
    // As long as a serial number may be (RFC 5280 section 4.1.2.2).
    const foreign = { ...entry, serialNumber: `7${'f'.repeat(39)}` as SerialNumber };
    const rows = [{ ...entry, notAfter, serialNumber }, foreign];
    await stores.revocations.adopt(CA_ID, rows, [ENDPOINT_ID], NOW_MILLISECONDS + 5);
    await stores.revocations.adopt(CA_ID, rows, [ENDPOINT_ID], NOW_MILLISECONDS + 9);
    expect(await stores.revocations.list(CA_ID, 0)).toEqual([known, foreign]);
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toEqual([
      { since: NOW_MILLISECONDS + 5, serialNumber: foreign.serialNumber },
    ]);
    const claimed = await stores.revocations.claim(CA_ID, [foreign], 4);
    expect(claimed).toEqual([{ ...foreign, crlNumber: 4 }]);
  });

  it('lists what is pending at an endpoint, oldest first, and forgets what was given', async () => {
    const stores = await newStores();
    const second = await revoked(stores, NOW + 100, CA_ID, NOW_MILLISECONDS + 2);
    const first = await revoked(stores, NOW + 200, CA_ID, NOW_MILLISECONDS + 1);
    const third = await revoked(stores, NOW + 300, CA_ID, NOW_MILLISECONDS + 3);
    const all = await stores.revocations.listPending(ENDPOINT_ID);
    expect(all.map(({ serialNumber }) => serialNumber)).toEqual(
      [first, second, third].map(({ serialNumber }) => serialNumber),
    );
    expect(await stores.revocations.listPending(ENDPOINT_ID, 2)).toEqual(all.slice(0, 2));
    await stores.revocations.clearPending(ENDPOINT_ID, all.slice(0, 2));
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toEqual(all.slice(2));
    expect(await stores.revocations.listPending(OTHER_ENDPOINT_ID)).toHaveLength(3);
    await stores.revocations.clearPending(ENDPOINT_ID, []);
  });
}

/** A list whose octets say what it is. */
export function listOf(crlNumber: number, sizeOctets = 1_000): SignedCrl {
  const der = new Uint8Array(sizeOctets).map((_, index) => (index * 31 + crlNumber) % 256);
  const sha256Hex = createHash('sha256').update(der).digest('hex');
  return { crlNumber, thisUpdate: NOW, nextUpdate: NOW + 86_400, entries: 3, der, sha256Hex };
}

/** What every CrlStore does. */
export function crlStoreContract(newStores: () => Promise<Stores>): void {
  it('counts up from what was seen elsewhere, for each CA alone', async () => {
    const { crls } = await newStores();
    expect(await crls.nextNumber(CA_ID, 0)).toBe(1);
    expect(await crls.nextNumber(CA_ID, 0)).toBe(2);
    expect(await crls.nextNumber(CA_ID, 40)).toBe(41);
    expect(await crls.nextNumber(CA_ID, 41)).toBe(42);
    expect(await crls.nextNumber(CA_ID, 7)).toBe(43);
    expect(await crls.nextNumber('ca-2', 0)).toBe(1);
    const last = await Promise.all([CA_ID, 'ca-2', 'ca-3'].map((caId) => crls.lastNumber(caId)));
    expect(last).toEqual([43, 1, 0]);
  });

  it('gives 20 who ask at once 20 numbers', async () => {
    const { crls } = await newStores();
    const numbers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => crls.nextNumber(CA_ID, index % 3 === 0 ? 10 : 0)),
    );
    expect(new Set(numbers).size).toBe(20);
  });

  it('has no current list before there is one', async () => {
    const { crls } = await newStores();
    await crls.nextNumber(CA_ID, 0);
    expect(await crls.current(CA_ID)).toBeUndefined();
  });

  it('makes only a higher list the current one; the same again is still the current one', async () => {
    const { crls } = await newStores();
    expect(await crls.activate(CA_ID, listOf(5))).toBe(true);
    expect(await crls.activate(CA_ID, listOf(4))).toBe(false);
    expect(await crls.current(CA_ID)).toEqual(listOf(5));
    expect(await crls.activate(CA_ID, listOf(5))).toBe(true);
    expect(await crls.activate(CA_ID, listOf(6))).toBe(true);
    expect(await crls.current(CA_ID)).toEqual(listOf(6));
    expect(await crls.activate(CA_ID, listOf(5))).toBe(false);
  });

  it('keeps one list under a number for good', async () => {
    const { crls } = await newStores();
    await crls.activate(CA_ID, listOf(5));
    await expect(crls.activate(CA_ID, { ...listOf(5, 900) })).rejects.toThrow();
    expect(await crls.current(CA_ID)).toEqual(listOf(5));
  });

  it('ends with the highest of 20 lists activated at once', async () => {
    const { crls } = await newStores();
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    await Promise.all(numbers.map((number) => crls.activate(CA_ID, listOf(number))));
    expect(await crls.current(CA_ID)).toEqual(listOf(20));
  });

  it('keeps a list of a megabyte whole', async () => {
    const { crls } = await newStores();
    const list = listOf(9, 1_000_001);
    expect(await crls.activate(CA_ID, list)).toBe(true);
    const current = await crls.current(CA_ID);
    expect(current?.sha256Hex).toBe(list.sha256Hex);
    expect(Buffer.compare(current?.der ?? new Uint8Array(), list.der)).toBe(0);
  });
}
