import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import * as z from 'zod';
import { createFaults, type Fault } from '../../infra/local/cloud/faults.ts';
import { startStack, type Stack } from '../../infra/local/stack.ts';
import { personIdFrom, type PersonId } from '../../shared/domain/identity.ts';
import { OPERATIONS, type Operation } from '../../shared/http/api/operations.ts';
import { openApiDocument } from '../../shared/http/api/openapi.ts';
import { PROBLEMS } from '../../shared/http/problem.ts';
import { apiKey, type ApiKey } from './api-keys.ts';
import { tableOf } from './api-table.ts';

/** Somebody whom the company's identity provider knows; every test has people of its own. */
export interface ApiPerson {
  readonly personId: PersonId;
  readonly login: string;
  readonly email: string;
  readonly claims: JWTPayload;
}

/** What a test changes in a token; undefined takes a claim away. */
export interface TokenChanges {
  readonly claims?: { readonly [Name in string]: unknown };
  /** `none` signs nothing; `forged` signs with another key under the provider's name for its own. */
  readonly signature?: 'provider' | 'none' | 'forged';
}

export interface ApiRequest {
  /** An access token, or a person who gets a fresh one. */
  readonly as?: ApiPerson | string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text as it is. */
  readonly body?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly octets: Buffer;
  readonly text: string;
  /** Parsed where it is JSON. */
  readonly json: unknown;
}

const problemBody = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().min(1),
  instance: z.string(),
  code: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string().min(1) })).optional(),
});
export type Problem = z.infer<typeof problemBody>;

const documented = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ responses: z.record(z.string(), z.object({ description: z.string() })) }),
    ),
  ),
});

let parsedDocument: z.infer<typeof documented> | undefined;
const openApi = (): z.infer<typeof documented> => (parsedDocument ??= documented.parse(openApiDocument()));

const keyFile = z.object({ signingJwk: z.looseObject({ kid: z.string() }) });

/** Every wake is refused and none repeated: no worker writes while a test compares the table. */
const NO_WAKES = {
  service: 'sqs',
  action: 'SendMessage',
  kind: 'error',
  code: 'AccessDenied',
  status: 403,
  times: Number.POSITIVE_INFINITY,
} as const;

/**
 * The whole portal for one test file, and an API client that holds every answer against the OpenAPI document and
 * remembers everything that must not be in a log.
 *
 * @param wakes false where workers would only disturb
 */
export async function startApiStack({ wakes = true }: { readonly wakes?: boolean } = {}) {
  const faults = createFaults();
  const stack = await startStack({
    vpn: 'tls',
    schedules: 'manual',
    faults,
    redeliverySeconds: 0,
  });
  await stack.settled();
  const refuseWakes = (): void => {
    if (!wakes) faults.add(NO_WAKES);
  };
  refuseWakes();
  const secrets = new Set([stack.hrSecret, stack.scimToken].filter((one) => one !== undefined));
  const tokens = await tokenIssuer(stack);
  const table = tableOf(stack);
  let lookedAt = 0;

  const api = {
    stack,
    faults,
    /** Forgets the faults that a test planned. @returns those that were never met, which would prove nothing */
    calm(): readonly Fault[] {
      const unmet = faults.pending().filter(({ times }) => times !== NO_WAKES.times);
      faults.clear();
      refuseWakes();
      return unmet;
    },
    /** The table's items as they are, to see that nothing was written. */
    items: (): Promise<readonly string[]> => table.items(),
    person: (name: string, changes: Partial<Record<'groups' | 'roles' | 'scopes', readonly string[]>> = {}) =>
      newPerson(stack.issuer, name, changes),
    token: (person: ApiPerson, changes: TokenChanges = {}): Promise<string> => tokens.sign(person, changes),
    /** @param operation for example `GET /v1/certificates/{certificateId}` */
    async call(operation: string, request: ApiRequest = {}): Promise<ApiAnswer> {
      const { as } = request;
      const token = typeof as === 'object' ? await tokens.sign(as, {}) : as;
      rememberSecrets(secrets, request, token);
      const answer = await send(stack.apiUrl, operation, request, token);
      assertDocumented(operation, answer);
      return answer;
    },
    /** Keeps a text from ever being in a log. */
    keepSecret: (text: string) => void secrets.add(text),
    /** What functions wrote must hold nothing that was secret, and no person but by id. */
    assertNothingSecretLogged() {
      const whole = readFileSync(stack.functionLogPath, 'utf8');
      if (whole === '') throw new Error('the functions wrote no log at all');
      // What was there before has been looked at.
      const log = whole.slice(lookedAt);
      lookedAt = whole.length;
      expect([...secrets].filter((secret) => log.includes(secret))).toEqual([]);
    },
    log: () => readFileSync(stack.functionLogPath, 'utf8'),
    imports: () => stack.ec2.callsOf('ImportClientVpnClientCertificateRevocationList'),
    gate: (commonName: string) => askGate(stack, commonName),
    /** Enrols with a key of the caller's. */
    enrol: async (person: ApiPerson, key: ApiKey, deviceName = 'laptop') => {
      const body = { csr: key.csr, deviceName };
      const answer = await api.call('POST /v1/certificates', { as: person, body });
      expect([answer.status, answer.json]).toEqual([201, expect.anything()]);
      return issuedBody.parse(answer.json);
    },
    close: async () => {
      table.close();
      await stack.close();
    },
  };
  return api;
}

