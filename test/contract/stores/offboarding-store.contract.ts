import { ADMINISTRATOR, reviewSourceOf } from '../../../shared/domain/identity.ts';
import type { PersonId, SourceId } from '../../../shared/domain/identity.ts';
import {
  denied,
  emailAlias,
  ENDPOINT_ID,
  eventOf,
  freshId,
  HR,
  incidentOf,
  NOW_MILLISECONDS,
  offboardingOf,
  OTHER_ENDPOINT_ID,
  registered,
  registrationOf,
  SCIM,
} from '../../support/store-fixtures.ts';
import type { Hold } from '../../../shared/domain/person.ts';
import type { Stores } from '../../support/stores.ts';

const T = NOW_MILLISECONDS;

const liftEvent = (source: SourceId, eventTime: number) => ({
  ...eventOf(source),
  eventTime,
  at: eventTime + 5,
});

const denialsOf = async (stores: Stores, personId: PersonId) =>
  (await stores.people.find(personId))?.denials ?? [];

/** What every OffboardingStore does when people are denied and reinstated. */
export function denialContract(newStores: () => Promise<Stores>): void {
  it('writes denial, event and record together', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = offboardingOf(personId, { actor: personId, comment: 'left on Friday' });
    const event = eventOf();
    expect(await stores.offboardings.deny(record, event)).toBe('denied');
    const { offboardingId, source, kind, eventTime } = record;
    expect(await denialsOf(stores, personId)).toEqual([{ source, kind, eventTime, offboardingId }]);
    expect(await stores.offboardings.find(offboardingId)).toEqual(record);
    expect(await stores.offboardings.listOpen()).toEqual([record]);
    expect(await stores.offboardings.findEvent(HR, event.eventId)).toEqual({ ...event, offboardingId });
    expect(await stores.offboardings.findEvent(SCIM, event.eventId)).toBeUndefined();
  });

  it('remembers the latest return of somebody whom nobody knows, and of nobody known', async () => {
    const stores = await newStores();
    const alias = emailAlias('zoe@example.com');
    const noted = (eventTime: number, source = HR) =>
      stores.offboardings.noteReturn(alias, { source, eventTime, receivedAt: T });
    const isNoted = { outcome: 'noted', cancelled: [] };
    expect(await stores.offboardings.findNotedReturn(alias, HR)).toBeUndefined();
    expect(await noted(T + 5)).toEqual(isNoted);
    expect(await noted(T + 3)).toEqual(isNoted);
    expect(await noted(T + 9, SCIM)).toEqual(isNoted);
    expect(await stores.offboardings.findNotedReturn(alias, HR)).toBe(T + 5);
    expect(await stores.offboardings.findNotedReturn(emailAlias('yan@example.com'), HR)).toBeUndefined();
    await registered(stores, 'zoe');
    expect(await noted(T + 20)).toEqual({ outcome: 'aliasOwned' });
    expect(await stores.offboardings.findNotedReturn(alias, HR)).toBe(T + 5);
    expect(await stores.offboardings.listNotedReturns(alias)).toEqual([
      { source: HR, eventTime: T + 5 },
      { source: SCIM, eventTime: T + 9 },
    ]);
    expect(await stores.offboardings.listNotedReturns(emailAlias('yan@example.com'))).toEqual([]);
    // Under review the name is not surely hers.
    const { incidentId: heldByIncidentId } = await stores.offboardings.openIncident(
      incidentOf(alias, { kind: 'aliasContested' }),
      'key',
    );
    expect(await noted(T + 20)).toEqual({ ...isNoted, heldByIncidentId });
    expect(await noted(T + 4)).toEqual({ ...isNoted, heldByIncidentId });
    expect(await stores.offboardings.findNotedReturn(alias, HR)).toBe(T + 20);
  });

  it('applies an event once, whatever comes again under its id', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const event = eventOf();
    await stores.offboardings.deny(offboardingOf(personId), event);
    const again = offboardingOf(personId, { eventTime: T + 10 });
    expect(await stores.offboardings.deny(again, event)).toBe('duplicate');
    expect(await stores.offboardings.find(again.offboardingId)).toBeUndefined();
    expect(await denialsOf(stores, personId)).toHaveLength(1);
    expect(await stores.offboardings.listOpen()).toHaveLength(1);
  });

  it('applies one of 20 deliveries of an event at once', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const event = eventOf();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => stores.offboardings.deny(offboardingOf(personId), event)),
    );
    expect(outcomes.filter((outcome) => outcome === 'denied')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(19);
    expect(await denialsOf(stores, personId)).toHaveLength(1);
  });

  it('keeps each of 20 denials of one person at once', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await Promise.all(Array.from({ length: 20 }, () => denied(stores, personId)));
    expect(await denialsOf(stores, personId)).toHaveLength(20);
    expect(await stores.offboardings.listOpen()).toHaveLength(20);
  });

  it('fails loudly for a person who is not there, and keeps nothing', async () => {
    const stores = await newStores();
    const record = offboardingOf(registrationOf('nobody').personId);
    const event = eventOf();
    await expect(stores.offboardings.deny(record, event)).rejects.toThrow();
    expect(await stores.offboardings.find(record.offboardingId)).toBeUndefined();
    expect(await stores.offboardings.findEvent(HR, event.eventId)).toBeUndefined();
    await expect(
      stores.offboardings.lift(record.personId, 'all', liftEvent(ADMINISTRATOR, T)),
    ).rejects.toThrow();
  });

  it('records an event that is older than what its source said last, without effect', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await stores.offboardings.lift(personId, HR, liftEvent(HR, T + 10));
    const record = offboardingOf(personId, { eventTime: T + 9 });
    const event = eventOf();
    expect(await stores.offboardings.deny(record, event)).toBe('stale');
    expect(await denialsOf(stores, personId)).toEqual([]);
    const { deniedAt: _, ...recorded } = record;
    const { offboardingId } = record;
    expect(await stores.offboardings.find(offboardingId)).toEqual(recorded);
    expect(await stores.offboardings.listOpen()).toEqual([]);
    expect(await stores.offboardings.findEvent(HR, event.eventId)).toEqual({ ...event, offboardingId });
    expect(await stores.offboardings.deny(offboardingOf(personId, { eventTime: T + 9 }), event)).toBe(
      'duplicate',
    );
  });

  it.each([
    ['the same time', T + 10],
    ['a later time', T + 11],
  ])('applies an event of %s, since sources that know only days correct themselves', async (_, eventTime) => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await stores.offboardings.lift(personId, HR, liftEvent(HR, T + 10));
    await denied(stores, personId, { eventTime });
    expect(await denialsOf(stores, personId)).toHaveLength(1);
  });

  it('knows the order of events within a source only', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await stores.offboardings.lift(personId, HR, liftEvent(HR, T + 10));
    await denied(stores, personId, { source: SCIM, eventTime: T });
    expect(await denialsOf(stores, personId)).toHaveLength(1);
  });

  it("lifts a source's own denials only, and marks their records", async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const left = await denied(stores, personId);
    const suspended = await denied(stores, personId, { kind: 'suspended' });
    const other = await denied(stores, personId, { source: SCIM });
    const event = liftEvent(HR, T + 10);
    const result = await stores.offboardings.lift(personId, HR, event);
    const lifted = [left, suspended].map(({ source, kind, eventTime, offboardingId }) => ({
      source,
      kind,
      eventTime,
      offboardingId,
    }));
    expect(result).toEqual({ outcome: 'lifted', lifted, cancelled: [] });
    expect((await denialsOf(stores, personId)).map(({ source }) => source)).toEqual([SCIM]);
    const records = await stores.offboardings.listOpen();
    expect(records).toEqual([{ ...left, liftedAt: event.at }, { ...suspended, liftedAt: event.at }, other]);
  });

  it('lifts every denial for an administrator, whatever the sources said last', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await denied(stores, personId, { eventTime: T + 100 });
    await denied(stores, personId, { source: SCIM, eventTime: T + 100 });
    const result = await stores.offboardings.lift(personId, 'all', liftEvent(ADMINISTRATOR, T + 50));
    expect(result).toMatchObject({ outcome: 'lifted' });
    expect(await denialsOf(stores, personId)).toEqual([]);
  });

  it('lifts nothing for an event that is older than what its source said last', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const record = await denied(stores, personId, { eventTime: T + 10 });
    const event = liftEvent(HR, T + 9);
    expect(await stores.offboardings.lift(personId, HR, event)).toEqual({ outcome: 'stale' });
    expect(await denialsOf(stores, personId)).toHaveLength(1);
    expect(await stores.offboardings.find(record.offboardingId)).toEqual(record);
    expect(await stores.offboardings.lift(personId, HR, event)).toEqual({ outcome: 'duplicate' });
  });

  it('lifts once for one event, and a new denial afterwards stays', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await denied(stores, personId);
    const event = liftEvent(HR, T + 10);
    expect(await stores.offboardings.lift(personId, HR, event)).toMatchObject({ outcome: 'lifted' });
    const again = await denied(stores, personId, { eventTime: T + 10 });
    expect(await stores.offboardings.lift(personId, HR, event)).toEqual({ outcome: 'duplicate' });
    const denials = await denialsOf(stores, personId);
    expect(denials.map(({ offboardingId }) => offboardingId)).toEqual([again.offboardingId]);
  });

  it('remembers a return that had nothing to lift, so that an older leaving has no effect', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const result = await stores.offboardings.lift(personId, HR, liftEvent(HR, T + 10));
    expect(result).toEqual({ outcome: 'nothingToLift' });
    const late = offboardingOf(personId, { eventTime: T });
    expect(await stores.offboardings.deny(late, eventOf())).toBe('stale');
  });

  it('puts on record what came too late, once, and nothing follows from it', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const [record, event] = [offboardingOf(personId, { deniedAt: T + 5 }), eventOf()];
    expect(await stores.offboardings.recordLate(record, event)).toBe('stale');
    expect(await stores.offboardings.recordLate({ ...record, offboardingId: freshId(T) }, event)).toBe(
      'duplicate',
    );
    const { deniedAt: _, ...late } = record;
    expect(await stores.offboardings.find(record.offboardingId)).toEqual(late);
    expect(await stores.offboardings.findEvent(HR, event.eventId)).toMatchObject({
      offboardingId: record.offboardingId,
    });
    expect([await denialsOf(stores, personId), await stores.offboardings.listOpen()]).toEqual([[], []]);
  });

  it('notes each hold with its denial, oldest first, and forgets it with it; who left holds nothing', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await denied(stores, personId);
    const holds: Hold[] = [];
    for (const kind of ['suspended', 'surge', 'review'] as const) {
      const { offboardingId } = await denied(stores, personId, { kind, source: SCIM, deniedAt: T + 7 });
      holds.push({ offboardingId, personId, since: T + 7 });
    }
    const reviewed = { kind: 'review' as const, source: reviewSourceOf('01abc'), deniedAt: T + 8 };
    const { offboardingId } = await denied(stores, personId, reviewed);
    holds.push({ offboardingId, personId, since: T + 8, incidentId: '01abc' });
    await stores.offboardings.lift(personId, HR, liftEvent(HR, T + 10));
    expect(await stores.offboardings.listHolds()).toEqual(holds);
    await stores.offboardings.lift(personId, SCIM, liftEvent(SCIM, T + 10));
    expect(await stores.offboardings.listHolds()).toEqual(holds.slice(3));
    await stores.offboardings.lift(personId, 'all', liftEvent(ADMINISTRATOR, T + 10));
    expect(await stores.offboardings.listHolds()).toEqual([]);
    const stale = offboardingOf(personId, { kind: 'suspended', source: SCIM, eventTime: T - 1 });
    expect(await stores.offboardings.deny(stale, eventOf(SCIM))).toBe('stale');
    expect(await stores.offboardings.listHolds()).toEqual([]);
  });

  it('ends alike whatever order a source’s words arrive in: what it took back is all that was older', async () => {
    const said = [
      ['left', 1],
      ['suspended', 3],
      ['returned', 2],
    ] as const;
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    for (const order of orders) {
      const stores = await newStores();
      const { personId } = await registered(stores, 'alice');
      for (const index of order) {
        const [kind, time] = said[index] ?? (['left', 1] as const);
        if (kind === 'returned') await stores.offboardings.lift(personId, HR, liftEvent(HR, T + time));
        else {
          const record = offboardingOf(personId, { kind, eventTime: T + time });
          await stores.offboardings.deny(record, eventOf());
        }
      }
      expect((await denialsOf(stores, personId)).map(({ kind }) => kind)).toEqual(['suspended']);
    }
  });

  it('takes no older word of a source for new that an administrator has lifted', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    await denied(stores, personId, { eventTime: T + 5 });
    await stores.offboardings.lift(personId, 'all', liftEvent(ADMINISTRATOR, T + 9));
    const older = offboardingOf(personId, { eventTime: T + 4 });
    expect(await stores.offboardings.deny(older, eventOf())).toBe('stale');
    const newer = offboardingOf(personId, { eventTime: T + 6 });
    expect(await stores.offboardings.deny(newer, eventOf())).toBe('denied');
  });

  it('lifts more denials than one transaction takes', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    for (let n = 0; n < 100; n += 1) await denied(stores, personId, { kind: 'suspended' });
    const event = liftEvent(HR, T + 10);
    const result = await stores.offboardings.lift(personId, HR, event);
    expect(result.outcome === 'lifted' && result.lifted.length).toBe(100);
    expect(await denialsOf(stores, personId)).toEqual([]);
    const records = await stores.offboardings.listOpen();
    expect(records.filter(({ liftedAt }) => liftedAt === event.at)).toHaveLength(100);
    expect(await stores.offboardings.listHolds()).toEqual([]);
  });

  it('ends as the events say when an older denial races a newer return', async () => {
    const stores = await newStores();
    for (let round = 0; round < 10; round += 1) {
      const { personId } = await registered(stores, `racer${round}`);
      await Promise.all([
        stores.offboardings.deny(offboardingOf(personId, { eventTime: T }), eventOf()),
        stores.offboardings.lift(personId, HR, liftEvent(HR, T + 10)),
      ]);
      expect(await denialsOf(stores, personId)).toEqual([]);
    }
  });
}

