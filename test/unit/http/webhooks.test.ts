import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { DomainError } from '../../../shared/domain/errors.ts';
import { ALIAS_KINDS, aliasFrom } from '../../../shared/domain/identity.ts';
import { authenticate } from '../../../shared/http/webhooks/authentication.ts';
import { parseConfig } from '../../../shared/config.ts';
import { sourcesSlice } from '../../../shared/config/sources.ts';
import { busSources } from '../../../shared/http/webhooks/bus-schemes.ts';
import { presetOf, schemeFromMapping, webhookSources } from '../../../shared/http/webhooks/configured.ts';
import { dayFrom, timeFrom } from '../../../shared/http/webhooks/event-time.ts';
import {
  answerChallenge,
  answerOrigin,
  isPing,
  verificationTokenIn,
} from '../../../shared/http/webhooks/handshake.ts';
import { isPath, valueAt } from '../../../shared/http/webhooks/path.ts';
import { readEvents, type Said } from '../../../shared/http/webhooks/read-events.ts';
import { SCHEME_NAMES } from '../../../shared/http/webhooks/scheme-names.ts';
import type { WebhookScheme } from '../../../shared/http/webhooks/scheme.ts';

const DIRECTORY = fileURLToPath(new URL('../../vectors/webhooks', import.meta.url));

