import { certificateIdFrom } from '../../../shared/domain/certificate-id.ts';
import type { Revocation } from '../../../shared/domain/certificate-record.ts';
import {
  CA_ID,
  denied,
  ENDPOINT_ID,
  eventOf,
  freshHex,
  freshOctets,
  HR,
  issued,
  issuedFrom,
  NOW,
  NOW_MILLISECONDS,
  OTHER_ENDPOINT_ID,
  registered,
  registrationOf,
  reservationOf,
  reserved,
  SCIM,
  rowOf,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const BY_OWNER: Revocation = { revocationDate: NOW + 60, reason: 'keyCompromise', by: 'owner' };
const AT = NOW_MILLISECONDS + 60_000;

const followsFrom = (offboardingId: string): Revocation => ({
  revocationDate: NOW + 60,
  reason: 'cessationOfOperation',
  by: 'offboarding',
  offboardingId,
});

const idempotencyOf = (key: string) => ({ key, requestSha256Hex: 'aa'.repeat(32), expiresAt: NOW + 86_400 });

const lift = (
  stores: Stores,
  personId: Parameters<Stores['offboardings']['lift']>[0],
  source = HR,
  later = 1_000,
) =>
  stores.offboardings.lift(personId, source, {
    ...eventOf(source),
    eventTime: NOW_MILLISECONDS + later,
    at: NOW_MILLISECONDS + later,
  });

/** What every CertificateStore does when certificates come into being. */
export function certificateIssueContract(newStores: () => Promise<Stores>): void {
  it('makes a certificate known by its id, key and person before it is signed', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await reserved(stores, personId);
    const { certificates } = stores;
    expect(await certificates.find(record.certificateId)).toEqual(record);
    expect(await certificates.findByPublicKey(record.publicKeySha256Hex)).toEqual(record);
    expect(await certificates.listByPerson(personId)).toEqual([record]);
    expect((await stores.people.find(personId))?.enrolments).toBe(1);
  });

  it('finds nothing where nothing was reserved', async () => {
    const { certificates } = await newStores();
    const { personId } = registrationOf('alice');
    expect(await certificates.find(certificateIdFrom(freshOctets(10)))).toBeUndefined();
    expect(await certificates.findByPublicKey(freshHex())).toBeUndefined();
    expect(await certificates.findByFingerprint(freshHex())).toBeUndefined();
    expect(await certificates.findIdempotent(personId, 'k')).toBeUndefined();
    expect(await certificates.listByPerson(personId)).toEqual([]);
  });

  it("lists all of one person's certificates, oldest first, and nobody else's", async () => {
    const stores = await newStores();
    const alice = await registered(stores, 'alice');
    const bob = await registered(stores, 'bob');
    const younger = await reserved(stores, alice.personId, { reservedAt: NOW + 2 });
    const older = await reserved(stores, alice.personId, { reservedAt: NOW + 1 });
    await reserved(stores, bob.personId);
    expect(await stores.certificates.listByPerson(alice.personId)).toEqual([older, younger]);
  });

  it('remembers what an idempotency key asked for, for its person only', async () => {
    const stores = await newStores();
    const alice = await registered(stores, 'alice');
    const bob = await registered(stores, 'bob');
    const record = reservationOf(alice.personId);
    const idempotency = idempotencyOf('key-1');
    expect(await stores.certificates.reserve(record, { enrolmentsSeen: 0, idempotency })).toBe('reserved');
    const { certificateId } = record;
    const known = { requestSha256Hex: idempotency.requestSha256Hex, certificateId };
    expect(await stores.certificates.findIdempotent(alice.personId, 'key-1')).toEqual(known);
    expect(await stores.certificates.findIdempotent(bob.personId, 'key-1')).toBeUndefined();
    const others = reservationOf(bob.personId);
    expect(await stores.certificates.reserve(others, { enrolmentsSeen: 0, idempotency })).toBe('reserved');
  });

  it.each(['left', 'suspended', 'review'] as const)(
    'reserves nothing for a person who is denied: %s',
    async (kind) => {
      const stores = await newStores();
      const { personId } = await registered(stores, 'alice');
      await denied(stores, personId, { kind });
      const record = reservationOf(personId);
      expect(await stores.certificates.reserve(record, { enrolmentsSeen: 0 })).toBe('personDenied');
      expect(await stores.certificates.find(record.certificateId)).toBeUndefined();
      expect(await stores.certificates.findByPublicKey(record.publicKeySha256Hex)).toBeUndefined();
      expect((await stores.people.find(personId))?.enrolments).toBe(0);
    },
  );

  it('reserves again once the denial is lifted', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await denied(stores, personId);
    await lift(stores, personId);
    const record = reservationOf(personId);
    expect(await stores.certificates.reserve(record, { enrolmentsSeen: 0 })).toBe('reserved');
  });

  it('reserves nothing for a person who is not there', async () => {
    const { certificates } = await newStores();
    const record = reservationOf(registrationOf('nobody').personId);
    expect(await certificates.reserve(record, { enrolmentsSeen: 0 })).toBe('personDenied');
  });

  it('tells who saw an old count of enrolments that another came between', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await reserved(stores, personId);
    expect(await stores.certificates.reserve(reservationOf(personId), { enrolmentsSeen: 0 })).toBe('raced');
  });

  it('keeps a public key in use for ever, for its own person and for others', async () => {
    const stores = await newStores();
    const alice = await registered(stores, 'alice');
    const bob = await registered(stores, 'bob');
    const { publicKeySha256Hex, ...record } = await issued(stores, alice.personId);
    await stores.certificates.revoke({ ...record, publicKeySha256Hex }, BY_OWNER, AT);
    for (const [{ personId }, enrolmentsSeen] of [
      [alice, 1],
      [bob, 0],
    ] as const) {
      const again = reservationOf(personId, { publicKeySha256Hex });
      expect(await stores.certificates.reserve(again, { enrolmentsSeen })).toBe('publicKeyInUse');
    }
    expect((await stores.people.find(bob.personId))?.enrolments).toBe(0);
  });

  it('never gives a certificate id twice', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const { certificateId } = await reserved(stores, personId);
    const again = reservationOf(personId, { certificateId });
    expect(await stores.certificates.reserve(again, { enrolmentsSeen: 1 })).toBe('certificateIdInUse');
    expect(await stores.certificates.findByPublicKey(again.publicKeySha256Hex)).toBeUndefined();
  });

  it('names the gravest of several reasons: denial, idempotency key, public key, id, count', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const first = reservationOf(personId);
    const idempotency = idempotencyOf('k');
    await stores.certificates.reserve(first, { enrolmentsSeen: 0, idempotency });
    const { certificates } = stores;
    const raced = { enrolmentsSeen: 0 };
    const { certificateId, publicKeySha256Hex } = first;
    const fresh = reservationOf(personId);
    expect(await certificates.reserve({ ...fresh, certificateId }, raced)).toBe('certificateIdInUse');
    expect(await certificates.reserve({ ...fresh, certificateId, publicKeySha256Hex }, raced)).toBe(
      'publicKeyInUse',
    );
    expect(await certificates.reserve(first, { ...raced, idempotency })).toBe('idempotencyKeyUsed');
    await denied(stores, personId);
    expect(await certificates.reserve(first, { ...raced, idempotency })).toBe('personDenied');
  });

  it('lets one of 20 reservations that saw the same count through', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        stores.certificates.reserve(reservationOf(personId), { enrolmentsSeen: 0 }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'reserved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'raced')).toHaveLength(19);
    expect(await stores.certificates.listByPerson(personId)).toHaveLength(1);
  });

  it('gives a public key that 20 people bring at once to one of them', async () => {
    const stores = await newStores();
    const publicKeySha256Hex = freshHex();
    const people = await Promise.all(Array.from({ length: 20 }, (_, n) => registered(stores, `person${n}`)));
    const outcomes = await Promise.all(
      people.map(({ personId }) =>
        stores.certificates.reserve(reservationOf(personId, { publicKeySha256Hex }), { enrolmentsSeen: 0 }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'reserved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'publicKeyInUse')).toHaveLength(19);
  });

  it('lists what a CA issued by its end, a page at a time, over months', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const ending = (days: number, changes = {}) =>
      issued(stores, personId, { notAfter: NOW + days * 86_400, ...changes });
    const third = await ending(70);
    const first = await ending(40);
    const twins = [await ending(41), await ending(41)].sort((a, b) =>
      a.serialNumber < b.serialNumber ? -1 : 1,
    );
    await ending(39);
    await ending(71);
    await ending(50, { caId: 'ca-2' });
    await reserved(stores, personId, { notAfter: NOW + 50 * 86_400 });
    const range = { from: NOW + 40 * 86_400, until: NOW + 70 * 86_400 };
    const { certificates } = stores;
    expect(await certificates.listByEnd(CA_ID, { ...range, limit: 9 })).toEqual([first, ...twins, third]);
    const page = await certificates.listByEnd(CA_ID, { ...range, limit: 2 });
    expect(page).toEqual([first, twins[0]]);
    const after = {
      notAfter: twins[0]?.notAfter ?? 0,
      serialNumber: twins[0]?.serialNumber ?? first.serialNumber,
    };
    expect(await certificates.listByEnd(CA_ID, { ...range, after, limit: 2 })).toEqual([twins[1], third]);
    expect(await certificates.listByEnd('ca-3', { ...range, limit: 9 })).toEqual([]);
    const counts = await Promise.all(
      [CA_ID, 'ca-2', 'ca-3'].map((caId) => certificates.countByEnd(caId, range)),
    );
    expect(counts).toEqual([4, 1, 0]);
    const bob = await registered(stores, 'bob');
    await issued(stores, bob.personId, { notAfter: NOW + 50 * 86_400 });
    expect([...(await certificates.holdersByEnd(CA_ID, range))].sort()).toEqual(
      [personId, bob.personId].sort(),
    );
    expect([...(await certificates.holdersByEnd('ca-3', range))]).toEqual([]);
  });

  it('records the signed certificate once, and finds it by its fingerprint', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await reserved(stores, personId);
    const first = issuedFrom(record);
    expect(await stores.certificates.markIssued(record, first)).toBe('issued');
    expect(await stores.certificates.markIssued(record, issuedFrom(record))).toBe('alreadyIssued');
    const kept = { ...record, issued: first };
    expect(await stores.certificates.find(record.certificateId)).toEqual(kept);
    expect(await stores.certificates.findByFingerprint(first.fingerprintSha256Hex)).toEqual(kept);
  });

  it('does not record a certificate of a person who was denied after reserving', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await reserved(stores, personId);
    await denied(stores, personId);
    expect(await stores.certificates.markIssued(record, issuedFrom(record))).toBe('personDenied');
    expect((await stores.certificates.find(record.certificateId))?.issued).toBeUndefined();
  });

  it('does not record a certificate that was revoked after reserving', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await reserved(stores, personId);
    await stores.certificates.revoke(record, BY_OWNER, AT);
    expect(await stores.certificates.markIssued(record, issuedFrom(record))).toBe('revoked');
    expect((await stores.certificates.find(record.certificateId))?.issued).toBeUndefined();
  });

  it('never records what was not reserved', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = reservationOf(personId);
    await expect(stores.certificates.markIssued(record, issuedFrom(record))).rejects.toThrow();
  });

  it('leaves nothing usable when a reservation and a denial race', async () => {
    const stores = await newStores();
    for (let round = 0; round < 10; round += 1) {
      const { personId } = await registered(stores, `racer${round}`);
      const record = reservationOf(personId);
      const [outcome] = await Promise.all([
        stores.certificates
          .reserve(record, { enrolmentsSeen: 0 })
          .then((reserve) =>
            reserve === 'reserved' ? stores.certificates.markIssued(record, issuedFrom(record)) : reserve,
          ),
        denied(stores, personId),
      ]);
      // Whichever came first: the person is denied, and what was recorded before is found by the offboarding.
      const found = await stores.certificates.listByPerson(personId);
      expect(found.some((one) => one.issued !== undefined)).toBe(outcome === 'issued');
      const late = reservationOf(personId);
      expect(await stores.certificates.reserve(late, { enrolmentsSeen: found.length })).toBe('personDenied');
    }
  });

  it('notes the last use, and never goes back', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const { certificateId } = await issued(stores, personId);
    for (const at of [NOW + 50, NOW + 70, NOW + 60]) await stores.certificates.markUsed(certificateId, at);
    expect((await stores.certificates.find(certificateId))?.lastUsedAt).toBe(NOW + 70);
  });
}

