import type { CertificateRecord, Revocation } from '../../../shared/domain/certificate-record.ts';
import type { CertificateId } from '../../../shared/domain/certificate-id.ts';
import {
  denied,
  emailAlias,
  ENDPOINT_ID,
  eventOf,
  freshId,
  HR,
  incidentOf,
  issued,
  issuedFrom,
  NOW,
  NOW_MILLISECONDS,
  OTHER_ENDPOINT_ID,
  registered,
  reservationOf,
  reserved,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const BY_OWNER: Revocation = { revocationDate: NOW + 60, reason: 'keyCompromise', by: 'owner' };
const BY_RENEWAL: Revocation = { revocationDate: NOW + 70, reason: 'superseded', by: 'renewal' };
const AT = NOW_MILLISECONDS + 60_000;

const successorOf = ({ personId, certificateId }: CertificateRecord): CertificateRecord =>
  reservationOf(personId, { predecessorId: certificateId });

async function reserveAs(
  stores: Stores,
  record: CertificateRecord,
  successorSeen?: CertificateId,
  isReplayed = false,
) {
  const person = await stores.people.find(record.personId);
  return stores.certificates.reserve(record, {
    enrolmentsSeen: person?.enrolments ?? -1,
    isReplayed,
    ...(successorSeen === undefined ? {} : { successorSeen }),
  });
}

/** What every CertificateStore does when one certificate is to take the place of another. */
export function renewalContract(newStores: () => Promise<Stores>): void {
  const withOld = async (): Promise<{ stores: Stores; old: CertificateRecord }> => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    return { stores, old: await issued(stores, personId) };
  };

  it('shows each of the two the other, and the gate the older one', async () => {
    const { stores, old } = await withOld();
    const successor = successorOf(old);
    expect(await reserveAs(stores, successor)).toBe('reserved');
    expect(await stores.certificates.markIssued(successor, issuedFrom(successor))).toBe('issued');
    const { certificateId } = successor;
    expect(await stores.certificates.find(old.certificateId)).toEqual({ ...old, successorId: certificateId });
    expect((await stores.certificates.find(certificateId))?.predecessorId).toBe(old.certificateId);
    const judged = await stores.gate.findForGate(certificateId);
    expect(judged?.certificate.predecessorId).toBe(old.certificateId);
  });

  it('lets one of two have the place, and another only from whom it has seen there', async () => {
    const { stores, old } = await withOld();
    const [first, second, third] = [successorOf(old), successorOf(old), successorOf(old)];
    expect(await reserveAs(stores, first)).toBe('reserved');
    expect(await reserveAs(stores, second)).toBe('predecessorChanged');
    expect(await stores.certificates.find(second.certificateId)).toBeUndefined();
    expect(await reserveAs(stores, second, first.certificateId)).toBe('reserved');
    expect(await reserveAs(stores, third, first.certificateId)).toBe('predecessorChanged');
    expect((await stores.certificates.find(old.certificateId))?.successorId).toBe(second.certificateId);
  });

  it('takes the place from none that was issued since it was seen there, unless that is over', async () => {
    const { stores, old } = await withOld();
    const [first, second] = [successorOf(old), successorOf(old)];
    await reserveAs(stores, first);
    await stores.certificates.markIssued(first, issuedFrom(first));
    expect(await reserveAs(stores, second, first.certificateId)).toBe('predecessorChanged');
    const ended = { ...second, reservedAt: first.notAfter + 1 };
    expect(await reserveAs(stores, ended, first.certificateId)).toBe('reserved');
    const third = successorOf(old);
    await stores.certificates.markIssued(ended, issuedFrom(ended));
    await stores.certificates.revoke(ended, BY_OWNER, AT);
    expect(await reserveAs(stores, third, ended.certificateId)).toBe('reserved');
  });

  it('issues none that lost the place meanwhile', async () => {
    const { stores, old } = await withOld();
    const [first, second] = [successorOf(old), successorOf(old)];
    await reserveAs(stores, first);
    await reserveAs(stores, second, first.certificateId);
    expect(await stores.certificates.markIssued(first, issuedFrom(first))).toBe('displaced');
    expect((await stores.certificates.find(first.certificateId))?.issued).toBeUndefined();
    expect(await stores.certificates.markIssued(second, issuedFrom(second))).toBe('issued');
  });

  it('gives no successor to what is revoked, was never issued, or is not there', async () => {
    const { stores, old } = await withOld();
    const unfinished = await reserved(stores, old.personId);
    expect(await reserveAs(stores, successorOf(unfinished))).toBe('predecessorChanged');
    expect(await reserveAs(stores, successorOf(reservationOf(old.personId)))).toBe('predecessorChanged');
    await stores.certificates.revoke(old, BY_OWNER, AT);
    expect(await reserveAs(stores, successorOf(old))).toBe('predecessorChanged');
  });

  it('replays a renewal whatever became of the other two since, and none from another than it has seen', async () => {
    const { stores, old } = await withOld();
    const [first, second, third] = [successorOf(old), successorOf(old), successorOf(old)];
    await reserveAs(stores, first);
    await stores.certificates.markIssued(first, issuedFrom(first));
    await stores.certificates.revoke(old, BY_OWNER, AT);
    expect(await reserveAs(stores, second, undefined, true)).toBe('predecessorChanged');
    expect(await reserveAs(stores, second, first.certificateId, true)).toBe('reserved');
    expect(await stores.certificates.markIssued(second, issuedFrom(second))).toBe('issued');
    expect((await stores.certificates.find(old.certificateId))?.successorId).toBe(second.certificateId);
    const unfinished = await reserved(stores, old.personId);
    expect(await reserveAs(stores, successorOf(unfinished), undefined, true)).toBe('predecessorChanged');
    expect(await reserveAs(stores, third, first.certificateId, true)).toBe('predecessorChanged');
  });

  it('retires once, waiting for a list from the time that was given', async () => {
    const { stores, old } = await withOld();
    const later = AT + 86_400_000;
    expect(await stores.certificates.revoke(old, BY_RENEWAL, later)).toBe('revoked');
    expect(await stores.certificates.revoke(old, BY_RENEWAL, AT)).toBe('alreadyRevoked');
    expect((await stores.certificates.find(old.certificateId))?.revocation).toEqual(BY_RENEWAL);
    for (const endpointId of old.endpointIds) {
      const { serialNumber } = old;
      expect(await stores.revocations.listPending(endpointId)).toEqual([{ serialNumber, since: later }]);
    }
  });

  it('waits as others do once its patience is ended, and no longer than it did', async () => {
    const { stores, old } = await withOld();
    await stores.certificates.revoke(old, BY_RENEWAL, AT + 1_000, [OTHER_ENDPOINT_ID]);
    await stores.certificates.endPatience(old, AT);
    await stores.certificates.endPatience(old, AT + 5);
    const { serialNumber } = old;
    for (const endpointId of [ENDPOINT_ID, OTHER_ENDPOINT_ID]) {
      expect(await stores.revocations.listPending(endpointId)).toEqual([{ serialNumber, since: AT }]);
    }
    expect((await stores.certificates.find(old.certificateId))?.revocation).toEqual(BY_RENEWAL);
  });

  it('has no patience to end where it was revoked otherwise, or not at all', async () => {
    const { stores, old } = await withOld();
    await stores.certificates.endPatience(old, AT);
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
    await stores.certificates.revoke(old, BY_OWNER, AT + 1_000);
    await stores.certificates.endPatience(old, AT);
    const { serialNumber } = old;
    expect(await stores.revocations.listPending(ENDPOINT_ID)).toEqual([{ serialNumber, since: AT + 1_000 }]);
  });

  it('takes over no offboarding’s revocation by retiring, so that a reinstatement still undoes it', async () => {
    const { stores, old } = await withOld();
    const { offboardingId } = await denied(stores, old.personId);
    const followed = {
      ...BY_RENEWAL,
      reason: 'cessationOfOperation',
      by: 'offboarding',
      offboardingId,
    } as const;
    await stores.certificates.revoke(old, followed, AT);
    expect(await stores.certificates.revoke(old, BY_RENEWAL, AT)).toBe('alreadyRevoked');
    expect((await stores.certificates.find(old.certificateId))?.revocation).toEqual(followed);
  });
}