const vector = z.strictObject({
  origin: z.string().min(20),
  source: z.strictObject({
    scheme: z.enum(SCHEME_NAMES),
    aliasKind: z.enum(ALIAS_KINDS),
    arguments: z.array(z.string()).default([]),
  }),
  secret: z.string(),
  receivedAt: z.iso.datetime(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  says: z.array(z.record(z.string(), z.unknown())),
});
type Vector = z.infer<typeof vector>;

const vectors = globSync('*/*.json', { cwd: DIRECTORY }).map(
  (file) => [file, vector.parse(JSON.parse(readFileSync(`${DIRECTORY}/${file}`, 'utf8')))] as const,
);
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Changes extends Partial<Pick<Vector, 'headers' | 'body'>> {
  readonly secrets?: readonly string[];
  readonly scheme?: WebhookScheme;
  readonly lateSeconds?: number;
}

function said(one: Vector, changes: Changes = {}): Said[] {
  const { headers = one.headers, body = one.body, secrets = [one.secret], lateSeconds = 0 } = changes;
  const scheme = changes.scheme ?? presetOf(one.source.scheme);
  const receivedAt = Date.parse(one.receivedAt) + lateSeconds * 1000;
  const authenticated = authenticate(scheme.authentication, { headers, body }, secrets, receivedAt);
  return readEvents(
    { ...one.source, scheme, receivedAt, timeZone: 'Europe/Berlin' },
    { headers, body },
    authenticated,
  );
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

const named = (file: string): Vector => {
  const found = vectors.find(([name]) => name === file)?.[1];
  if (found === undefined) throw new Error(`no vector ${file}`);
  return found;
};

describe('the golden requests', () => {
  it('are there for every sender that we know', () => {
    expect(new Set(vectors.map(([, { source }]) => source.scheme))).toEqual(new Set(SCHEME_NAMES));
  });

  it.each(vectors)('%s says what its sender means', (_, one) => {
    expect(said(one)).toMatchObject(one.says);
    expect(said(one)).toHaveLength(one.says.length);
  });

  it.each(vectors)('%s has an id for each that it says, also where its sender has one for all', (_, one) => {
    const ids = said(one).flatMap((each) => ('eventId' in each ? [each.eventId] : []));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(vectors)('%s is the same event when it comes again, also while a secret is rotated', (_, one) => {
    expect(said(one, { secrets: [OTHER_SECRET, one.secret] })).toEqual(said(one));
  });

  it.each(vectors)('%s is refused unsigned, wrongly signed and altered', (_, one) => {
    const { authentication } = presetOf(one.source.scheme);
    const { [authentication.header]: signature = '', ...unsigned } = one.headers;
    const wrong = { ...one.headers, [authentication.header]: `${signature.slice(0, -3)}AAA` };
    expect(codeOf(() => said(one, { headers: unsigned }))).toBe('badWebhookSignature');
    expect(codeOf(() => said(one, { headers: wrong }))).toBe('badWebhookSignature');
    expect(codeOf(() => said(one, { secrets: [OTHER_SECRET] }))).toBe('badWebhookSignature');
    if (authentication.kind === 'token') return;
    expect(codeOf(() => said(one, { body: one.body.replace('a', 'b') }))).toBe('badWebhookSignature');
    const { timestamp } = authentication;
    if (timestamp === undefined) return;
    const later = { ...one.headers, [timestamp.header]: '1795338009' };
    expect(codeOf(() => said(one, { headers: later }))).toBe('badWebhookSignature');
    expect(codeOf(() => said(one, { lateSeconds: timestamp.pastSeconds + 9 }))).toBe('staleWebhook');
    expect(codeOf(() => said(one, { lateSeconds: -timestamp.aheadSeconds - 9 }))).toBe('staleWebhook');
  });

  it.each(vectors)('%s is refused as text, and as JSON that nests too deep', (_, one) => {
    // A scheme that trusts anybody, to see what is behind it.
    const scheme = { ...presetOf(one.source.scheme), authentication: OPEN };
    const headers = { ...one.headers, 'x-open': 'sesame', 'content-type': 'text/plain' };
    const open = { scheme, secrets: ['sesame'] };
    expect(codeOf(() => said(one, { ...open, headers }))).toBe('unsupportedMediaType');
    const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`;
    const json = { ...one.headers, 'x-open': 'sesame' };
    expect(codeOf(() => said(one, { ...open, headers: json, body: deep }))).toBe('malformedRequest');
    expect(codeOf(() => said(one, { ...open, headers: json, body: '{"type":' }))).toBe('malformedRequest');
  });
});

const OPEN = { kind: 'token' as const, header: 'x-open', prefix: '' };

/** What a preset reads of a body, whoever sent it. */
const read = (file: string, body: unknown, headers: Record<string, string> = {}): Said[] => {
  const one = named(file);
  const scheme = { ...presetOf(one.source.scheme), authentication: OPEN };
  return said(one, {
    scheme,
    secrets: ['sesame'],
    headers: { 'content-type': 'application/json', ...headers, 'x-open': 'sesame' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
};
const refusalOf = ([only]: Said[]): unknown =>
  only?.kind === 'refused' ? [only.error.code, only.error.faults.map(({ pointer }) => pointer)] : only;

describe('an event of Okta', () => {
  const FILE = 'okta/several-events.json';
  const events = (JSON.parse(named(FILE).body) as { data: { events: object[] } }).data.events;
  const hook = (...list: unknown[]): object => ({ data: { events: list } });

  it('has its own id and body, whatever else is in the request', () => {
    const [first] = read(FILE, hook(events[0]));
    const [, second] = read(FILE, { ...hook(events[1], events[0]), eventId: 'another' });
    expect(second).toEqual(first);
  });

  it('that names nobody is refused, and hides no other', () => {
    const list = read(FILE, hook({ ...events[0], target: [] }, events[1]));
    expect(list.map(({ kind }) => kind)).toEqual(['refused', 'event']);
    expect(refusalOf(list)).toEqual(['malformedRequest', ['/data/events/target/alternateId']]);
  });

  it('whose clock is ahead counts from when it was heard', () => {
    const [one] = read(FILE, hook({ ...events[0], published: '2027-01-01T00:00:00Z' }));
    expect(one).toMatchObject({ means: 'left', eventTime: Date.parse(named(FILE).receivedAt) });
  });

  it.each([
    ['no list', { data: {} }],
    ['a list of lists', hook([[]])],
    ['a list of texts', hook('left')],
    ['a text for the type', hook({ ...events[0], eventType: 7, target: 'x' })],
  ])('is not found in %s', (_, body) => {
    expect(['refused', 'ignored']).toContain(read(FILE, body)[0]?.kind);
  });

  it('is one of at most 500', () => {
    expect(codeOf(() => read(FILE, hook(...Array.from({ length: 501 }, () => events[0]))))).toBe(
      'malformedRequest',
    );
  });
});

describe('a CloudEvent', () => {
  const FILE = 'cloudevents/structured.json';
  const event = JSON.parse(named(FILE).body) as object;
  const structured = { 'content-type': 'application/cloudevents+json' };

  it.each([
    ['of another version', { ...event, specversion: '0.3' }, ['/specversion']],
    ['without a type', { ...event, type: undefined }, ['/type']],
    ['without data', { ...event, data: undefined }, ['/data/email']],
  ])('%s is refused', (_, body, pointers) => {
    expect(refusalOf(read(FILE, body, structured))).toEqual(['malformedRequest', pointers]);
  });

  it.each<[string, RegExp]>([
    ['evt-7', /^\/hr evt-7$/],
    ['alice@example.com/left', /^sha256-[0-9a-f]{64}$/],
    ['mail=alice%40example.com', /^sha256-[0-9a-f]{64}$/],
    ['ä', /^sha256-[0-9a-f]{64}$/],
  ])('with the id %s is known by it, or by its hash where it may name somebody', (id, known) => {
    const [one] = read(FILE, { ...event, source: '/hr', id }, structured);
    expect(one).toMatchObject({ eventId: expect.stringMatching(known) as string });
  });

  it('in headers is refused where the signature does not cover them', () => {
    const file = 'standard-webhooks/person-left.json';
    const headers = { 'ce-specversion': '1.0', 'ce-type': 'person.left' };
    expect(codeOf(() => read(file, { email: 'a@example.com' }, headers))).toBe('malformedRequest');
  });

  it('in a batch that is no list is refused', () => {
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    expect(codeOf(() => read(FILE, event, headers))).toBe('malformedRequest');
  });
});

describe('a first contact', () => {
  const challenge = (headers: Record<string, string>): unknown => answerChallenge(presetOf('okta'), headers);

  it('of Okta is answered with its own challenge', () => {
    expect(challenge({ 'x-okta-verification-challenge': 'abc-123' })).toEqual({ verification: 'abc-123' });
    expect(codeOf(() => challenge({}))).toBe('malformedRequest');
    expect(codeOf(() => challenge({ 'x-okta-verification-challenge': '<b> x' }))).toBe('malformedRequest');
    expect(codeOf(() => answerChallenge(presetOf('deel'), {}))).toBe('notFound');
  });

  it.each<[string, Record<string, string>, object | string]>([
    ['no rate', { 'webhook-request-origin': 'hr.example.com' }, { 'webhook-allowed-rate': '600' }],
    [
      'more than is taken',
      { 'webhook-request-origin': 'hr.example.com:8443', 'webhook-request-rate': '9999' },
      { 'webhook-allowed-origin': 'hr.example.com:8443', 'webhook-allowed-rate': '600' },
    ],
    ['no origin', { 'webhook-request-rate': '10' }, 'malformedRequest'],
    ['a line break', { 'webhook-request-origin': 'a.example\r\nset-cookie: a=b' }, 'malformedRequest'],
    ['every origin', { 'webhook-request-origin': '*' }, 'malformedRequest'],
  ])('of CloudEvents is answered, or refused: with %s', (_, headers, expected) => {
    const answer = (): unknown => answerOrigin(presetOf('cloudEvents'), headers);
    if (typeof expected === 'string') expect(codeOf(answer)).toBe(expected);
    else expect(answer()).toMatchObject({ allow: 'OPTIONS, POST', ...expected });
  });

  it.each<[string, string, string | undefined]>([
    ['its token and nothing else', '{"verification_token":"6590f590-3dba-495e"}', '6590f590-3dba-495e'],
    ['a token beside an event', '{"verification_token":"6590f590-3dba-495e","event_type":"x"}', undefined],
    ['a token that is too short to sign with', '{"verification_token":"short"}', undefined],
    ['a token with a line break', '{"verification_token":"6590f590-3dba\\n495e"}', undefined],
    ['a number', '{"verification_token":6590590034905590}', undefined],
    ['another member', '{"token":"6590f590-3dba-495e"}', undefined],
    ['no object', '"6590f590-3dba-495e"', undefined],
    ['no JSON', 'verification_token=6590f590-3dba-495e', undefined],
  ])('of Gusto is a token to be verified with: %s', (_, body, token) => {
    expect(verificationTokenIn(presetOf('gusto'), body)).toBe(token);
    expect(verificationTokenIn(presetOf('deel'), body)).toBeUndefined();
  });

  it('of HiBob is a ping of exactly its words', () => {
    const hibob = presetOf('hibob');
    expect(['Ping test', '"Ping test"', '{"text":"Ping test"}'].map((text) => isPing(hibob, text))).toEqual([
      true,
      true,
      true,
    ]);
    expect(isPing(hibob, '{"text":"Ping test","type":"employee.left"}')).toBe(false);
    expect(isPing(presetOf('okta'), 'Ping test')).toBe(false);
  });
});

describe('a mapping file', () => {
  const acme = {
    authentication: {
      kind: 'hmac',
      algorithm: 'sha256',
      header: 'x-acme-signature',
      encoding: 'hex',
      prefix: 'sha256=',
      signed: '{header:x-acme-time}.{body}',
      timestamp: { header: 'x-acme-time' },
    },
    events: {
      list: 'items',
      type: 'items.what',
      rules: [{ type: 'EXIT', when: { 'items.state': ['final'] }, means: 'left' }],
      eventId: { join: ['items.no'] },
      eventTime: 'items.at',
      person: { employeeNumber: ['items.badge', '/items/person.no'] },
      lastDay: 'items.until',
    },
  };

  it('teaches the portal a sender that nobody thought of', () => {
    const scheme = { ...schemeFromMapping(acme), authentication: OPEN };
    const one = { ...named('okta/several-events.json') };
    const items = [
      {
        what: 'EXIT',
        state: 'final',
        no: 7,
        at: 1_795_338_000_000,
        'person.no': 4711,
        until: '2026-11-30T17:00',
      },
      { what: 'EXIT', state: 'draft', no: 8 },
    ];
    const source = { ...one.source, aliasKind: 'employeeNumber' as const };
    const headers = { 'x-open': 'sesame' };
    const changes = { scheme, secrets: ['sesame'], headers, body: JSON.stringify({ items }) };
    expect(said({ ...one, source }, changes)).toEqual([
      expect.objectContaining({
        means: 'left',
        eventId: '7',
        eventTime: 1_795_338_000_000,
        alias: aliasFrom('employeeNumber', '4711'),
        ends: { lastDay: '2026-11-30', effectiveAt: Date.parse('2026-11-30T23:00:00Z') },
      }),
      { kind: 'ignored', type: 'EXIT' },
    ]);
  });

  it('may sign as another sender does', () => {
    const { authentication } = schemeFromMapping({ ...acme, authentication: 'hibob' });
    expect(authentication).toEqual(presetOf('hibob').authentication);
  });

  const hmac = acme.authentication;
  it.each<[string, object]>([
    ['a member that there is not', { ...acme, secret: 'x' }],
    ['no rules', { ...acme, events: { ...acme.events, rules: [] } }],
    [
      'a meaning that there is not',
      { ...acme, events: { ...acme.events, rules: [{ type: 'x', means: 'fired' }] } },
    ],
    ['a path that is none', { ...acme, events: { ...acme.events, type: 'a..b' } }],
    [
      'a signature that leaves the body out',
      { ...acme, authentication: { ...hmac, signed: '{header:x-acme-time}' } },
    ],
    ['a time that nobody signs', { ...acme, authentication: { ...hmac, signed: '{body}' } }],
    ['a weak hash', { ...acme, authentication: { ...hmac, algorithm: 'md5' } }],
    ['another sender that there is not', { ...acme, authentication: 'sap' }],
  ])('with %s is refused', (_, content) => {
    expect(() => schemeFromMapping(content)).toThrow(z.core.$ZodError);
  });
});

describe('a source', () => {
  const declared = (text: string) =>
    parseConfig({ OFFBOARDING_SOURCES: text }, { sources: sourcesSlice }).sources.declarations;

  it.each([
    ['okta:employeeNumber:okta', 'okta names them by email or login'],
    ['deel:email:deel hr:login gusto:email:gusto bamboo:login:bamboohr', undefined],
    ['log:employeeNumber:oktaLogStream', 'oktaLogStream names them by email or login'],
    ['bus:employeeNumber:eventBridge:com.example.hr', undefined],
  ])('%s that is to know people by what is never said stops the deployment', (text, words) => {
    const load = (): unknown => [webhookSources(declared(text), '{}'), busSources(declared(text))];
    if (words === undefined) expect(load).not.toThrow();
    else expect(load).toThrow(words);
  });
});

describe('a path', () => {
  const value = {
    a: {
      b: [
        { k: 'x', v: 1 },
        { k: 'y', v: 2 },
      ],
    },
    'c.d': 3,
  };

  it.each<[string, unknown]>([
    ['a.b[1].v', 2],
    ['a.b[k=y].v', 2],
    ['a.b[k=z].v', undefined],
    ['/c.d', 3],
    ['/a/b/0/k', 'x'],
    ['a.constructor', undefined],
    ['__proto__.toString', undefined],
    ['a.b.length.x', undefined],
  ])('%s leads to what was sent, and to nothing else', (path, found) => {
    expect(isPath(path)).toBe(true);
    expect(valueAt(value, path)).toBe(found);
  });

  it.each(['', '.a', 'a.', 'a..b', 'a[', 'a[]', 'a[x]', 'a b[', '[0]'])('is not %j', (path) => {
    expect(isPath(path)).toBe(false);
  });
});

describe('a time', () => {
  it.each<[unknown, string | undefined]>([
    ['2026-11-22T09:00:00Z', '2026-11-22T09:00:00.000Z'],
    ['2026-11-22T10:00:00.123456+01:00', '2026-11-22T09:00:00.123Z'],
    ['2026-11-22T09:00:00+0000', '2026-11-22T09:00:00.000Z'],
    ['2026-11-22T09:00:00.5', '2026-11-22T09:00:00.500Z'],
    [1_795_338_000, '2026-11-22T09:00:00.000Z'],
    ['1795338000', '2026-11-22T09:00:00.000Z'],
    [1_795_338_000_000, '2026-11-22T09:00:00.000Z'],
    ['yesterday', undefined],
    ['2026-13-45T99:00:00Z', undefined],
    [{}, undefined],
    [Number.NaN, undefined],
  ])('%j is read as its senders mean it', (text, iso) => {
    const at = timeFrom(text);
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(iso);
  });

  it.each<[unknown, string | undefined]>([
    ['2026-11-30', '2026-11-30'],
    ['2026-11-30T00:00:00Z', '2026-11-30'],
    ['2026-02-31', undefined],
    ['30.11.2026', undefined],
    [20261130, undefined],
  ])('%j is a last day, or none', (text, day) => {
    expect(dayFrom(text)).toBe(day);
  });
});
