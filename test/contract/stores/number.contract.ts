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
  offboardingOf,
  registered,
  registrationOf,
  reservationOf,
  reserved,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

type Write = (stores: Stores, number: number) => Promise<unknown>;

const ALIAS = emailAlias('stranger@example.com');
const ENDPOINT = { endpointId: ENDPOINT_ID, caId: 'ca-1', serverCertificateArn: 'a', gateArn: 'g' };

const leased = async ({ endpoints }: Stores) => {
  await endpoints.add(ENDPOINT);
  const lease = await endpoints.acquireLease(ENDPOINT_ID, 1, 2);
  if (lease === undefined) throw new Error('no lease');
  return lease;
};

/** Each prepares with good numbers, and then writes one that no reader would take. */
const WRITES: readonly (readonly [string, Write])[] = [
  ['a person', ({ people }, at) => people.register(registrationOf('alice', { at }))],
  [
    'a reservation',
    async (stores, notAfter) => {
      const { personId } = await registered(stores, 'alice');
      return stores.certificates.reserve(reservationOf(personId, { notAfter }), { enrolmentsSeen: 0 });
    },
  ],
  [
    'a signed certificate',
    async (stores, issuedAt) => {
      const record = await reserved(stores, (await registered(stores, 'alice')).personId);
      return stores.certificates.markIssued(record, { ...issuedFrom(record), issuedAt });
    },
  ],
  [
    'the date of a revocation',
    async (stores, revocationDate) => {
      const record = await issued(stores, (await registered(stores, 'alice')).personId);
      const revocation = { revocationDate, reason: 'superseded', by: 'owner' } as const;
      return stores.certificates.revoke(record, revocation, NOW_MILLISECONDS);
    },
  ],
  [
    'the key of a row for the list',
    async (stores, notAfter) => {
      const record = await issued(stores, (await registered(stores, 'alice')).personId);
      const revocation = { revocationDate: NOW, reason: 'superseded', by: 'owner' } as const;
      return stores.certificates.revoke({ ...record, notAfter }, revocation, NOW_MILLISECONDS);
    },
  ],
  [
    'the time since when a revocation is pending',
    async (stores, at) => {
      const record = await issued(stores, (await registered(stores, 'alice')).personId);
      const revocation = { revocationDate: NOW, reason: 'superseded', by: 'owner' } as const;
      return stores.certificates.revoke(record, revocation, at);
    },
  ],
  [
    'the last use of a certificate',
    async (stores, at) => {
      const { certificateId } = await issued(stores, (await registered(stores, 'alice')).personId);
      return stores.certificates.markUsed(certificateId, at);
    },
  ],
  [
    'a denial',
    async (stores, eventTime) => {
      const { personId } = await registered(stores, 'alice');
      return stores.offboardings.deny(offboardingOf(personId, { eventTime }), eventOf());
    },
  ],
  [
    'a mark of an offboarding',
    async (stores, at) => {
      const { offboardingId } = await denied(stores, (await registered(stores, 'alice')).personId);
      return stores.offboardings.markCut(offboardingId, ENDPOINT_ID, at);
    },
  ],
  [
    'a return',
    async (stores, eventTime) => {
      const { personId } = await registered(stores, 'alice');
      return stores.offboardings.lift(personId, HR, { ...eventOf(), eventTime, at: NOW_MILLISECONDS });
    },
  ],
  [
    'the event of an incident',
    ({ offboardings }, eventTime) => {
      const event = { eventId: 'evt', kind: 'left', eventTime } as const;
      return offboardings.openIncidentForEvent(incidentOf(ALIAS, { event }), eventOf());
    },
  ],
  [
    'an incident',
    ({ offboardings }, openedAt) =>
      offboardings.openIncident(incidentOf(ALIAS, { openedAt, incidentId: freshId() }), 'key'),
  ],
  [
    'the resolution of an incident',
    async ({ offboardings }, at) => {
      const { incidentId } = await offboardings.openIncident(incidentOf(ALIAS), 'key');
      return offboardings.resolveIncident(incidentId, { at, actor: 'portal', decision: 'dismiss' });
    },
  ],
  [
    'a list that is sent',
    async (stores, at) => {
      const lease = await leased(stores);
      return stores.endpoints.recordImportAttempt(lease, { crlNumber: 1, sha256Hex: 'aa', at });
    },
  ],
  ['the end of a lease', async (stores, until) => stores.endpoints.renewLease(await leased(stores), until)],
];

/** What every store does with a number that is no time, count or list's number: the item would be broken for good. */
export function numberContract(newStores: () => Promise<Stores>): void {
  const numbers = [NOW + 0.5, -1, Number.NaN];

  it.each(WRITES)('refuses to write a fraction, a negative number or none into %s', async (_, write) => {
    for (const number of numbers) {
      await expect(write(await newStores(), number)).rejects.toThrow(/^not written: /);
    }
    await expect(write(await newStores(), NOW_MILLISECONDS)).resolves.not.toThrow();
  });

  it('has written nothing when it refuses', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const event = eventOf();
    const record = offboardingOf(personId, { eventTime: -1 });
    await expect(stores.offboardings.deny(record, event)).rejects.toThrow();
    expect((await stores.people.find(personId))?.denials).toEqual([]);
    expect(await stores.offboardings.findEvent(HR, event.eventId)).toBeUndefined();
    expect(await stores.offboardings.listOpen()).toEqual([]);
  });
}