/** What every CertificateStore does when certificates are revoked, and when that is taken back. */
export function certificateRevocationContract(newStores: () => Promise<Stores>): void {
  it('revokes once, with its row for the list and a note at each endpoint; the first stays', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const { serialNumber, notAfter, certificateId } = record;
    expect(await stores.certificates.revoke(record, BY_OWNER, AT)).toBe('revoked');
    const again = { ...BY_OWNER, reason: 'superseded' } as const;
    expect(await stores.certificates.revoke(record, again, AT + 1)).toBe('alreadyRevoked');
    expect((await stores.certificates.find(certificateId))?.revocation).toEqual(BY_OWNER);
    const { revocationDate, reason } = BY_OWNER;
    const row = { serialNumber, notAfter, revocationDate, reason };
    expect(await stores.revocations.list(CA_ID, 0)).toEqual([row]);
    expect(await rowOf(stores, CA_ID, notAfter, serialNumber)).toEqual(row);
    for (const endpointId of [ENDPOINT_ID, OTHER_ENDPOINT_ID]) {
      expect(await stores.revocations.listPending(endpointId)).toEqual([{ serialNumber, since: AT }]);
    }
  });

  it('lets one of 20 revocations at once through, and notes it once', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => stores.certificates.revoke(record, BY_OWNER, AT + n)),
    );
    expect(outcomes.filter((outcome) => outcome === 'revoked')).toHaveLength(1);
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toHaveLength(1);
  });

  it('revokes for an offboarding only while its own denial stands', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const { offboardingId } = await denied(stores, personId);
    await denied(stores, personId, { source: SCIM });
    await lift(stores, personId);
    expect(await stores.certificates.revoke(record, followsFrom(offboardingId), AT)).toBe('denialGone');
    expect((await stores.certificates.find(record.certificateId))?.revocation).toBeUndefined();
    expect(await stores.revocations.list(CA_ID, 0)).toEqual([]);
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
  });

  it('takes a revocation back with its row and its notes, and can revoke anew', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const { offboardingId } = await denied(stores, personId);
    const revocation = followsFrom(offboardingId);
    await stores.certificates.revoke(record, revocation, AT);
    await lift(stores, personId);
    expect(await stores.certificates.undoRevocation({ ...record, revocation }, NOW_MILLISECONDS)).toBe(
      'undone',
    );
    expect(await stores.certificates.find(record.certificateId)).toEqual(record);
    expect(await stores.revocations.list(CA_ID, 0)).toEqual([]);
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
    expect(await stores.certificates.undoRevocation({ ...record, revocation }, NOW_MILLISECONDS)).toBe(
      'notRevoked',
    );
    expect(await stores.certificates.revoke(record, BY_OWNER, AT + 1)).toBe('revoked');
  });

  it('takes nothing back that a list has taken up', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const revocation = followsFrom((await denied(stores, personId)).offboardingId);
    await stores.certificates.revoke(record, revocation, AT);
    await lift(stores, personId);
    await stores.revocations.claim(CA_ID, await stores.revocations.list(CA_ID, 0), 7);
    expect(await stores.certificates.undoRevocation({ ...record, revocation }, NOW_MILLISECONDS)).toBe(
      'published',
    );
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(revocation);
  });

  it("takes back neither an owner's word nor another offboarding's", async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    await stores.certificates.revoke(record, BY_OWNER, AT);
    expect(
      await stores.certificates.undoRevocation({ ...record, revocation: BY_OWNER }, NOW_MILLISECONDS),
    ).toBe('notRevoked');
    const stale = { ...record, revocation: followsFrom('x') };
    expect(await stores.certificates.undoRevocation(stale, NOW_MILLISECONDS)).toBe('notRevoked');
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(BY_OWNER);
  });

  it('passes a revocation on to another denial that asks for it, and undoes it with that one', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await issued(stores, personId);
    const first = await denied(stores, personId);
    const second = await denied(stores, personId, { source: SCIM });
    const revocation = followsFrom(first.offboardingId);
    await stores.certificates.revoke(record, revocation, AT);
    expect(await stores.certificates.revoke(record, followsFrom(second.offboardingId), AT)).toBe(
      'alreadyRevoked',
    );
    await lift(stores, personId, HR);
    expect(await stores.certificates.undoRevocation({ ...record, revocation }, NOW_MILLISECONDS)).toBe(
      'notRevoked',
    );
    const passedOn = followsFrom(second.offboardingId);
    expect((await stores.certificates.find(record.certificateId))?.revocation).toEqual(passedOn);
    expect(await stores.revocations.list(CA_ID, 0)).toHaveLength(1);
    await lift(stores, personId, SCIM);
    expect(
      await stores.certificates.undoRevocation({ ...record, revocation: passedOn }, NOW_MILLISECONDS),
    ).toBe('undone');
  });

  it('ends a race between a list and a reinstatement on one side', async () => {
    const stores = await newStores();
    for (let round = 0; round < 10; round += 1) {
      const { personId } = await registered(stores, `racer${round}`);
      const record = await issued(stores, personId);
      const revocation = followsFrom((await denied(stores, personId)).offboardingId);
      await stores.certificates.revoke(record, revocation, AT);
      await lift(stores, personId);
      const row = await rowOf(stores, CA_ID, record.notAfter, record.serialNumber);
      const [undo, claimed] = await Promise.all([
        stores.certificates.undoRevocation({ ...record, revocation }, NOW_MILLISECONDS),
        stores.revocations.claim(CA_ID, row === undefined ? [] : [row], 3),
      ]);
      expect(undo === 'undone').toBe(claimed.length === 0);
      const after = await stores.certificates.find(record.certificateId);
      expect(after?.revocation === undefined).toBe(undo === 'undone');
    }
  });

  it('ends a race between a reinstatement and a new denial with the certificate on the list', async () => {
    const stores = await newStores();
    for (let round = 0; round < 10; round += 1) {
      const { personId } = await registered(stores, `racer${round}`);
      const record = await issued(stores, personId);
      const revocation = followsFrom((await denied(stores, personId)).offboardingId);
      await stores.certificates.revoke(record, revocation, AT);
      await lift(stores, personId);
      await Promise.all([
        stores.certificates.undoRevocation({ ...record, revocation }, NOW_MILLISECONDS),
        denied(stores, personId, { source: SCIM }).then(({ offboardingId }) =>
          stores.certificates.revoke(record, followsFrom(offboardingId), AT + 1),
        ),
      ]);
      const after = await stores.certificates.find(record.certificateId);
      expect(after?.revocation).toBeDefined();
      expect(await rowOf(stores, CA_ID, record.notAfter, record.serialNumber)).toBeDefined();
    }
  });
}

