import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { Failure } from '../../../cli/failure.ts';
import { apiPath, portalApi, type PortalApi } from '../../../cli/portal/api.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let answers: Answer[];
let requests: { url: string | undefined; headers: IncomingMessage['headers'] }[];
let slept: number[];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers });
    (answers.shift() ?? answering(200, '{"done":true}'))(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
});
beforeEach(() => {
  answers = [];
  requests = [];
  slept = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const answering =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);
const busy = (headers = {}) =>
  answering(503, '{"title":"Busy","status":503,"detail":"again","code":"tryAgain"}', headers);

const api = (token?: string): PortalApi =>
  portalApi({ sleep: async (milliseconds) => void slept.push(milliseconds) }, url, token);
const done = z.object({ done: z.literal(true) });

const factsOf = async (work: Promise<unknown>): Promise<Failure['facts']> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error.facts;
  throw new Error('no failure', { cause: error });
};

describe('a request to the portal', () => {
  it('carries the token, and what was asked', async () => {
    await api('t0ken').get('/v1/admin/people', done, { email: 'a+b@example.com' });
    expect(requests).toMatchObject([
      { url: '/v1/admin/people?email=a%2Bb%40example.com', headers: { authorization: 'Bearer t0ken' } },
    ]);
  });

  it('is repeated with the same Idempotency-Key where the portal was busy, after the pause that it asked for', async () => {
    answers = [busy({ 'retry-after': '2' }), busy({ 'retry-after': '3600' })];
    await api().post('/x', {}, done, { idempotencyKey: 'key-1' });
    expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'key-1', 'key-1']);
    expect(slept).toEqual([2000, 5000]);
  });

  it('ends with the refusal when the portal stays busy', async () => {
    answers = [busy(), busy(), busy()];
    expect(await factsOf(api().get('/x', done))).toMatchObject({
      exitCode: 1,
      code: 'tryAgain',
      status: 503,
    });
    expect(requests).toHaveLength(3);
  });

  it('is not repeated without a key: it might happen twice', async () => {
    answers = [busy()];
    expect(await factsOf(api().post('/x', {}, done))).toMatchObject({ code: 'tryAgain' });
    expect(requests).toHaveLength(1);
  });

  it('follows nobody elsewhere with a token', async () => {
    answers = [answering(307, '', { location: `${url}/thief` })];
    expect(await factsOf(api('t0ken').get('/x', done))).toMatchObject({ exitCode: 1, status: 307 });
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['a page', '<html></html>'],
    ['another shape', '{"other":1}'],
  ])('takes no success that is %s', async (_what, body) => {
    answers = [answering(200, body)];
    expect(await factsOf(api().get('/x', done))).toMatchObject({ exitCode: 1, code: 'unexpectedAnswer' });
  });

  it('says when nobody is there', async () => {
    const gone = portalApi({ sleep: async () => undefined }, 'http://127.0.0.1:1', undefined);
    expect(await factsOf(gone.get('/x', done))).toMatchObject({ exitCode: 3, code: 'unreachable' });
    answers = [(request) => request.socket.destroy()];
    expect(await factsOf(api().get('/x', done))).toMatchObject({ exitCode: 3, code: 'unreachable' });
  });
});

describe('a path', () => {
  it('escapes what was typed', () =>
    expect(apiPath`/v1/certificates/${'a/../b?c#d'}`).toBe('/v1/certificates/a%2F..%2Fb%3Fc%23d'));
  it.each(['', '.', '..'])('has no step "%s"', (step) => {
    expect(() => apiPath`/v1/certificates/${step}/profile`).toThrow('is no id');
  });
});