export type ApiStack = Awaited<ReturnType<typeof startApiStack>>;

/** What a test needs of the answer to an issue. */
export const issuedBody = z.looseObject({
  certificateId: z.string(),
  serialNumber: z.string(),
  commonName: z.string(),
  fingerprintSha256: z.string(),
  certificate: z.string(),
  chain: z.string(),
  profile: z.string(),
  privateKey: z.string().optional(),
  pkcs12: z.string().optional(),
});

/** The problem document of an answer, with everything about it that is the same for every problem. */
export function problemOf(answer: ApiAnswer): Problem {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const problem = problemBody.parse(answer.json);
  expect(problem.status).toBe(answer.status);
  expect(problem.type).toBe(`urn:vpn-portal:problem:${problem.code}`);
  expect(problem.instance).toBe(`urn:vpn-portal:request:${answer.headers.get('apigw-requestid')}`);
  if (problem.code in PROBLEMS) {
    expect(PROBLEMS[problem.code as keyof typeof PROBLEMS]).toEqual({
      status: answer.status,
      title: problem.title,
    });
  }
  return problem;
}

/** Asks for something that must be refused, and sees that the table is as before. */
export async function refused(
  api: ApiStack,
  operation: string,
  request: ApiRequest,
  expected: { readonly status: number; readonly code: string },
): Promise<Problem & { readonly answer: ApiAnswer }> {
  const before = await api.items();
  const answer = await api.call(operation, request);
  const problem = problemOf(answer);
  expect({ status: answer.status, code: problem.code }).toEqual(expected);
  expect(await api.items()).toEqual(before);
  return { ...problem, answer };
}

/** … and by API Gateway itself, in its own form. */
export async function refusedByGateway(
  api: ApiStack,
  operation: string,
  request: ApiRequest,
  expected: { readonly status: number; readonly message: string },
): Promise<ApiAnswer> {
  const before = await api.items();
  const answer = await api.call(operation, request);
  expect({ status: answer.status, json: answer.json }).toEqual({
    status: expected.status,
    json: { message: expected.message },
  });
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await api.items()).toEqual(before);
  return answer;
}

function newPerson(
  issuer: string,
  name: string,
  {
    groups = ['vpn-users'],
    roles = [],
    scopes,
  }: Partial<Record<'groups' | 'roles' | 'scopes', readonly string[]>>,
): ApiPerson {
  const unique = `${name}-${randomUUID().slice(0, 8)}`;
  const sub = `00u-${unique}`;
  const email = `${unique}@example.com`;
  return {
    personId: personIdFrom(issuer, sub),
    login: unique,
    email,
    claims: {
      sub,
      preferred_username: unique,
      email,
      email_verified: true,
      employee_number: `n-${unique}`,
      groups: [...groups],
      roles: [...roles],
      scope: (scopes ?? (roles.length > 0 ? ['vpn', 'vpn.admin'] : ['vpn'])).join(' '),
      client_id: 'vpn-cli',
    },
  };
}

