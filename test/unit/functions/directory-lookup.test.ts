import { globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyEventV2, Context, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { directoryLookupHandler } from '../../../functions/directory-lookup/handler.ts';
import { offboardingWebhookHandler } from '../../../functions/offboarding-webhook/handler.ts';
import { vendorCredentials } from '../../../shared/adapters/directories/vendor-credentials.ts';
import { vendorDirectory } from '../../../shared/adapters/directories/vendor.ts';
import { lookupsSlice, parseConfig, sourcesSlice } from '../../../shared/config.ts';
import { ADMINISTRATOR, parseSourceId, type SourceId } from '../../../shared/domain/identity.ts';
import type { Lookup } from '../../../shared/domain/lookup.ts';
import { presetOf, webhookSources } from '../../../shared/http/webhooks/configured.ts';
import { lookupSources } from '../../../shared/http/webhooks/lookup-sources.ts';
import { SCHEME_NAMES } from '../../../shared/http/webhooks/scheme-names.ts';
import { vendorRecordFrom } from '../../../shared/http/webhooks/vendor-record.ts';
import type { VendorDirectory } from '../../../shared/ports/directory-lookup.ts';
import { quietObservability } from '../../support/observability.ts';
import { aliasOf, newWorld, type World } from '../../support/world.ts';

const context = { awsRequestId: 'r-1', functionName: 'f' } as Context;
const TOKEN = 'personio-token-0123456789';
const PEOPLE = parseSourceId('people') as SourceId;
const SECRETS = { people: { clientId: 'papi-client', clientSecret: 'papi-secret' } };

type Answering = (request: IncomingMessage, response: ServerResponse) => void;
const answers =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answering =>
  (_, response) =>
    void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

let server: Server;
let origin = '';
let asked: { method: string; url: string; authorization: string | undefined; accept: string | undefined }[];
let answering: Answering;
let slept: number[];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    if (url === '/v2/auth/token') {
      const token = { access_token: 'token-of-personio', token_type: 'Bearer', expires_in: 3600 };
      return void response.end(JSON.stringify(token));
    }
    asked.push({ method, url, authorization: headers.authorization, accept: headers.accept });
    answering(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Person {
  readonly status?: unknown;
  readonly email?: unknown;
  readonly lastDay?: string | undefined;
  readonly id?: string;
}
/** What Personio has of somebody. */
const person =
  ({ status = 'ACTIVE', email = 'alice@example.com', lastDay, id = '654' }: Person): Answering =>
  (request, response) => {
    const employment = { status, termination: { last_working_date: lastDay ?? null } };
    const isPerson = request.url?.includes('employments') === false;
    answers(200, isPerson ? { id, email } : { _data: [employment] })(request, response);
  };

const credentials = (
  secrets: unknown,
  source: SourceId,
  scheme: z.infer<typeof vector>['scheme'] = 'personio',
) => {
  const { authorization = 'bearer', tokenPath = '' } = presetOf(scheme).directory ?? {};
  return vendorCredentials({
    client: { send: async () => ({ SecretString: JSON.stringify(secrets) }) },
    secretId: 'lookups',
    source,
    kind: authorization,
    tokenUrl: `${origin}${tokenPath}`,
    clock: { now: () => 0 },
  });
};

const vector = z.strictObject({
  origin: z.string().min(20),
  scheme: z.enum(SCHEME_NAMES),
  secret: z.record(z.string(), z.string()),
  authorization: z.string(),
  directoryId: z.string(),
  answers: z.record(z.string(), z.unknown()),
  record: z.looseObject({ lastDay: z.string() }),
});
const VECTORS = fileURLToPath(new URL('../../vectors/lookups', import.meta.url));

/** The vendor's directory, as the function is wired to it. */
function directoryOf(
  scheme: z.infer<typeof vector>['scheme'],
  path: string,
  shown = credentials(SECRETS, PEOPLE, scheme),
  timeoutMilliseconds = 2_000,
): VendorDirectory {
  const mapping = presetOf(scheme).directory;
  if (mapping === undefined) throw new Error(`${scheme} has no directory`);
  const clock = { now: () => 0, sleep: async (milliseconds: number) => void slept.push(milliseconds) };
  return vendorDirectory(
    {
      url: `${origin}${path}`,
      path: mapping.path,
      ...(mapping.more === undefined ? {} : { more: mapping.more }),
      read: (value, id) =>
        vendorRecordFrom(mapping, value, { asked: id, aliasKind: 'email', timeZone: 'UTC' }),
    },
    { credentials: shown, clock, timeoutMilliseconds },
  );
}

let world: World;
let waiting: Lookup[];
let reasons: string[];
let written: () => string;
beforeEach(async () => {
  [world, waiting, reasons, asked, slept] = [await newWorld(), [], [], [], []];
  answering = person({});
});

/** Personio's own event about whoever has that id. */
async function hears(eventName = 'person.updated', directoryId: unknown = '654', at = 0): Promise<unknown> {
  const sources = webhookSources(
    parseConfig({ OFFBOARDING_SOURCES: 'people:email:personio' }, { sources: sourcesSlice }).sources
      .declarations,
    '{}',
  );
  const handler = offboardingWebhookHandler({
    ...quietObservability().observability,
    ...world.deps,
    timeZone: 'UTC',
    webhookSecrets: { live: async () => [TOKEN] },
    sourceVerifications: { keep: async () => undefined },
    webhookSources: sources,
    lookupSources: new Set(lookupSources(sources, new Map([[PEOPLE, origin]])).keys()),
    lookupQueue: { ask: async (lookup) => void waiting.push(lookup) },
  });
  const event = {
    routeKey: 'POST /v1/offboarding/{source}',
    pathParameters: { source: 'people' },
    headers: { 'content-type': 'application/json', authorization: TOKEN },
    body: JSON.stringify({
      event_name: eventName,
      occurred_at: new Date(world.clock.now() + at).toISOString(),
      payload: { person: { id: directoryId } },
    }),
    isBase64Encoded: false,
    requestContext: { requestId: 'r-1' },
  } as unknown as APIGatewayProxyEventV2;
  const { statusCode, body } = await handler(event, context);
  return statusCode === 200 ? (JSON.parse(body ?? '') as { outcome: string }).outcome : statusCode;
}

/** Lambda hands the next message to the function. @returns what became of it */
async function works(tries = 1, timeoutMilliseconds?: number): Promise<'done' | 'comes again'> {
  const quiet = quietObservability();
  written = quiet.written;
  const [lookup] = waiting;
  const handler = directoryLookupHandler({
    ...world.deps,
    ...quiet.observability,
    deadLetters: { bury: async (_body, reason) => void reasons.push(reason) },
    directories: new Map([[PEOPLE, directoryOf('personio', '', undefined, timeoutMilliseconds)]]),
  });
  const record = {
    messageId: 'm-1',
    body: JSON.stringify(lookup),
    attributes: { ApproximateReceiveCount: String(tries) },
  } as SQSRecord;
  const { batchItemFailures } = await handler({ Records: [record] }, context);
  if (batchItemFailures.length > 0) return 'comes again';
  waiting.shift();
  return 'done';
}
const happens = async (answer: Answering, eventName?: string): Promise<void> => {
  answering = answer;
  world.moveTime(60);
  expect(await hears(eventName)).toBe('asked');
  expect(await works()).toBe('done');
};

const denials = async (login = 'alice'): Promise<string[]> => {
  const owner = await world.stores.people.findAliasOwner(aliasOf(login));
  const found = owner?.personId && (await world.stores.people.find(owner.personId));
  return (found ? found.denials : []).map(({ source, kind }) => `${source} ${kind}`);
};
const plans = async () => (await world.stores.offboardings.listPlans({ limit: 10 })).plans;
const alicesFirstSignIn = async (): Promise<void> => {
  const { personId, issuer, subject, login, aliases } = world.caller('alice');
  await world.stores.people.register({ personId, issuer, subject, login, aliases, at: world.clock.now() });
};
/** An administrator lifts whatever is said against somebody. */
const reinstate = (login: string) =>
  world.tell({
    source: ADMINISTRATOR,
    eventId: `reinstated ${world.clock.now()}`,
    kind: 'returned',
    eventTime: world.clock.now(),
    receivedAt: world.clock.now(),
    whom: { personId: world.caller(login).personId },
    bodySha256Hex: 'aa',
  });
const incidents = async (): Promise<string[]> =>
  (await world.stores.offboardings.listOpenIncidents()).map(({ kind, words }) => `${kind}: ${words}`);

describe('the directories of vendors', () => {
  const vectors = globSync('*.json', { cwd: VECTORS }).map((file) =>
    vector.parse(JSON.parse(readFileSync(`${VECTORS}/${file}`, 'utf8'))),
  );
  it.each(vectors)('are asked and read as $scheme has it', async (one) => {
    answering = (request, response) => {
      const body = one.answers[request.url ?? ''];
      answers(body === undefined ? 404 : 200, body ?? '')(request, response);
    };
    const path = one.scheme === 'bamboohr' ? '/v1' : '';
    const shown = credentials({ people: one.secret }, PEOPLE, one.scheme);
    const found = await directoryOf(one.scheme, path, shown).find(
      one.directoryId,
      new AbortController().signal,
    );
    const { ends, ...record } = found ?? {};
    expect({ ...record, lastDay: ends?.lastDay }).toEqual(one.record);
    expect(asked).toEqual(
      Object.keys(one.answers).map((url) => ({
        method: 'GET',
        url,
        authorization: one.authorization,
        accept: 'application/json',
      })),
    );
  });

  it.each<[string, unknown]>([
    ['of another source', { gusto: SECRETS.people }],
    ['of another form', { people: { apiKey: 'a-key-of-eight' } }],
    ['that are no object', 'papi-secret'],
  ])('are asked nothing with credentials %s, and no error tells them', async (_, secrets) => {
    const shown = credentials(secrets, PEOPLE);
    const error: unknown = await directoryOf('personio', '', shown)
      .find('654', new AbortController().signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'refused' });
    expect(String(error)).not.toContain('papi-secret');
    expect(asked).toEqual([]);
  });

  it.each(['..', '.'])('are not asked about %s, which would lead elsewhere', async (id) => {
    const find = directoryOf('personio', '').find(id, new AbortController().signal);
    await expect(find).rejects.toMatchObject({ kind: 'broken' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['people=https://api.personio.de', 'hr:email', 'people'],
    ['hr=https://api.example.com', 'hr:email', 'hr'],
  ])('cannot be those of %s where the sources are %s', (lookups, declared, name) => {
    const { sources } = parseConfig({ OFFBOARDING_SOURCES: declared }, { sources: sourcesSlice });
    const { asked: wanted } = parseConfig({ DIRECTORY_LOOKUPS: lookups }, { asked: lookupsSlice });
    const declaredSources = webhookSources(sources.declarations, '{}');
    expect(() => lookupSources(declaredSources, wanted.lookups)).toThrow(`directoryLookups names ${name}`);
  });

  it.each([
    'people',
    'people=http://api.personio.de',
    'people=https://a:b@x.de',
    'P=https://x.de',
    'a=https://x.de a=https://y.de',
  ])('cannot be at %s', (lookups) => {
    expect(() => parseConfig({ DIRECTORY_LOOKUPS: lookups }, { asked: lookupsSlice })).toThrow(
      z.core.$ZodError,
    );
  });
});

describe('an event that only says that something changed', () => {
  beforeEach(async () => {
    await alicesFirstSignIn();
  });

  it('denies whom the directory says has left, and lifts it when she is back there', async () => {
    await happens(person({ status: 'INACTIVE' }));
    expect(await denials()).toEqual(['people left']);
    await happens(person({ status: 'active' }));
    expect(await denials()).toEqual([]);
    expect(written()).not.toContain('alice');
  });

  it('plans the last day that the directory names, and takes it back with it', async () => {
    const day = new Date(world.clock.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await happens(person({ lastDay: day }));
    expect(await denials()).toEqual([]);
    expect(await plans()).toMatchObject([{ source: 'people', lastDay: day }]);
    await happens(person({}));
    expect(await plans()).toEqual([]);
  });

  it('keeps access until the last day where the status is early, and after it where she came back', async () => {
    const day = new Date(world.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    await happens(person({ status: 'INACTIVE', lastDay: day }));
    expect([await denials(), (await plans()).length]).toEqual([[], 1]);
    await happens(person({ status: 'ACTIVE', lastDay: '2020-01-01' }));
    expect(await denials()).toEqual([]);
    expect(await plans()).toEqual([]);
  });

  it('takes the end of time for no last day', async () => {
    await happens(person({ lastDay: '9999-12-31' }));
    expect([await plans(), reasons]).toEqual([[], []]);
  });

  it("acts once on an answer, so that an administrator's word stands until the directory changes its own", async () => {
    await happens(person({ status: 'INACTIVE' }));
    world.moveTime(60);
    await reinstate('alice');
    expect(await denials()).toEqual([]);
    await happens(person({ status: 'INACTIVE' }));
    expect(await denials()).toEqual([]);
    await happens(person({ status: 'ACTIVE' }));
    await happens(person({ status: 'INACTIVE' }));
    expect(await denials()).toEqual(['people left']);
  });

  it('about a leaver whom nobody knows is an incident, once', async () => {
    await happens(person({ status: 'INACTIVE', email: 'stranger@example.com' }));
    await happens(person({ status: 'INACTIVE', email: 'stranger@example.com' }));
    expect(await incidents()).toEqual([expect.stringContaining('unknownPerson')]);
    // Her address was wrong there.
    await happens(person({ status: 'INACTIVE' }));
    expect(await denials()).toEqual(['people left']);
  });

  it.each<[string, Answering, string]>([
    ['nobody of that id', answers(404, ''), 'its directory has nobody of that id'],
    ['a status that nobody knows', person({ status: 'SABBATICAL' }), '"SABBATICAL", which nobody has taught'],
    ['no status', person({ status: null }), 'shows no status of hers'],
    ['words for a status that are none', person({ status: '<b>\u0007' }), '"not readable"'],
  ])(
    'denies nobody where the directory has %s: an incident says so until it is mended',
    async (_, answer, words) => {
      await happens(answer);
      await happens(answer);
      expect(await denials()).toEqual([]);
      expect(await incidents()).toEqual([expect.stringContaining(words)]);
      await happens(person({}));
      expect(await incidents()).toEqual([]);
    },
  );

  it.each<[string, Answering]>([
    ['refuses our credentials (401)', answers(401, '')],
    ['refuses the portal (403)', answers(403, '')],
    ['is out of order (500)', answers(500, '')],
    ['is asked too often (429)', answers(429, '', { 'retry-after': '120' })],
    ['cuts the connection', (request) => void request.socket.destroy()],
    ['stops within its answer', answers(200, '{"id": "654", "status": "INAC')],
    ['nests without an end', answers(200, `${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
    ['answers with a page', answers(200, '<html>INACTIVE</html>')],
    ['answers with a list', answers(200, [{ id: '654', status: 'INACTIVE' }])],
    ['answers with somebody else', person({ status: 'INACTIVE', id: '655' })],
    ['leads elsewhere', answers(302, '', { location: 'http://127.0.0.1:1/v2/persons/654' })],
    ['says that we ask wrongly', answers(400, { status: 'INACTIVE' })],
  ])('denies nobody and comes again where the directory %s', async (_, answer) => {
    answering = answer;
    await hears();
    expect([await works(), await denials(), await incidents()]).toEqual(['comes again', [], []]);
    answering = person({ status: 'INACTIVE' });
    expect([await works(2), await denials()]).toEqual(['done', ['people left']]);
  });

  it('waits as long as a busy directory says, and gives up one that is silent', async () => {
    answering = (request, response) =>
      (slept.length === 0 ? answers(429, '', { 'retry-after': '7' }) : person({ status: 'INACTIVE' }))(
        request,
        response,
      );
    await hears();
    expect([await works(), slept]).toEqual(['done', [7_000]]);
    answering = () => undefined;
    world.moveTime(60);
    await hears();
    expect(await works(1, 15)).toBe('comes again');
  });

  it('shows the directory nothing but the id, at its own place', async () => {
    await hears('person.updated', 'a@b+c_1');
    await works();
    expect(asked.map(({ url }) => url)).toEqual([
      '/v2/persons/a%40b%2Bc_1',
      '/v2/persons/a%40b%2Bc_1/employments?limit=1',
    ]);
    asked = [];
    for (const id of ['../../admin', 'a/b', 'a?x=1', '', 'a'.repeat(129), { id: '1' }]) {
      expect(await hears('person.updated', id)).toBe(400);
    }
    expect(asked).toEqual([]);
  });

  it('ends the same wherever the function dies on the way', async () => {
    await hears();
    answering = person({ status: 'INACTIVE' });
    let [effects, deaths] = [0, 0];
    world.interfere(async (name, effect) => {
      effects += 1;
      if (deaths < 12 && effects > deaths) [effects, deaths] = [0, deaths + 1];
      else return effect();
      throw new Error(`died at ${name}`);
    });
    let tries = 1;
    while (tries < 30 && (await works(tries)) === 'comes again') tries += 1;
    world.calm();
    expect(tries).toBeGreaterThan(5);
    expect([await denials(), await incidents(), waiting]).toEqual([['people left'], [], []]);
  });

  it('is put aside with its reason where its directory is asked no longer', async () => {
    await hears();
    const [lookup] = waiting;
    if (lookup !== undefined) waiting = [{ ...lookup, source: parseSourceId('gone') as SourceId }];
    expect([await works(), reasons]).toEqual(['done', ["this source's directory is asked no longer"]]);
  });
});

describe('an event that says itself what happened', () => {
  it('gets its name from the directory, and keeps its own meaning and time', async () => {
    await alicesFirstSignIn();
    await happens(person({ status: 'ACTIVE' }), 'person.deleted');
    expect(await denials()).toEqual(['people left']);
  });

  it('asks people whose it is where the directory has nobody any more', async () => {
    await alicesFirstSignIn();
    await happens(answers(404, ''), 'person.deleted');
    expect([await denials(), await incidents()]).toEqual([[], [expect.stringContaining('unknownPerson')]]);
  });

  it('waits a while for a directory that does not answer, and then asks people too', async () => {
    await alicesFirstSignIn();
    await hears('person.deleted');
    answering = answers(403, '');
    expect([await works(7), await incidents()]).toEqual(['comes again', []]);
    expect([await works(8), await incidents()]).toEqual(['done', [expect.stringContaining('unknownPerson')]]);
  });
});
