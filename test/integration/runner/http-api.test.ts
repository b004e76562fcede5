import { createHmac } from 'node:crypto';
import { generateKeyPair } from 'jose';
import * as z from 'zod';
import { startRunner, type Runner } from '../../../infra/local/runner/runner.ts';
import { fakeQueues, fixtureService } from './fixture-stack.ts';
import { startTestIssuer, type Claims, type TestIssuer } from './issuer.ts';

let issuer: TestIssuer;
let runner: Runner;
const written: string[] = [];

beforeAll(async () => {
  process.env['OF_THE_SHELL'] = 'x';
  issuer = await startTestIssuer();
  runner = await startRunner({
    service: await fixtureService({ oidcIssuer: issuer.url }),
    queues: fakeQueues(),
    schedules: 'manual',
    port: 0,
    integrationTimeoutMilliseconds: 300,
    output: (functionKey, text) => void written.push(`${functionKey}: ${text}`),
  });
});
afterAll(async () => {
  await runner.close();
  await issuer.close();
  delete process.env['OF_THE_SHELL'];
});

const answer = z.looseObject({
  event: z.looseObject({
    headers: z.record(z.string(), z.string()),
    requestContext: z.looseObject({ authorizer: z.unknown().optional() }),
  }),
  environment: z.record(z.string(), z.string()),
  calls: z.number(),
  remaining: z.number(),
});
const echo = async (path: string, init?: RequestInit) => {
  const response = await fetch(runner.apiUrl + path, init);
  return answer.parse(await response.json());
};

describe('payload format 2.0', () => {
  it('has the request as API Gateway gives it', async () => {
    const { event } = await echo('/echo?a=1&b=x%20y&a=2', {
      headers: [
        ['X-Twice', 'one'],
        ['X-Twice', 'two'],
        ['Cookie', 'c=1; d=2'],
        ['User-Agent', 'fixture'],
      ],
    });
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /echo',
      rawPath: '/echo',
      rawQueryString: 'a=1&b=x%20y&a=2',
      queryStringParameters: { a: '1,2', b: 'x y' },
      cookies: ['c=1', 'd=2'],
      isBase64Encoded: false,
      requestContext: {
        stage: '$default',
        routeKey: 'GET /echo',
        http: {
          method: 'GET',
          path: '/echo',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'fixture',
        },
      },
    });
    expect(event.headers['x-twice']).toMatch(/^one, ?two$/);
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event).not.toHaveProperty('body');
    expect(event).not.toHaveProperty('pathParameters');
  });

  it.each([
    ['application/json', '{"é":1}', false],
    ['application/json; charset=utf-8', '{}', false],
    ['text/plain', 'words', false],
    ['application/x-www-form-urlencoded', 'a=1', true],
    ['application/scim+json', '{}', true],
  ])('gives a body of %s as text or as base64', async (contentType, body, isBase64Encoded) => {
    const { event } = await echo('/echo', { method: 'POST', headers: { 'content-type': contentType }, body });
    expect(event).toMatchObject({
      isBase64Encoded,
      body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
    });
  });

  it.each([
    ['/things/fixed', 'GET /things/fixed', undefined],
    ['/things/a%2Fb%20c', 'GET /things/{id}', { id: 'a/b c' }],
    ['/things/%zz', 'GET /things/{id}', { id: '%zz' }],
    ['/rest/of/the/way', 'ANY /rest/{proxy+}', { proxy: 'of/the/way' }],
  ])('takes %s by the most specific route, %s', async (path, routeKey, pathParameters) => {
    const { event } = await echo(path);
    expect(event['routeKey']).toBe(routeKey);
    expect(event['pathParameters']).toEqual(pathParameters);
  });
});

describe("API Gateway's own answers", () => {
  const own = async (path: string, init?: RequestInit) => {
    const response = await fetch(runner.apiUrl + path, init);
    return [response.status, await response.text()];
  };

  it.each([
    ['an unknown path', '/nowhere', 'GET'],
    ['another method', '/things/1', 'POST'],
    ['a trailing slash', '/things/', 'GET'],
    ['a path below', '/things/1/2', 'GET'],
  ])('404 for %s', async (_what, path, method) => {
    expect(await own(path, { method })).toEqual([404, '{"message":"Not Found"}']);
  });

  it('413 above 10 MB, and not before', async () => {
    const limit = 10 * 1024 * 1024;
    const post = (octets: number) => own('/echo', { method: 'POST', body: new Uint8Array(octets) });
    expect(await post(limit + 1)).toEqual([413, '{"message":"Request Entity Too Large"}']);
    // At the limit the function runs; that its echo is too large for an answer is another matter.
    expect((await post(limit))[0]).toBe(500);
  });

  it.each(['thrown', 'huge', 'badStatus', 'badBody'])('500 when a function answers %s', async (shape) => {
    expect(await own(`/shapes/${shape}`)).toEqual([500, '{"message":"Internal Server Error"}']);
  });

  it('503 when the integration takes too long', async () => {
    expect(await own('/shapes/slowish')).toEqual([503, '{"message":"Service Unavailable"}']);
  });
});

describe('what a function returns', () => {
  const get = (shape: string) => fetch(`${runner.apiUrl}/shapes/${shape}`);

  it.each([
    ['object', '{"plain":true}'],
    ['text', 'just text'],
    ['nothing', 'null'],
  ])('without a status code is the body: %s', async (shape, body) => {
    const response = await get(shape);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'application/json',
      body,
    ]);
  });

  it('is decoded from base64 where it says so', async () => {
    const response = await get('base64');
    expect(response.status).toBe(201);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 1, 2]));
  });

  it('may have no body', async () => {
    expect((await get('bare')).status).toBe(204);
  });

  it('carries headers and cookies', async () => {
    const response = await fetch(`${runner.apiUrl}/echo`);
    expect(response.headers.get('x-fixture')).toBe('yes');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });
});