/** Signs with the provider's own key, as only the provider could. */
async function tokenIssuer(stack: Stack) {
  const file = join(stack.dataDirectory, 'openid-provider', 'keys.json');
  const { signingJwk } = keyFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const own = await importJWK(signingJwk, 'RS256');
  const foreign = await importJWK((await apiKey('forger')).privateKey.export({ format: 'jwk' }), 'RS256');
  return {
    sign(person: ApiPerson, { claims = {}, signature = 'provider' }: TokenChanges): Promise<string> {
      const now = Math.floor(Date.now() / 1000);
      const standard = {
        iss: stack.issuer,
        aud: stack.audience,
        iat: now,
        exp: now + 3600,
        auth_time: now,
        jti: randomUUID(),
      };
      const payload: JWTPayload = { ...standard, ...person.claims, ...claims };
      if (signature === 'none') return Promise.resolve(new UnsecuredJWT(payload).encode());
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: signingJwk.kid, typ: 'at+jwt' })
        .sign(signature === 'forged' ? foreign : own);
    },
  };
}

async function send(
  apiUrl: string,
  operation: string,
  { path = {}, query, headers = {}, body }: ApiRequest,
  token: string | undefined,
): Promise<ApiAnswer> {
  const [method = '', template = ''] = operation.split(' ');
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
  const response = await fetch(`${apiUrl}${filled}${search}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const octets = Buffer.from(await response.arrayBuffer());
  const text = octets.toString('utf8');
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    octets,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

/** Status and code of every answer stand in the OpenAPI document, and its body is the promised one, no more. */
function assertDocumented(operationName: string, answer: ApiAnswer): void {
  const [method = '', path = ''] = operationName.split(' ');
  const operation = OPERATIONS.find((one) => one.method === method && one.path === path);
  if (operation === undefined) return;
  const { responses } = openApi().paths[path]?.[method.toLowerCase()] ?? {};
  const description = responses?.[String(answer.status)]?.description;
  const code = answer.headers.get('content-type')?.startsWith('application/problem+json')
    ? problemBody.parse(answer.json).code
    : '';
  expect({ operationName, status: answer.status, code, description }).toEqual({
    operationName,
    status: answer.status,
    code,
    description: expect.stringContaining(code) as string,
  });
  if (answer.status === operation.success.status) assertPromisedBody(operation, answer);
}

function assertPromisedBody({ success, operationId }: Operation, answer: ApiAnswer): void {
  const type = answer.headers.get('content-type') ?? '';
  expect([operationId, success.mediaTypes ?? ['application/json']]).toEqual([
    operationId,
    expect.arrayContaining([type]),
  ]);
  if (success.mediaTypes !== undefined || operationId === 'getOpenApi') return;
  expect(answer.json).toEqual(success.schema.parse(answer.json));
}

function rememberSecrets(
  secrets: Set<string>,
  { body, headers }: ApiRequest,
  token: string | undefined,
): void {
  const add = (text: string): void => {
    if (text.length >= 8) secrets.add(text);
  };
  for (const part of token?.split('.') ?? []) add(part);
  const signature = headers?.['webhook-signature'];
  for (const one of signature?.split(' ') ?? []) add(one.slice('v1,'.length));
  const payload = token?.split('.')[1];
  if (payload !== undefined) add(emailIn(Buffer.from(payload, 'base64url').toString('utf8')));
  const text = (typeof body === 'string' ? body : JSON.stringify(body ?? '')).slice(0, 20_000);
  add(emailIn(text));
  for (const line of text.split(/\\r\\n|\\n|\s|"/)) if (/^[A-Za-z0-9+/=]{64}$/.test(line)) add(line);
  const passphrase = /"passphrase":"([^"]*)"/.exec(text)?.[1];
  if (passphrase !== undefined) add(passphrase);
}

const emailIn = (text: string): string => /[\w.+-]{1,64}@[\w.-]{1,64}/.exec(text)?.[0] ?? '';

async function askGate(stack: Stack, commonName: string): Promise<{ allow: boolean; words: string }> {
  const { payload } = await stack.invoke('gate', {
    'connection-id': 'cvpn-connection-0123456789abcdef0',
    'endpoint-id': stack.endpointId,
    'common-name': commonName,
    'schema-version': 'v2',
  });
  const answer = z
    .object({ allow: z.boolean(), 'error-msg-on-denied-connection': z.string() })
    .parse(payload);
  return { allow: answer.allow, words: answer['error-msg-on-denied-connection'] };
}