/** What every NoticeStore does. */
export function noticeStoreContract(newStores: () => Promise<Stores>): void {
  it('notes each issued certificate, and no reserved one, until its holder is told', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await reserved(stores, personId);
    const ids = [await issued(stores, personId), await issued(stores, personId)].map(
      (one) => one.certificateId,
    );
    expect((await stores.notices.listUntold(10)).sort()).toEqual([...ids].sort());
    const [first] = await stores.notices.listUntold(1);
    if (first === undefined) throw new Error('one was expected');
    await stores.notices.markTold(first);
    await stores.notices.markTold(first);
    expect(await stores.notices.listUntold(10)).toEqual(ids.filter((id) => id !== first));
  });

  it('remembers the latest reminder, and goes back to none before', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const { certificateId } = await issued(stores, personId);
    for (const days of [30, 7, 14]) await stores.notices.markReminded(certificateId, days);
    expect((await stores.certificates.find(certificateId))?.remindedDays).toBe(7);
    const stranger = reservationOf(personId).certificateId;
    await expect(stores.notices.markReminded(stranger, 7)).rejects.toThrow();
  });

  it('gives a turn to one at a time, and takes it from who overslept', async () => {
    const { notices } = await newStores();
    const turn = await notices.takeTurn(AT, AT + 1_000);
    expect(turn).toEqual({ until: AT + 1_000, failing: [] });
    expect(await notices.takeTurn(AT + 999, AT + 2_000)).toBeUndefined();
    const next = await notices.takeTurn(AT + 1_000, AT + 3_000);
    expect(next).toEqual({ until: AT + 3_000, failing: [] });
    // Whoever overslept ends nobody else's turn.
    await notices.endTurn({ until: AT + 1_000, lookedAt: AT });
    expect(await notices.takeTurn(AT + 2_000, AT + 4_000)).toBeUndefined();
    await notices.endTurn({ until: AT + 3_000, lookedAt: AT + 2_500, failing: ['a', 'b'] });
    expect(await notices.takeTurn(AT + 2_600, AT + 5_000)).toEqual({
      until: AT + 5_000,
      lookedAt: AT + 2_500,
      failing: ['a', 'b'],
    });
  });

  it('keeps when somebody looked last where a turn ends without having looked', async () => {
    const { notices } = await newStores();
    const turn = await notices.takeTurn(AT, AT + 1_000);
    await notices.endTurn({ ...turn, until: AT + 1_000, lookedAt: AT });
    await notices.takeTurn(AT + 2_000, AT + 3_000);
    await notices.endTurn({ until: AT + 3_000, failing: ['a'] });
    expect(await notices.takeTurn(AT + 2_500, AT + 4_000)).toMatchObject({ lookedAt: AT, failing: ['a'] });
    await notices.endTurn({ until: AT + 4_000, failing: [] });
    expect(await notices.takeTurn(AT + 2_500, AT + 5_000)).toMatchObject({ failing: [] });
  });

  it('notes what operators are to be told of with it, and shows each as it is by then', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const event = { eventId: 'evt', source: HR, eventTime: NOW_MILLISECONDS, receivedAt: AT } as const;
    const left = await denied(stores, personId);
    const held = await denied(stores, personId, { kind: 'suspended' });
    const parked = await denied(stores, personId, { kind: 'surge', meant: 'left' });
    const incident = incidentOf(emailAlias('nobody@example.com'));
    await stores.offboardings.openIncidentForEvent(incident, eventOf());
    const other = incidentOf(emailAlias('other@example.com'));
    await stores.offboardings.openIncident(other, 'dedupe');
    await stores.offboardings.openIncident(incidentOf(emailAlias('other@example.com')), 'dedupe');
    const plan = {
      ...event,
      planId: freshId(AT),
      whom: { personId },
      lastDay: '2026-03-02',
      effectiveAt: AT,
    };
    await stores.offboardings.plan(plan, eventOf());
    await stores.offboardings.close(left.offboardingId, AT);
    await stores.offboardings.close(left.offboardingId, AT);
    await stores.offboardings.close(held.offboardingId, AT);
    const tellings = await stores.notices.listTellings(100);
    expect(tellings).toHaveLength(6);
    expect(tellings).toEqual(
      expect.arrayContaining([
        { note: { kind: 'offboarded', id: left.offboardingId }, offboarding: { ...left, closedAt: AT } },
        { note: { kind: 'held', id: held.offboardingId }, offboarding: { ...held, closedAt: AT } },
        { note: { kind: 'parked', id: parked.offboardingId }, offboarding: parked },
        { note: { kind: 'incident', id: incident.incidentId }, incident },
        { note: { kind: 'incident', id: other.incidentId }, incident: other },
        { note: { kind: 'planned', id: plan.planId }, plan },
      ]),
    );
    expect(await stores.notices.listTellings(2)).toHaveLength(2);
    await stores.offboardings.cancelPlan(plan);
    const note = { kind: 'planned', id: plan.planId } as const;
    expect(await stores.notices.listTellings(100)).toContainEqual({ note });
    await stores.notices.markTellings([note]);
    await stores.notices.markTellings(tellings.slice(0, 5).map((one) => one.note));
    expect(await stores.notices.listTellings(100)).toHaveLength(tellings[5]?.note.kind === 'planned' ? 0 : 1);
  });

  it('has nothing to tell of who came back before all was done', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const { offboardingId } = await denied(stores, personId);
    await stores.offboardings.lift(personId, HR, { ...eventOf(), eventTime: AT, at: AT });
    await stores.offboardings.close(offboardingId, AT, AT);
    expect(await stores.notices.listTellings(100)).toEqual([]);
  });
}
