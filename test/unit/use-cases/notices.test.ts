import type { IssuedCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { daysLeftOf, dueReminder, isReminderDayDue } from '../../../shared/domain/reminder.ts';
import { counting, Died, dyingAt } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld, START, type Letter, type World } from '../../support/world.ts';

const DAY_SECONDS = 86_400;
const DAY = DAY_SECONDS * 1000;

const moveTo = (world: World, seconds: number): void => world.moveTime(seconds - world.clock.now() / 1000);

/** Somebody told of the issue, and time at which so many days and an hour are left. */
async function worldAt(daysLeft: number): Promise<World & { alice: IssuedCertificate }> {
  const world = await newWorld();
  const alice = await world.enrol('alice');
  await world.sendNotices();
  world.letters.length = 0;
  moveTo(world, alice.notAfter - daysLeft * DAY_SECONDS - 3_600);
  return { ...world, alice };
}

const ofKind = <Kind extends Letter['kind']>({ letters }: World, kind: Kind) =>
  letters.filter((letter): letter is Extract<Letter, { kind: Kind }> => letter.kind === kind);
const remindedOf = (world: World): number[] => ofKind(world, 'ending').map(({ daysLeft }) => daysLeft);

/** Looks every hour, as a schedule might. */
async function live(world: World, days: number): Promise<void> {
  for (let hour = 0; hour < days * 24; hour += 1) {
    await world.sendNotices();
    world.moveTime(3_600);
  }
}

describe('a holder', () => {
  it('is told of every issue and every renewal, once, by name and address', async () => {
    const world = await newWorld();
    const old = await world.enrol('alice');
    await world.sendNotices();
    moveTo(world, old.renewableFrom);
    const fresh = await world.renew('alice', old, 'alice2');
    await world.sendNotices();
    await world.sendNotices();
    expect(ofKind(world, 'issued')).toMatchObject([
      { holder: { email: 'alice@example.com' }, certificate: { certificateId: old.certificateId } },
      {
        holder: { login: 'alice' },
        certificate: { certificateId: fresh.certificateId, predecessorId: old.certificateId },
      },
    ]);
  });

  it('is issued her certificate although nobody can be told', async () => {
    const world = await newWorld();
    world.interfere((name, effect) =>
      name.startsWith('notices.') ? Promise.reject(new Error('SNS is down')) : effect(),
    );
    const alice = await world.enrol('alice');
    expect(await world.sendNotices()).toMatchObject({ told: 0, failures: [expect.any(Error)] });
    world.calm();
    await world.sendNotices();
    expect(ofKind(world, 'issued').map(({ certificate }) => certificate.certificateId)).toEqual([
      alice.certificateId,
    ]);
  });

  it('is reminded four times, with at least 30, 14, 7 and 1 days left', async () => {
    const world = await worldAt(40);
    await live(world, 41);
    const left = remindedOf(world);
    expect(left).toEqual([30, 14, 7, 1]);
  });

  it('gets the latest reminder only after days on which nobody looked', async () => {
    const world = await worldAt(32);
    await world.sendNotices();
    world.moveTime(20 * DAY_SECONDS);
    await world.sendNotices();
    expect(remindedOf(world)).toEqual([12]);
    await live(world, 13);
    expect(remindedOf(world)).toEqual([12, 7, 1]);
  });

  it.each<[string, (world: World, alice: IssuedCertificate) => Promise<unknown>, number[]]>([
    ['that is renewed', (world, alice) => world.renew('alice', alice, 'alice2'), []],
    [
      'that is renewed by one that never came to be',
      async (world, alice) => {
        world.interfere((name, effect) => (name === 'kms.sign' ? Promise.reject(new Died()) : effect()));
        await world.renew('alice', alice, 'alice2').catch(() => undefined);
        world.calm();
      },
      [30],
    ],
    [
      'that is revoked',
      (world, alice) => {
        const at = world.clock.now();
        const by = { revocationDate: at / 1000, reason: 'superseded', by: 'owner' } as const;
        return world.stores.certificates.revoke(alice, by, at);
      },
      [],
    ],
    ['of somebody who left', (world) => world.tell(world.event('alice', 'left')), []],
    ['of somebody who is suspended', (world) => world.tell(world.event('alice', 'suspended')), []],
  ])('is reminded of no certificate %s', async (_which, happen, reminded) => {
    const world = await worldAt(31);
    await happen(world, world.alice);
    world.moveTime(DAY_SECONDS);
    await world.sendNotices();
    expect(remindedOf(world)).toEqual(reminded);
  });

  it('is told everything, whenever the run that tells dies, and nothing more than twice', async () => {
    const prepare = async () => {
      const world = await worldAt(30);
      await world.enrol('bob');
      return world;
    };
    const counted = await prepare();
    const { interference, names } = counting();
    counted.interfere(interference);
    await counted.sendNotices();
    expect(names).toContain('notices.endingDigest');
    for (const [index, name] of names.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await prepare();
        world.interfere(dyingAt(index + 1, when));
        await world.sendNotices().catch(() => undefined);
        world.calm();
        // The turn of who died is over by then.
        world.moveTime(7 * 60);
        await world.sendNotices();
        await world.sendNotices();
        const counts = (['issued', 'ending', 'digest'] as const).map((kind) => ofKind(world, kind).length);
        expect({ at: `${when} ${name}`, least: Math.min(...counts) }).toEqual({
          at: `${when} ${name}`,
          least: 1,
        });
        expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(4);
      }
    }
  });

  it('is told once by two runs at once', async () => {
    const world = await worldAt(30);
    await world.enrol('bob');
    const results = await Promise.all([world.sendNotices(), world.sendNotices()]);
    expect(results.filter((result) => result === undefined)).toHaveLength(1);
    expect(world.letters.map(({ kind }) => kind).sort()).toEqual(['digest', 'ending', 'issued']);
  });

  it('does not miss hers because another’s cannot be sent', async () => {
    const world = await worldAt(31);
    moveTo(world, world.alice.notAfter - 31 * DAY_SECONDS);
    for (const login of ['bob', 'carol']) await world.enrol(login);
    const { certificateIssued } = world.deps.notices;
    world.deps.notices.certificateIssued = (notice) =>
      notice.holder.login === 'bob'
        ? Promise.reject(new Error('no such address'))
        : certificateIssued(notice);
    expect(await world.sendNotices()).toMatchObject({ told: 1, failures: [expect.any(Error)] });
    expect(ofKind(world, 'issued').map(({ holder }) => holder.login)).toEqual(['carol']);
  });
});

