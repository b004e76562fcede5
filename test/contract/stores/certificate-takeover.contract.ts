import type { Revocation } from '../../../shared/domain/certificate-record.ts';
import type { RevocationRow } from '../../../shared/domain/crl-facts.ts';
import {
  CA_ID,
  denied,
  ENDPOINT_ID,
  eventOf,
  HR,
  issued,
  NOW,
  NOW_MILLISECONDS,
  OTHER_ENDPOINT_ID,
  registered,
  rowOf,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const AT = NOW_MILLISECONDS + 60_000;
const BY_OWNER: Revocation = { revocationDate: NOW + 90, reason: 'keyCompromise', by: 'owner' };

/** A certificate that is revoked because its owner left, and says so. */
async function offboarded(stores: Stores, login = 'alice') {
  const { personId } = await registered(stores, login);
  const record = await issued(stores, personId);
  const revocation: Revocation = {
    revocationDate: NOW + 60,
    reason: 'cessationOfOperation',
    by: 'offboarding',
    offboardingId: (await denied(stores, personId)).offboardingId,
  };
  await stores.certificates.revoke(record, revocation, AT);
  return { ...record, revocation };
}

const reinstate = async (stores: Stores, { personId }: Awaited<ReturnType<typeof offboarded>>) => {
  const times = { eventTime: AT + 1, at: AT + 1 };
  await stores.offboardings.lift(personId, HR, { ...eventOf(), ...times });
};

const rowsOf = (stores: Stores): Promise<RevocationRow[]> => stores.revocations.list(CA_ID, 0);

/** What every CertificateStore does when somebody revokes what an offboarding revoked. */
export function certificateTakeoverContract(newStores: () => Promise<Stores>): void {
  it.each(['owner', 'administrator'] as const)(
    "makes an offboarding's revocation the %s's own, with its row, and leaves the notes as they are",
    async (by) => {
      const stores = await newStores();
      const record = await offboarded(stores);
      const { certificateId, serialNumber, notAfter } = record;
      const own = { ...BY_OWNER, by };
      expect(await stores.certificates.revoke(record, own, AT + 5)).toBe('revoked');
      expect((await stores.certificates.find(certificateId))?.revocation).toEqual(own);
      const { revocationDate, reason } = own;
      expect(await rowsOf(stores)).toEqual([{ serialNumber, notAfter, revocationDate, reason }]);
      for (const endpointId of [ENDPOINT_ID, OTHER_ENDPOINT_ID]) {
        expect(await stores.revocations.listPending(endpointId)).toEqual([{ serialNumber, since: AT }]);
      }
    },
  );

  it('keeps it through a reinstatement, whatever its caller had read', async () => {
    const stores = await newStores();
    const record = await offboarded(stores);
    await stores.certificates.revoke(record, BY_OWNER, AT + 5);
    await reinstate(stores, record);
    expect(await stores.certificates.undoRevocation(record, NOW_MILLISECONDS)).toBe('notRevoked');
    expect(
      await stores.certificates.undoRevocation({ ...record, revocation: BY_OWNER }, NOW_MILLISECONDS),
    ).toBe('notRevoked');
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(BY_OWNER);
    expect(await rowsOf(stores)).toHaveLength(1);
  });

  it('takes over once: the word that came first stays', async () => {
    const stores = await newStores();
    const record = await offboarded(stores);
    await stores.certificates.revoke(record, BY_OWNER, AT + 5);
    const later = { ...BY_OWNER, by: 'administrator', reason: 'superseded' } as const;
    expect(await stores.certificates.revoke(record, later, AT + 6)).toBe('alreadyRevoked');
    expect(await stores.certificates.revoke(record, BY_OWNER, AT + 6)).toBe('alreadyRevoked');
    expect(await stores.certificates.revoke(record, record.revocation, AT + 6)).toBe('alreadyRevoked');
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(BY_OWNER);
    expect(await rowsOf(stores)).toMatchObject([{ reason: 'keyCompromise' }]);
  });

  it('leaves the row as it was published where a list has taken it up', async () => {
    const stores = await newStores();
    const record = await offboarded(stores);
    const claimed = await stores.revocations.claim(CA_ID, await rowsOf(stores), 7);
    expect(await stores.certificates.revoke(record, BY_OWNER, AT + 5)).toBe('revoked');
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(BY_OWNER);
    expect(claimed).toMatchObject([{ reason: 'cessationOfOperation', crlNumber: 7 }]);
    expect(await rowsOf(stores)).toEqual(claimed);
    expect(await stores.certificates.revoke(record, BY_OWNER, AT + 6)).toBe('alreadyRevoked');
  });

  it('lets a list take up what the row says by then, not what was read before', async () => {
    const stores = await newStores();
    const record = await offboarded(stores);
    const before = await rowsOf(stores);
    await stores.certificates.revoke(record, BY_OWNER, AT + 5);
    const claimed = await stores.revocations.claim(CA_ID, before, 7);
    expect(claimed).toMatchObject([
      { reason: 'keyCompromise', revocationDate: BY_OWNER.revocationDate, crlNumber: 7 },
    ]);
    expect(await rowsOf(stores)).toEqual(claimed);
    expect(await stores.revocations.claim(CA_ID, before, 8)).toEqual(claimed);
  });

  it('lets one of 20 who take over at once through', async () => {
    const stores = await newStores();
    const record = await offboarded(stores);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => stores.certificates.revoke(record, BY_OWNER, AT + 5)),
    );
    expect(outcomes.filter((outcome) => outcome === 'revoked')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'alreadyRevoked')).toHaveLength(19);
  });

  it('ends a race with a list on one side: what the list says is what the row says', async () => {
    const stores = await newStores();
    for (let round = 0; round < 6; round += 1) {
      const record = await offboarded(stores, `racer${round}`);
      const row = await rowOf(stores, CA_ID, record.notAfter, record.serialNumber);
      const [outcome, claimed] = await Promise.all([
        stores.certificates.revoke(record, BY_OWNER, AT + 5),
        stores.revocations.claim(CA_ID, row === undefined ? [] : [row], 3),
      ]);
      expect(outcome).toBe('revoked');
      expect([await rowOf(stores, CA_ID, record.notAfter, record.serialNumber)]).toEqual(claimed);
      expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(BY_OWNER);
    }
  });

  it('ends a race with a reinstatement with the certificate revoked, and its row and notes there', async () => {
    const stores = await newStores();
    for (let round = 0; round < 6; round += 1) {
      const record = await offboarded(stores, `racer${round}`);
      await reinstate(stores, record);
      const [outcome, undo] = await Promise.all([
        stores.certificates.revoke(record, BY_OWNER, AT + 5),
        stores.certificates.undoRevocation(record, NOW_MILLISECONDS),
      ]);
      expect(outcome).toBe('revoked');
      expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(BY_OWNER);
      const { serialNumber, notAfter } = record;
      expect(await rowOf(stores, CA_ID, notAfter, serialNumber)).toMatchObject({ reason: 'keyCompromise' });
      const pending = await stores.revocations.listPending(ENDPOINT_ID);
      const since = undo === 'undone' ? AT + 5 : AT;
      expect(pending.filter((one) => one.serialNumber === serialNumber)).toEqual([{ serialNumber, since }]);
    }
  });
}