/** What every GateStore does. */
export function gateStoreContract(newStores: () => Promise<Stores>): void {
  it('gives what a decision needs, as it is now', async () => {
    const stores = await newStores();
    const person = await registered(stores, 'alice');
    const record = await reserved(stores, person.personId);
    const { certificateId, commonName, endpointIds, notAfter } = record;
    const judged = { certificateId, personId: person.personId, commonName, endpointIds, notAfter };
    const before = await stores.gate.findForGate(certificateId);
    expect(before?.certificate).toEqual({ ...judged, isIssued: false });
    expect(before?.person?.denials).toEqual([]);
    await stores.certificates.markIssued(record, issuedFrom(record));
    await stores.certificates.revoke(record, BY_OWNER, AT);
    await stores.certificates.markUsed(certificateId, NOW + 5);
    const { source, kind, eventTime, offboardingId } = await denied(stores, person.personId);
    const after = await stores.gate.findForGate(certificateId);
    const changes = { isIssued: true, revocation: BY_OWNER, lastUsedAt: NOW + 5 };
    expect(after?.certificate).toEqual({ ...judged, ...changes });
    expect(after?.person?.denials).toEqual([{ source, kind, eventTime, offboardingId }]);
  });

  it('knows no certificate that was never reserved', async () => {
    const { gate } = await newStores();
    expect(await gate.findForGate(certificateIdFrom(freshOctets(10)))).toBeUndefined();
  });
}