describe('the operators', () => {
  it('are told once a day what ends and is not replaced, by ids alone', async () => {
    const world = await worldAt(8);
    await live(world, 1.5);
    const digests = ofKind(world, 'digest');
    expect(digests.map(({ digest }) => digest)).toMatchObject([
      {
        within: [
          { days: 30, count: 1 },
          { days: 14, count: 1 },
          { days: 7, count: 0 },
          { days: 1, count: 0 },
        ],
        ended: 0,
        reminded: 1,
        next: [{ certificateId: world.alice.certificateId, personId: world.alice.personId }],
      },
      { reminded: 1 },
    ]);
  });

  it('hear of one that ended, and of nothing where nothing ends', async () => {
    const world = await worldAt(0);
    world.moveTime(2 * 3_600);
    await world.sendNotices();
    expect(ofKind(world, 'digest')).toMatchObject([{ digest: { ended: 1, next: [] } }]);
    world.moveTime(2 * DAY_SECONDS);
    await world.sendNotices();
    expect(ofKind(world, 'digest')).toHaveLength(1);
  });
});

describe('a reminder', () => {
  const NOW = 1_800_000_000;
  const record = (daysLeft: number, remindedDays?: number) => ({
    notAfter: NOW + daysLeft * DAY_SECONDS + 1,
    renewableFrom: NOW - DAY_SECONDS,
    ...(remindedDays === undefined ? {} : { remindedDays }),
  });

  it.each([
    [31, undefined, undefined],
    [30, undefined, 30],
    [15, undefined, 30],
    [14, 30, 14],
    [14, 14, undefined],
    [1, 7, 1],
    [0, 7, 1],
    [0, 1, undefined],
    [-1, undefined, undefined],
  ])('with %s whole days left and %s told is that of %s', (daysLeft, remindedDays, due) => {
    expect(dueReminder(record(daysLeft, remindedDays), NOW)).toBe(due);
    expect(daysLeftOf(record(daysLeft), NOW)).toBe(daysLeft);
  });

  it('waits until one can do something about it', () => {
    const short = { notAfter: NOW + 9 * DAY_SECONDS, renewableFrom: NOW + 1 };
    expect(dueReminder(short, NOW)).toBeUndefined();
    expect(dueReminder(short, NOW + 1)).toBe(14);
  });

  it.each([
    ['never', undefined, true],
    ['yesterday', Date.UTC(2026, 2, 1, 7), true],
    ['this morning before seven', Date.UTC(2026, 2, 2, 6, 59), true],
    ['since seven', Date.UTC(2026, 2, 2, 7), false],
  ])('is looked for where that was done %s: %s', (_when, lookedAt, isDue) => {
    expect(isReminderDayDue(lookedAt, Date.UTC(2026, 2, 2, 9))).toBe(isDue);
    expect(isReminderDayDue(Date.UTC(2026, 2, 2, 9) - DAY, Date.UTC(2026, 2, 2, 6))).toBe(false);
  });
});

/** What operators were told as it happened: one list for each letter. */
const happenedOf = (world: World): string[][] =>
  ofKind(world, 'happened').map(({ tellings }) => tellings.map(({ note }) => note.kind));

