import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Caller } from '../../../shared/domain/caller.ts';
import { DomainError } from '../../../shared/domain/errors.ts';
import { personIdFrom } from '../../../shared/domain/identity.ts';
import { callerFrom } from '../../../shared/http/caller.ts';

const NAMES = {
  person: ['sub'],
  login: 'preferred_username',
  email: 'email',
  employeeNumber: 'employee_number',
  groups: 'groups',
  roles: 'roles',
};
const CLAIMS = {
  iss: 'https://id.example',
  sub: '00u1',
  preferred_username: 'alice',
  email: 'Alice@Example.com',
  email_verified: true,
  groups: ['vpn-users', 'staff with spaces'],
  roles: [],
  scope: 'vpn vpn.admin',
  client_id: 'web',
  iat: 1_800_000_000,
  auth_time: 1_799_999_000,
};

/** As API Gateway hands a request on: the token as it came, and its claims as text with lists flattened. */
function eventWith(
  claims: Readonly<Record<string, unknown>>,
  { scheme = 'Bearer', verified = claims }: { scheme?: string; verified?: object } = {},
): APIGatewayProxyEventV2 {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const asText = Object.entries(verified)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? `[${value.join(' ')}]` : String(value)]);
  const event: unknown = {
    headers: { authorization: `${scheme} ${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl` },
    requestContext: { authorizer: { jwt: { claims: Object.fromEntries(asText) as unknown, scopes: null } } },
  };
  return event as APIGatewayProxyEventV2;
}

const callerOf = (changes: Readonly<Record<string, unknown>> = {}, names = NAMES): Caller =>
  callerFrom(eventWith({ ...CLAIMS, ...changes }), names);
const codeOf = (read: () => unknown): string => {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};

describe('a caller', () => {
  it('is who the token itself names, not the flattened copy of its claims', () => {
    expect(callerOf()).toEqual({
      personId: personIdFrom('https://id.example', '00u1'),
      issuer: 'https://id.example',
      subject: '00u1',
      login: 'alice',
      email: 'Alice@Example.com',
      aliases: [
        { kind: 'login', value: 'alice' },
        { kind: 'email', value: 'alice@example.com' },
      ],
      groups: ['vpn-users', 'staff with spaces'],
      roles: [],
      scopes: ['vpn', 'vpn.admin'],
      signedInAt: 1_799_999_000,
      lacksMfa: false,
    });
  });

  it.each([
    ['is not asked for one by a company that names no claim', undefined, {}, false],
    ['used one that is in a list', 'amr', { amr: ['pwd', 'mfa'] }, false],
    ['used one that is a text', 'amr', { amr: 'hwk' }, false],
    ['used a password only', 'amr', { amr: ['pwd'] }, true],
    ['says nothing of it', 'amr', {}, true],
    ['says it in another claim', 'acr', { amr: ['mfa'] }, true],
    ['says a word that only begins like it', 'amr', { amr: ['mfa-skipped'] }, true],
  ])('%s: the second factor', (_, claim, changes, lacksMfa) => {
    const names = claim === undefined ? NAMES : { ...NAMES, mfa: { claim, values: ['mfa', 'hwk'] } };
    expect(callerOf(changes, names).lacksMfa).toBe(lacksMfa);
  });

  it.each([
    ['scp as a list', { scope: undefined, scp: ['vpn'] }, { scopes: ['vpn'] }],
    ['scp as a text', { scope: undefined, scp: 'vpn openid' }, { scopes: ['vpn', 'openid'] }],
    ['no scope', { scope: undefined }, { scopes: [] }],
    ['one group as a text', { groups: 'vpn-users' }, { groups: ['vpn-users'] }],
    ['no groups', { groups: undefined }, { groups: [] }],
    ['iat where auth_time is absent', { auth_time: undefined }, { signedInAt: 1_800_000_000 }],
  ])('is read with %s', (_, changes, expected) => {
    expect(callerOf(changes)).toMatchObject(expected);
  });

  it.each([
    ['false', { email_verified: false }],
    ['absent', { email_verified: undefined }],
    ['another word', { email_verified: 'no' }],
  ])('has no e-mail address while email_verified is %s', (_, changes) => {
    const { email, aliases } = callerOf(changes);
    expect(email).toBeUndefined();
    expect(aliases.map(({ kind }) => kind)).toEqual(['login']);
  });

  it('can be named by several claims, of which each is needed', () => {
    const names = { ...NAMES, person: ['tid', 'oid'] };
    expect(codeOf(() => callerOf({ tid: 't1' }, names))).toBe('unauthenticated');
    const one = callerOf({ tid: 't1', oid: 'o1' }, names).personId;
    expect(callerOf({ tid: 't1', oid: 'o2' }, names).personId).not.toBe(one);
    expect(callerOf({ tid: 't1', oid: 'o1', preferred_username: 'renamed' }, names).personId).toBe(one);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['no issuer', { iss: undefined }],
    ['no subject', { sub: undefined }],
    ['an object for a subject', { sub: { id: 1 } }],
    ['no login', { preferred_username: '' }],
    ['a program for a subject', { sub: 'web' }],
    ['no time', { iat: undefined, auth_time: undefined }],
    ['a text for a time', { auth_time: '1799999000' }],
  ])('is not of a token with %s', (_, changes) => {
    expect(codeOf(() => callerOf(changes))).toBe('unauthenticated');
  });

  it.each(['iss', 'sub', 'iat', 'exp'])('is not of a token whose %s the authorizer did not read', (name) => {
    const claims = { ...CLAIMS, exp: 1_800_003_600 };
    const event = eventWith(claims, { verified: { ...claims, [name]: 'another' } });
    expect(codeOf(() => callerFrom(event, NAMES))).toBe('unauthenticated');
  });

  it('is not of two tokens, which arrive joined by a comma', () => {
    const event = eventWith(CLAIMS);
    const authorization = `${event.headers['authorization']},${event.headers['authorization']}`;
    const twice = { ...event, headers: { authorization } };
    expect(codeOf(() => callerFrom(twice, NAMES))).toBe('unauthenticated');
  });

  it('is not of another scheme, and not of a route that was deployed without its authorizer', () => {
    expect(codeOf(() => callerFrom(eventWith(CLAIMS, { scheme: 'Basic' }), NAMES))).toBe('unauthenticated');
    const event = eventWith(CLAIMS);
    const bare = { ...event, requestContext: {} } as APIGatewayProxyEventV2;
    expect(() => callerFrom(bare, NAMES)).toThrow('authorizer');
    expect(() => callerFrom(bare, NAMES)).not.toThrow(DomainError);
  });
});