describe('a function', () => {
  it('sees its own environment and not that of the shell', async () => {
    const { environment } = await echo('/echo');
    expect(environment).toMatchObject({ GREETING: 'hello', PLACE: 'laptop', AWS_REGION: 'eu-west-1' });
    expect(environment).not.toHaveProperty('OF_THE_SHELL');
    expect(process.env['OF_THE_SHELL']).toBe('x');
    expect(process.env['GREETING']).toBeUndefined();
  });

  it('is loaded once for a stack, and anew for the next', async () => {
    const first = (await echo('/echo')).calls;
    expect((await echo('/echo')).calls).toBe(first + 1);
    const other = await startRunner({
      service: await fixtureService(),
      queues: fakeQueues(),
      schedules: 'manual',
      port: 0,
    });
    const response = await fetch(`${other.apiUrl}/echo`);
    expect(answer.parse(await response.json()).calls).toBe(1);
    await other.close();
  });

  it('knows how much time it has', async () => {
    const { remaining } = await echo('/echo');
    expect(remaining).toBeGreaterThan(4_000);
    expect(remaining).toBeLessThanOrEqual(5_000);
  });

  it('writes to the log of functions and nowhere else', async () => {
    await echo('/echo');
    expect(written).toContain('echo: a line of the function\n');
  });
});

describe('the JWT authorizer', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const claims = (other: Claims = {}): Claims => ({
    iss: issuer.url,
    aud: 'https://fixture.example',
    sub: 'alice',
    exp: now() + 60,
    scope: 'openid vpn',
    ...other,
  });
  const call = async (path: string, authorization?: string) => {
    const response = await fetch(runner.apiUrl + path, {
      headers: authorization === undefined ? {} : { authorization },
    });
    return { status: response.status, body: await response.text(), headers: response.headers };
  };
  const unauthorized = { status: 401, body: '{"message":"Unauthorized"}' };

  it('lets a good token in, with its claims as strings and the scopes that matched', async () => {
    const token = await issuer.sign(
      claims({ groups: ['vpn-users', 'staff'], email_verified: true, nested: { b: 1, a: [2] } }),
    );
    const { event } = await echo('/scoped', { headers: { authorization: `Bearer ${token}` } });
    expect(event.requestContext.authorizer).toEqual({
      jwt: {
        claims: expect.objectContaining({
          sub: 'alice',
          groups: '[vpn-users staff]',
          email_verified: 'true',
          nested: 'map[a:[2] b:1]',
          exp: expect.stringMatching(/^\d+$/) as string,
        }) as object,
        scopes: ['vpn'],
      },
    });
  });

  it('asks no scope where the route names none', async () => {
    const token = await issuer.sign(claims({ scope: '' }));
    expect(await call('/mine', `Bearer ${token}`)).toMatchObject({ status: 200 });
  });

  it.each<[string, Claims]>([
    ['scp as a list', { scope: undefined, scp: ['vpn.admin'] }],
    ['several audiences', { aud: ['x', 'https://fixture.example'] }],
    ['client_id instead of aud', { aud: undefined, client_id: 'https://fixture.example' }],
  ])('accepts %s', async (_what, other) => {
    expect(await call('/scoped', `Bearer ${await issuer.sign(claims(other))}`)).toMatchObject({
      status: 200,
    });
  });

  it.each<[string, Claims]>([
    ['an expired token', { exp: now() - 1 }],
    ['a token without an end', { exp: undefined }],
    ['a token from the future', { nbf: now() + 30 }],
    ['a token issued in the future', { iat: now() + 30 }],
    ['another audience', { aud: 'https://other.example' }],
    ['another audience beside the right client', { aud: 'x', client_id: 'https://fixture.example' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://other.example' }],
  ])('refuses %s', async (_what, other) => {
    const token = await issuer.sign(claims(other));
    expect(await call('/mine', `Bearer ${token}`)).toMatchObject(unauthorized);
  });

  it('refuses forged, unsigned, keyless and missing tokens', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hmacInput = `${b64({ alg: 'HS256', kid: 'k1' })}.${b64(claims())}`;
    const tokens = [
      await issuer.sign(claims(), { kid: 'k1' }, privateKey),
      await issuer.sign(claims(), { kid: 'unknown' }),
      await issuer.sign(claims(), {}),
      await issuer.sign(claims(), { kid: 'k2', alg: 'ES256' }, issuer.ellipticKey),
      `${b64({ alg: 'none', kid: 'k1' })}.${b64(claims())}.`,
      `${hmacInput}.${createHmac('sha256', 'k').update(hmacInput).digest('base64url')}`,
      'garbage',
      'two words',
    ];
    for (const token of tokens) expect(await call('/mine', `Bearer ${token}`)).toMatchObject(unauthorized);
    expect(await call('/mine')).toMatchObject(unauthorized);
    expect((await call('/mine')).headers.get('www-authenticate')).toBe('Bearer');
  });

  it('forbids a token without any of the scopes', async () => {
    const token = await issuer.sign(claims({ scope: 'openid vpn2' }));
    expect(await call('/scoped', `Bearer ${token}`)).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
    });
  });

  it('fetches the keys once for tokens of one key', async () => {
    await call('/mine', `Bearer ${await issuer.sign(claims())}`);
    const before = issuer.fetches();
    await call('/mine', `Bearer ${await issuer.sign(claims())}`);
    expect(issuer.fetches()).toBe(before);
  });
});