describe('the operators, as it happens,', () => {
  const PEOPLE = Array.from({ length: 9 }, (_, index) => `person${index + 1}`);

  /** Everybody is known; nobody needs a certificate to be spoken of. */
  async function company(): Promise<World> {
    const world = await newWorld();
    for (const login of PEOPLE) {
      const { personId, issuer, subject, aliases } = world.caller(login);
      await world.stores.people.register({ personId, issuer, subject, login, aliases, at: START });
    }
    await world.publish();
    return world;
  }

  async function finish(world: World): Promise<void> {
    await world.cut();
    await world.publish();
    await world.sweep();
  }

  it('hear of each leaver when all is done, of holds, last days and events about nobody at once', async () => {
    const world = await company();
    await world.tell(world.event('person1', 'left'));
    await world.tell(world.event('person2', 'suspended'));
    await world.tell(world.event('stranger', 'left'));
    const effectiveAt = world.clock.now() + DAY;
    await world.tell(world.event('person3', 'left', { lastDay: '2026-03-01', effectiveAt }));
    await world.sendNotices();
    expect(happenedOf(world).flat().sort()).toEqual(['held', 'incident', 'planned']);
    await finish(world);
    await world.sendNotices();
    await world.sendNotices();
    expect(happenedOf(world).slice(3)).toEqual([['offboarded']]);
  });

  it('get one letter where much happens at once, a surge among it', async () => {
    const world = await company();
    world.deps.surgePolicy = { leastPeople: 2, percentOfHolders: 0 };
    for (const login of PEOPLE) await world.tell(world.event(login, 'left'));
    expect(await world.sendNotices()).toMatchObject({ happened: 8 });
    const [letter = [], ...others] = happenedOf(world);
    expect(others).toEqual([]);
    expect(letter.filter((kind) => kind === 'parked')).toHaveLength(7);
    expect(letter.filter((kind) => kind === 'incident')).toHaveLength(1);
  });

  it('hear once, and again only when it comes back, of an offboarding and a publication that do not go on', async () => {
    const world = await company();
    const alice = await world.enrol('alice');
    await world.vpn.connect(alice);
    await world.tell(world.event('alice', 'left'));
    await world.stores.endpoints.requestPublication(ENDPOINT_ID, {
      requestedAt: world.clock.now(),
      by: 'adam',
    });
    await world.sendNotices();
    world.moveTime(21 * 60);
    for (const _ of [1, 2]) await world.sendNotices();
    const names = ofKind(world, 'failing').map(({ failing }) =>
      failing.map((one) => ('offboarding' in one ? one.offboarding.source : one.late.fault)),
    );
    expect(names).toEqual([['hr', 'unanswered']]);
    await finish(world);
    expect(await world.sendNotices()).toMatchObject({ failing: 0 });
    await world.tell(world.event('person1', 'left'));
    world.moveTime(16 * 60);
    await world.sendNotices();
    expect(ofKind(world, 'failing')).toHaveLength(2);
  });

  it('are told everything, whenever the run that tells dies, and nothing more than twice', async () => {
    const prepare = async () => {
      const world = await company();
      await world.tell(world.event('person1', 'suspended'));
      await world.tell(world.event('stranger', 'left'));
      await world.tell(world.event('person2', 'left'));
      world.moveTime(16 * 60);
      return world;
    };
    const counted = await prepare();
    const { interference, names } = counting();
    counted.interfere(interference);
    await counted.sendNotices();
    expect(names.filter((name) => name === 'notices.happened')).toHaveLength(2);
    for (const [index, name] of names.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await prepare();
        world.interfere(dyingAt(index + 1, when));
        await world.sendNotices().catch(() => undefined);
        world.calm();
        world.moveTime(7 * 60);
        for (const _ of [1, 2]) await world.sendNotices();
        const told = happenedOf(world).flat();
        const counts = ['held', 'incident'].map((kind) => told.filter((one) => one === kind).length);
        counts.push(ofKind(world, 'failing').length);
        expect({
          at: `${when} ${name}`,
          isTold: counts.every((count) => count === 1 || count === 2),
        }).toEqual({
          at: `${when} ${name}`,
          isTold: true,
        });
      }
    }
  });

  it('are told the next time where SNS did not take it, and holders are told meanwhile', async () => {
    const world = await company();
    await world.enrol('alice');
    await world.tell(world.event('person1', 'suspended'));
    world.interfere((name, effect) =>
      name === 'notices.happened' ? Promise.reject(new Error('SNS is down')) : effect(),
    );
    expect(await world.sendNotices()).toMatchObject({ told: 1, happened: 0, failures: [expect.any(Error)] });
    world.calm();
    expect(await world.sendNotices()).toMatchObject({ happened: 1, failures: [] });
  });

  it('hear nothing of a last day that was taken back before anybody looked', async () => {
    const world = await company();
    const effectiveAt = world.clock.now() + DAY;
    await world.tell(world.event('person3', 'left', { lastDay: '2026-03-01', effectiveAt }));
    world.moveTime(60);
    await world.tell(world.event('person3', 'returned'));
    for (const _ of [1, 2]) expect(await world.sendNotices()).toMatchObject({ happened: 0, failures: [] });
    expect(await world.stores.notices.listTellings(10)).toEqual([]);
  });
});
