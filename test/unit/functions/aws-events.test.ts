import { readFileSync } from 'node:fs';
import type { Context, SQSRecord } from 'aws-lambda';
import { busEventsHandler } from '../../../functions/bus-events/handler.ts';
import { leaversFileHandler } from '../../../functions/leavers-file/handler.ts';
import { parseConfig, sourcesSlice } from '../../../shared/config.ts';
import { busSources } from '../../../shared/http/webhooks/bus-schemes.ts';
import type { MessageHandler } from '../../../shared/http/message-handler.ts';
import type { SourceId } from '../../../shared/domain/identity.ts';
import type { LettersMove } from '../../../shared/ports/dead-letter-queues.ts';
import { redrive } from '../../../shared/use-cases/redrive.ts';
import { quietObservability } from '../../support/observability.ts';
import { aliasOf, newWorld, type World } from '../../support/world.ts';

const context = { awsRequestId: 'r-1', functionName: 'f' } as Context;
const { sources } = parseConfig(
  {
    OFFBOARDING_SOURCES:
      'bus:email:eventBridge:com.example.hr okta:email:oktaLogStream:0oa1vpn leavers:email:leaversFile',
  },
  { sources: sourcesSlice },
);
const golden = new URL('../../vectors/webhooks/okta/several-events.json', import.meta.url);
const { body } = JSON.parse(readFileSync(golden, 'utf8')) as { body: string };
const [logEvent] = (JSON.parse(body) as { data: { events: object[] } }).data.events;

let world: World;
let put: string | Buffer | undefined;
let reasons: string[];
beforeEach(async () => {
  [world, put, reasons] = [await newWorld(), undefined, []];
});

const deliver = async (handler: MessageHandler, text: string): Promise<number> => {
  const attributes = { ApproximateReceiveCount: '1' } as SQSRecord['attributes'];
  const record = { messageId: 'm-1', body: text, attributes } as SQSRecord;
  const { batchItemFailures } = await handler({ Records: [record] }, context);
  return batchItemFailures.length;
};
const parts = () => ({
  ...world.deps,
  ...quietObservability().observability,
  timeZone: 'UTC',
  deadLetters: { bury: async (_body: string, reason: string) => void reasons.push(reason) },
});
const bus = (event: object): Promise<number> =>
  deliver(
    busEventsHandler({ ...parts(), busSources: busSources(sources.declarations) }),
    JSON.stringify(event),
  );
const file = (
  text: string | Buffer | undefined,
  { size = 10, ...changes }: { size?: number; source?: undefined } = {},
): Promise<number> => {
  put = text;
  const handler = leaversFileHandler({
    ...parts(),
    source: 'source' in changes ? undefined : sources.declarations[2]?.source,
    aliasKinds: ['email'],
    files: { read: async () => (put === undefined ? undefined : Buffer.from(put)) },
  });
  const object = { key: 'leavers.csv', size, etag: 'abc' };
  return deliver(handler, JSON.stringify({ detail: { bucket: { name: 'b' }, object } }));
};
const denialsOf = async (login: string): Promise<string[]> => {
  const owner = await world.stores.people.findAliasOwner(aliasOf(login));
  const person = owner?.personId && (await world.stores.people.find(owner.personId));
  return (person ? person.denials : []).map(({ source, kind }) => `${source} ${kind}`);
};
const event = (changes: object = {}) => ({
  id: 'e-1',
  source: 'com.example.hr',
  account: '000000000000',
  'detail-type': 'person.left',
  time: new Date(world.clock.now()).toISOString(),
  detail: { email: 'alice@example.com' },
  ...changes,
});