/** What every OffboardingStore does as a record is worked through. */
export function offboardingRecordContract(newStores: () => Promise<Stores>): void {
  it('sets each mark once; the first time stays', async () => {
    const stores = await newStores();
    const { offboardings } = stores;
    const { personId } = await registered(stores, 'alice');
    const record = await denied(stores, personId);
    const { offboardingId } = record;
    const connection = { endpointId: ENDPOINT_ID, connectionId: 'cvpn-connection-1' };
    for (const later of [0, 50]) {
      await offboardings.markRevoked(offboardingId, T + later, 2 + later);
      await offboardings.markCut(offboardingId, ENDPOINT_ID, T + 1 + later);
      await offboardings.markPublished(offboardingId, ENDPOINT_ID, 7 + later, T + 2 + later);
      await offboardings.markTerminated(offboardingId, { ...connection, terminatedAt: T + 3 + later });
      await offboardings.close(offboardingId, T + 4 + later);
    }
    expect(await offboardings.find(offboardingId)).toEqual({
      ...record,
      revokedAt: T,
      revokedCertificates: 2,
      cutAt: { [ENDPOINT_ID]: T + 1 },
      publishedAt: { [ENDPOINT_ID]: { at: T + 2, crlNumber: 7 } },
      terminated: [{ ...connection, terminatedAt: T + 3 }],
      closedAt: T + 4,
    });
  });

  it('keeps the marks of each endpoint and connection, also when they are set at once', async () => {
    const stores = await newStores();
    const { offboardings } = stores;
    const { personId } = await registered(stores, 'alice');
    const { offboardingId } = await denied(stores, personId);
    await Promise.all([
      offboardings.markCut(offboardingId, ENDPOINT_ID, T),
      offboardings.markCut(offboardingId, OTHER_ENDPOINT_ID, T),
      ...Array.from({ length: 20 }, (_, n) =>
        offboardings.markTerminated(offboardingId, {
          endpointId: ENDPOINT_ID,
          connectionId: `cvpn-connection-${n}`,
          terminatedAt: T + n,
        }),
      ),
    ]);
    const record = await offboardings.find(offboardingId);
    expect(Object.keys(record?.cutAt ?? {})).toHaveLength(2);
    expect(record?.terminated.map(({ terminatedAt }) => terminatedAt - T)).toEqual([...Array(20).keys()]);
  });

  it('lists what is open, oldest first, until it is closed', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const younger = await denied(stores, personId, { offboardingId: freshId(T + 10) });
    const older = await denied(stores, personId, { offboardingId: freshId(T - 10) });
    expect(await stores.offboardings.listOpen()).toEqual([older, younger]);
    await stores.offboardings.close(older.offboardingId, T + 20);
    expect(await stores.offboardings.listOpen()).toEqual([younger]);
    expect(await stores.offboardings.find(older.offboardingId)).toEqual({ ...older, closedAt: T + 20 });
  });

  it('opens a closed record again when its denial is lifted, until it is closed by who saw that', async () => {
    const stores = await newStores();
    const { offboardings } = stores;
    const { personId } = await registered(stores, 'alice');
    const left = await denied(stores, personId);
    const suspended = await denied(stores, personId, { kind: 'suspended', offboardingId: freshId(T + 1) });
    for (const { offboardingId } of [left, suspended]) await offboardings.close(offboardingId, T + 2);
    await offboardings.lift(personId, HR, liftEvent(HR, T + 10));
    const [lifted, over] = await Promise.all(
      [left, suspended].map(({ offboardingId }) => offboardings.find(offboardingId)),
    );
    expect(lifted?.closedAt).toBeUndefined();
    expect(over?.closedAt).toBe(T + 2);
    await offboardings.close(left.offboardingId, T + 20);
    expect(await offboardings.listOpen()).toEqual([lifted]);
    await offboardings.close(left.offboardingId, T + 21, lifted?.liftedAt);
    expect(await offboardings.listOpen()).toEqual([]);
    expect(await offboardings.find(left.offboardingId)).toEqual({ ...lifted, closedAt: T + 21 });
  });

  it('lists more open records than one read takes', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    for (let n = 0; n < 120; n += 1) await denied(stores, personId, { offboardingId: freshId(T + n) });
    const open = await stores.offboardings.listOpen();
    expect(open).toHaveLength(120);
    expect(open.map(({ offboardingId }) => offboardingId)).toEqual(
      open.map(({ offboardingId }) => offboardingId).sort(),
    );
  });

  it('lists the records of one month, whether open or not', async () => {
    const stores = await newStores();
    const { personId } = await registered(stores, 'alice');
    const march = await denied(stores, personId, { offboardingId: freshId(Date.UTC(2026, 2, 31, 23, 59)) });
    const april = await denied(stores, personId, { offboardingId: freshId(Date.UTC(2026, 3, 1)) });
    await stores.offboardings.close(march.offboardingId, T);
    const ids = async (month: string) =>
      (await stores.offboardings.listByMonth(month)).map(({ offboardingId }) => offboardingId);
    expect(await ids('2026-03')).toEqual([march.offboardingId]);
    expect(await ids('2026-04')).toEqual([april.offboardingId]);
    expect(await ids('2026-05')).toEqual([]);
  });

  it('finds nothing by an id that never was, and marks nothing', async () => {
    const { offboardings } = await newStores();
    expect(await offboardings.find('nonsense')).toBeUndefined();
    expect(await offboardings.find(freshId())).toBeUndefined();
    await expect(offboardings.markCut(freshId(), ENDPOINT_ID, T)).rejects.toThrow();
    await expect(offboardings.close(freshId(), T)).rejects.toThrow();
  });
}
