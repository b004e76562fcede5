import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jwtVerify } from 'jose';
import * as z from 'zod';
import {
  directoryCredentials,
  type DirectoryCredentials,
} from '../../../shared/adapters/directories/credentials.ts';
import { entraDirectory, ENTRA_NAMES } from '../../../shared/adapters/directories/entra.ts';
import { fileDirectory, FILE_NAMES, type PlacedFile } from '../../../shared/adapters/directories/file.ts';
import { oktaDirectory, OKTA_NAMES } from '../../../shared/adapters/directories/okta.ts';
import { scimDirectory, SCIM_NAMES } from '../../../shared/adapters/directories/scim.ts';
import { nameKey, type DirectoryEntry, type NameKind } from '../../../shared/domain/reconciliation.ts';
import { DirectoryError, type Directory } from '../../../shared/ports/directory.ts';
import { newRsaKey } from '../../support/rsa-keys.ts';

const VECTORS = fileURLToPath(new URL('../../vectors/directories', import.meta.url));
const vector = z.object({
  origin: z.string().min(1),
  pages: z.array(
    z.object({ path: z.string(), headers: z.record(z.string(), z.string()), body: z.unknown() }),
  ),
  expected: z.array(z.array(z.string())),
});
const vectorOf = (name: string) =>
  vector.parse(JSON.parse(readFileSync(join(VECTORS, `${name}.json`), 'utf8')));

const NOW = Date.UTC(2026, 2, 1, 9);
const signal = new AbortController().signal;
type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void;