describe('an event of the bus', () => {
  it('is acted on once, whoever declared source sent it', async () => {
    await world.enrol('alice');
    expect([await bus(event()), await bus(event())]).toEqual([0, 0]);
    expect(await denialsOf('alice')).toEqual(['bus left']);
    expect(reasons).toEqual([]);
  });

  it('may be one of Okta’s System Log, whose person is the target', async () => {
    await world.enrol('alice');
    const target = [{ type: 'User', alternateId: 'alice@example.com' }];
    const published = new Date(world.clock.now()).toISOString();
    const detail = { ...logEvent, target, published };
    const source = 'aws.partner/okta.com/acme/vpn';
    expect(await bus(event({ source, 'detail-type': 'SystemLog', detail }))).toBe(0);
    expect(await denialsOf('alice')).toEqual(['okta left']);
  });

  it.each<[string, object, string]>([
    ['a sender whom nobody declared', { source: 'com.other' }, 'no source is declared for its sender'],
    ['nobody named', { detail: {} }, 'the event is not as this source sends them; /detail/email: '],
    ['no detail', { detail: 'alice' }, 'the message is not of the form'],
  ])('is put aside with its reason, for %s', async (_, changes, reason) => {
    await world.enrol('alice');
    expect(await bus(event(changes))).toBe(0);
    expect(reasons).toEqual([expect.stringContaining(reason)]);
    expect(await denialsOf('alice')).toEqual([]);
  });

  it('says nothing about access with another word, and comes again where the table fails', async () => {
    await world.enrol('alice');
    expect(await bus(event({ 'detail-type': 'person.promoted' }))).toBe(0);
    world.interfere(async () => {
      throw new Error('down');
    });
    expect(await bus(event())).toBe(1);
    world.calm();
    expect([await bus(event()), reasons]).toEqual([0, []]);
    expect(await denialsOf('alice')).toEqual(['bus left']);
  });
});

const csv = (...logins: string[]): string =>
  ['aliasKind,alias,kind', ...logins.map((login) => `email,${login}@example.com,left`)].join('\n');

describe('a leavers file in the bucket', () => {
  it('is acted on once, under whatever name it comes', async () => {
    await world.enrol('alice');
    expect(await file(csv('alice', 'nobody'))).toBe(0);
    expect(await denialsOf('alice')).toEqual(['leavers left']);
    expect(await world.stores.offboardings.listOpenIncidents()).toHaveLength(1);
    expect(await file(csv('alice', 'nobody'))).toBe(0);
    expect(await world.stores.offboardings.listOpenIncidents()).toHaveLength(1);
    expect(reasons).toEqual([]);
  });

  it('ends on what it says, however often its function dies on the way', async () => {
    await world.enrol('alice');
    await world.enrol('bob');
    let [effects, deaths] = [0, 0];
    world.interfere(async (name, effect) => {
      effects += 1;
      // Each time later, as who dies anywhere does.
      if (deaths < 12 && effects > deaths) [effects, deaths] = [0, deaths + 1];
      else return effect();
      throw new Error(`died at ${name}`);
    });
    let tries = 0;
    while (tries < 20 && (await file(csv('alice', 'bob'))) > 0) tries += 1;
    expect(tries).toBeGreaterThan(3);
    expect(reasons).toEqual([]);
    expect([await denialsOf('alice'), await denialsOf('bob')]).toEqual([['leavers left'], ['leavers left']]);
  });

  it.each<[string, string | Buffer | undefined, object, string]>([
    ['a wrong line', `${csv('alice')}\nemail,x,gone`, {}, 'refused as a whole; line 3: alias is no email'],
    [
      'a kind of name that nobody has',
      `${csv('alice')}\nlogin,bob,left`,
      {},
      'line 3: nobody is known by this',
    ],
    ['something else than text', Buffer.from([0xff, 0xfe, 0x00]), {}, 'line 1: the file is not UTF-8'],
    ['more than it may hold', csv('alice'), { size: 2_000_000 }, 'more than 1 MiB'],
    ['its place taken', undefined, {}, 'the file is gone'],
    [
      'no source that it speaks for',
      csv('alice'),
      { source: undefined },
      'has no source that is leaversFile',
    ],
  ])('is put aside whole with its reason, for %s', async (_, text, changes, reason) => {
    await world.enrol('alice');
    expect(await file(text, changes)).toBe(0);
    expect(reasons).toEqual([expect.stringContaining(reason)]);
    expect(reasons.join()).not.toContain('@');
    expect(await denialsOf('alice')).toEqual([]);
  });

  it('is refused where it names more people than its source may deny, until that is announced', async () => {
    const logins = Array.from({ length: 4 }, (_, at) => `p${at}`);
    for (const login of logins) await world.enrol(login);
    world.deps.surgePolicy = { leastPeople: 3, percentOfHolders: 0 };
    expect(await file(csv(...logins))).toBe(0);
    expect(reasons).toEqual([expect.stringContaining('expect-leavers leavers 4, and put the file in again')]);
    expect(await denialsOf('p0')).toEqual([]);
    const expected = { people: 4, until: world.clock.now() + 3_600_000, by: world.caller('adam').personId };
    await world.stores.surges.expect('leavers' as SourceId, expected);
    reasons = [];
    expect(await file(csv(...logins))).toBe(0);
    expect(reasons).toEqual([]);
    for (const login of logins) expect(await denialsOf(login)).toEqual(['leavers left']);
  });

  it('of 5,000 people is done within its function’s five minutes: a bounded number of calls for each, many lines at a time', async () => {
    const logins = Array.from({ length: 30 }, (_, at) => `p${at}`);
    for (const login of logins) await world.enrol(login);
    const expected = { people: 100, until: world.clock.now() + 3_600_000, by: world.caller('adam').personId };
    await world.stores.surges.expect('leavers' as SourceId, expected);
    let [calls, working, most] = [0, 0, 0];
    world.interfere(async (_, effect) => {
      [calls, working] = [calls + 1, working + 1];
      most = Math.max(most, working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
      return effect();
    });
    const callsOf = async (...named: string[]): Promise<number> => {
      calls = 0;
      expect(await file(csv(...named))).toBe(0);
      return calls;
    };
    const [ten, twenty] = [await callsOf(...logins.slice(0, 10)), await callsOf(...logins.slice(10))];
    world.calm();
    expect([await denialsOf('p0'), await denialsOf('p29'), reasons]).toEqual([
      ['leavers left'],
      ['leavers left'],
      [],
    ]);
    const callsPerLine = (twenty - ten) / 10;
    expect(callsPerLine).toBeLessThanOrEqual(16);
    // Of whom a line speaks is looked at by twice as many.
    expect(most).toBe(16);
    // Of 10 ms each, which is slow for a table.
    expect((5_000 * callsPerLine * 0.01) / 8).toBeLessThan(100);
  });

  it('of no more than may be denied is taken beside one that was refused', async () => {
    for (const login of ['alice', 'bob', 'carol']) await world.enrol(login);
    world.deps.surgePolicy = { leastPeople: 2, percentOfHolders: 0 };
    expect(await file(csv('alice', 'bob', 'carol'))).toBe(0);
    expect(reasons).toHaveLength(1);
    expect(await file(csv('bob', 'carol'))).toBe(0);
    expect(reasons).toHaveLength(1);
    expect([await denialsOf('alice'), await denialsOf('bob')]).toEqual([[], ['leavers left']]);
  });
});

describe('dead letters that are sent back', () => {
  const clock = () => {
    let now = 0;
    return { now: () => now, sleep: async (milliseconds: number) => void (now += milliseconds) };
  };
  /** A queue whose move is as far as this each time somebody looks. */
  const queue = (...moves: (LettersMove | undefined)[]) => ({
    count: async () => 3,
    look: async () => [],
    startMove: async () => undefined,
    findMove: async () => (moves.length > 1 ? moves.shift() : moves[0]),
    sendBack: async (most: number) => Math.min(most, 3),
  });
  const running = { state: 'running', moved: 1 } as const;

  it.each<[string, (LettersMove | undefined)[], LettersMove, number]>([
    [
      'until it is done',
      [undefined, running, { state: 'done', moved: 3 }],
      { state: 'done', moved: 3 },
      1_000,
    ],
    ['no longer than it may', [running], running, 5_000],
    [
      'until it fails',
      [running, { state: 'failed', moved: 2, reason: 'r' }],
      { state: 'failed', moved: 2, reason: 'r' },
      500,
    ],
  ])('are watched %s', async (_, moves, end, milliseconds) => {
    const deps = { letters: queue(...moves), clock: clock() };
    expect(await redrive(deps, { most: undefined, patienceMilliseconds: 5_000 })).toEqual(end);
    expect(deps.clock.now()).toBe(milliseconds);
  });
});