describe.each(['okta', 'entra', 'scim'] as const)('the directory of %s', (name) => {
  const { pages, expected } = vectorOf(name);
  let server: Server;
  let origin = '';
  let answering: Answering;
  let asked: string[];
  let slept: number[];
  let shown: Set<string | undefined>;
  let forgotten: number;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      shown.add(request.headers.authorization);
      answering(request, response, '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const whole: Answering = (request, response) => {
    const page = pages.find(
      ({ path }) => new URL(path, origin).href === new URL(request.url ?? '', origin).href,
    );
    if (page === undefined) return void response.writeHead(404).end();
    const text = (value: unknown): string => JSON.stringify(value).replaceAll('{origin}', origin);
    const headers = z.record(z.string(), z.string()).parse(JSON.parse(text(page.headers)));
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text(page.body));
  };
  const only =
    (status: number, body: string, headers: Record<string, string> = {}): Answering =>
    (_, response) =>
      void response.writeHead(status, headers).end(body);

  beforeEach(() => {
    [asked, slept, shown, forgotten, answering] = [[], [], new Set(), 0, whole];
  });

  const credentials: DirectoryCredentials = {
    authorization: async () => 'Bearer token',
    forget: () => {
      forgotten += 1;
      return true;
    },
  };
  const directory = (timeoutMilliseconds = 5_000): Directory => {
    const clock = { now: () => NOW, sleep: async (milliseconds: number) => void slept.push(milliseconds) };
    const http = { credentials, clock, timeoutMilliseconds };
    if (name === 'okta') return oktaDirectory({ url: origin, names: OKTA_NAMES }, http);
    if (name === 'entra') return entraDirectory({ url: `${origin}/v1.0`, names: ENTRA_NAMES }, http);
    return scimDirectory({ url: `${origin}/scim/v2`, names: SCIM_NAMES }, http);
  };
  const everybody = async (): Promise<DirectoryEntry[]> => {
    const entries: DirectoryEntry[] = [];
    let cursor: string | undefined;
    do {
      const page = await directory().page(cursor, entries.length, signal);
      entries.push(...page.entries);
      cursor = page.next;
    } while (cursor !== undefined);
    return entries;
  };
  const refusal = async (timeoutMilliseconds?: number): Promise<DirectoryError> => {
    const error: unknown = await directory(timeoutMilliseconds)
      .page(undefined, 0, signal)
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof DirectoryError)) throw new Error(`no DirectoryError: ${String(error)}`);
    expect(error.message).not.toContain(origin);
    return error;
  };

  it('is read page by page to its end, with the token', async () => {
    const keys = expected.map(([standing, ...names]) => ({
      standing,
      keys: names.map((one) => {
        const [kind, value] = one.split('#');
        return nameKey(kind as NameKind, value ?? '');
      }),
    }));
    expect(await everybody()).toEqual(keys);
    expect(asked.map((path) => new URL(path, origin).href)).toEqual(
      pages.map(({ path }) => new URL(path, origin).href),
    );
    expect([...shown]).toEqual(['Bearer token']);
  });

  it.each<[string, Answering]>([
    ['is cut off', only(200, '{"value": [{"id": ')],
    ['is no JSON', only(200, '<html>')],
    ['is of another shape', only(200, '{"value": [{"mail": 1}], "totalResults": "x"}')],
    ['is deep', only(200, `${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
    ['leads elsewhere', only(302, '', { location: 'http://127.0.0.1:1/' })],
    [
      'names a page of another place',
      only(
        200,
        JSON.stringify({ value: [], totalResults: 5, '@odata.nextLink': 'https://evil.example/users' }),
        { link: '<https://evil.example/x?after=1>; rel="next"' },
      ),
    ],
    ['says that it was asked wrongly', only(400, '')],
  ])('is broken where what it says %s, and is not asked again', async (_, wrong) => {
    answering = wrong;
    expect((await refusal()).kind).toBe('broken');
    expect(asked).toHaveLength(1);
  });

  it('that cuts the connection, or is silent, is asked four times', async () => {
    answering = (request) => void request.socket.destroy();
    expect((await refusal()).kind).toBe('later');
    expect([asked.length, slept]).toEqual([4, [1_000, 2_000, 4_000]]);
    answering = () => undefined;
    // Slow requests may be given up before they arrive.
    expect((await refusal(15)).kind).toBe('later');
    expect(slept).toHaveLength(6);
  });

  it.each([500, 502, 503])(
    'that is out of order (%i) is asked again, and read when it is back',
    async (status) => {
      answering = (request, response, body) =>
        asked.length === 1 ? only(status, 'sorry')(request, response, body) : whole(request, response, body);
      expect(await everybody()).toHaveLength(expected.length);
    },
  );

  it.each<[Record<string, string>, number]>([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': new Date(NOW + 9_000).toUTCString() }, 9_000],
    [{ 'x-rate-limit-reset': String(NOW / 1000 + 5) }, 5_000],
  ])('that is asked too often says when to come again: %j', async (headers, milliseconds) => {
    answering = (request, response, body) =>
      asked.length === 1 ? only(429, '', headers)(request, response, body) : whole(request, response, body);
    expect(await everybody()).toHaveLength(expected.length);
    expect(slept).toEqual([milliseconds]);
  });

  it('that wants a long pause is left to another run', async () => {
    answering = only(429, '', { 'retry-after': '600' });
    expect(await refusal()).toMatchObject({ kind: 'later', retryAfterSeconds: 600 });
    expect(asked).toHaveLength(1);
  });

  it('that no longer takes a token is asked with another, once', async () => {
    answering = only(401, '{"error":"token"}');
    expect((await refusal()).kind).toBe('refused');
    expect([asked.length, forgotten]).toEqual([2, 1]);
    answering = only(403, '');
    expect((await refusal()).kind).toBe('refused');
  });

  it('that is empty says so', async () => {
    answering = only(200, name === 'okta' ? '[]' : '{"value": [], "totalResults": 0}');
    expect(await directory().page(undefined, 0, signal)).toEqual({ entries: [] });
  });
});

describe('SCIM that changes while it is read', () => {
  it.each([
    ['a total that is another', '3', { totalResults: 2, Resources: [{ id: 'a' }] }],
    ['a page that is empty before the end', '3', { totalResults: 3 }],
  ])('is broken: %s', async (_, cursor, body) => {
    const server = createServer((_request, response) => void response.end(JSON.stringify(body)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const http = {
      credentials: { authorization: async () => 'x', forget: () => false },
      clock: { now: () => NOW, sleep: async () => undefined },
    };
    await expect(
      scimDirectory({ url, names: SCIM_NAMES }, http).page(cursor, 1, signal),
    ).rejects.toMatchObject({ kind: 'broken' });
    server.closeAllConnections();
    server.close();
  });
});

describe('a directory that is a file', () => {
  let file: PlacedFile | undefined;
  const put = (text: string | Buffer, ageDays = 0, etag = 'a'): void => {
    file = { octets: Buffer.from(text), etag, placedAt: NOW - ageDays * 86_400_000 };
  };
  const page = (cursor?: string, names = FILE_NAMES) =>
    fileDirectory({ names, read: async () => file }, { clock: { now: () => NOW } }).page(cursor, 0, signal);
  const keys = (...names: readonly (readonly [NameKind, string])[]) =>
    names.map(([kind, value]) => nameKey(kind, value));

  it('is read with what it calls people, and how they are; other columns count for nothing', async () => {
    put(
      '\ufeffName;Email;employeenumber;STATUS\nAlice;Alice@example.com;1001;active\nBob;;1002; Suspended\nEve;;;deactivated',
      2,
    );
    expect(await page()).toEqual({
      entries: [
        { standing: 'active', keys: keys(['email', 'alice@example.com'], ['employeeNumber', '1001']) },
        { standing: 'suspended', keys: keys(['employeeNumber', '1002']) },
        { standing: 'deactivated', keys: [] },
      ],
      asOf: NOW - 2 * 86_400_000,
    });
    put('upn\nalice@example.com');
    expect((await page(undefined, [{ kind: 'login', attribute: 'upn' }])).entries).toEqual([
      { standing: 'active', keys: keys(['login', 'alice@example.com']) },
    ]);
  });

  it('is read page by page, and from its beginning where another takes its place', async () => {
    put(['login', ...Array.from({ length: 2_500 }, (_, index) => `person-${index}`)].join('\n'));
    const pages = [await page()];
    for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next)
      pages.push(await page(next));
    expect(pages.map(({ entries }) => entries.length)).toEqual([1_000, 1_000, 500]);
    put('login\nalice', 0, 'b');
    await expect(page(pages[0]?.next)).rejects.toMatchObject({ kind: 'broken' });
  });

  it.each<[string, string | Buffer | undefined, number, string]>([
    ['is not there', undefined, 0, 'there is no directory.csv'],
    ['is eight days old', 'login\nalice', 8, 'is 8 days old'],
    ['is empty', '', 0, 'line 1 of'],
    ['is no text', Buffer.from([0xff, 0xfe, 0]), 0, 'not UTF-8'],
    ['has no column with names', 'name,status\nAlice,active', 0, 'no column is one of email, login'],
    ['has a column twice', 'login,Login\na,b', 0, 'the column login stands twice'],
    ['has a word for a status that nobody knows', 'login,status\nalice,active\nbob,gone', 0, 'line 3 of'],
    ['lacks a cell', 'login,status\nalice', 0, 'line 2 of'],
    ['breaks off within a quote', 'login\n"alice', 0, 'no closing quote'],
  ])('is refused as a whole where it %s', async (_, text, ageDays, words) => {
    file = undefined;
    if (text !== undefined) put(text, ageDays);
    const error: unknown = await page().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'refused' });
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain('bob');
  });
});

describe('what the portal shows to a directory', () => {
  const privateKey = newRsaKey();
  const publicKey = createPublicKey(privateKey);
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  let server: Server;
  let tokenUrl = '';
  let forms: URLSearchParams[];
  let answer: [number, string];
  let now = NOW;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        forms.push(new URLSearchParams(body));
        response.writeHead(answer[0]).end(answer[1]);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    tokenUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/oauth2/v1/token`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    [forms, now] = [[], NOW];
    answer = [
      200,
      JSON.stringify({ access_token: 'access-token-1', token_type: 'Bearer', expires_in: 3600 }),
    ];
  });
  const shownWith = (secret: unknown) =>
    directoryCredentials({
      client: {
        send: async () => ({ SecretString: typeof secret === 'string' ? secret : JSON.stringify(secret) }),
      },
      secretId: 'directory',
      clock: { now: () => now },
      random: (count) => new Uint8Array(count).fill(7),
    });
  const client = () => ({ tokenUrl, clientId: '0oa1', scope: 'okta.users.read' });

  it('is a bearer token, or an API token of Okta', async () => {
    expect(await shownWith({ bearerToken: 'abcdefgh' }).authorization(signal)).toBe('Bearer abcdefgh');
    expect(await shownWith({ oktaApiToken: 'abcdefgh' }).authorization(signal)).toBe('SSWS abcdefgh');
  });

  it('is an access token, asked for with a secret, and anew before it ends', async () => {
    const shown = shownWith({ ...client(), clientSecret: 'secret-of-8' });
    expect(await shown.authorization(signal)).toBe('Bearer access-token-1');
    await shown.authorization(signal);
    expect(Object.fromEntries(forms[0] ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: '0oa1',
      scope: 'okta.users.read',
      client_secret: 'secret-of-8',
    });
    expect(forms).toHaveLength(1);
    now += 3_541_000;
    await shown.authorization(signal);
    expect(forms).toHaveLength(2);
  });

  it('is one asked for with an assertion that the token endpoint can check (RFC 7523)', async () => {
    const shown = shownWith({ ...client(), privateKeyPem, keyId: 'key-1' });
    expect(await shown.authorization(signal)).toBe('Bearer access-token-1');
    const assertion = forms[0]?.get('client_assertion') ?? '';
    expect(forms[0]?.get('client_assertion_type')).toBe(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    );
    const options = {
      audience: tokenUrl,
      issuer: '0oa1',
      subject: '0oa1',
      currentDate: new Date(NOW),
      maxTokenAge: 10,
    };
    const { payload, protectedHeader } = await jwtVerify(assertion, publicKey, options);
    expect(protectedHeader).toEqual({ alg: 'RS256', kid: 'key-1' });
    expect([payload.exp, typeof payload.jti]).toEqual([NOW / 1000 + 300, 'string']);
  });

  it.each<[string, unknown]>([
    ['no JSON', 'nothing'],
    ['webhook secrets', { secrets: ['whsec_abcdefghijklmnop'] }],
    [
      'a token endpoint without TLS',
      { tokenUrl: 'http://id.example/token', clientId: 'a', scope: 'b', clientSecret: 'abcdefgh' },
    ],
    [
      'a private key that is none',
      {
        tokenUrl: 'https://id.example/token',
        clientId: 'a',
        scope: 'b',
        privateKeyPem: 'PRIVATE KEY abcdefgh',
      },
    ],
  ])('is nothing where the secret is %s, and no error tells it', async (_, secret) => {
    const error: unknown = await shownWith(secret)
      .authorization(signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'refused' });
    expect(String(error)).not.toContain('abcdefgh');
  });

  it.each<[number, string, string]>([
    [400, '{"error":"invalid_client"}', 'refused'],
    [200, '{"token_type":"Bearer"}', 'refused'],
    [200, '{"access_token":"access-token-1","token_type":"DPoP"}', 'refused'],
    [503, '', 'later'],
    [429, '', 'later'],
  ])('is nothing where the token endpoint answers %i %s: %s', async (status, body, kind) => {
    answer = [status, body];
    await expect(
      shownWith({ ...client(), clientSecret: 'secret-of-8' }).authorization(signal),
    ).rejects.toMatchObject({ kind });
  });
});
