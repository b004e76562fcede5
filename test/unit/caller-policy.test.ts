import {
  assertEmployee,
  assertMayEnrol,
  assertMayRead,
  assertMayWrite,
  type AccessPolicy,
  type Caller,
} from '../../shared/domain/caller.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { personIdFrom } from '../../shared/domain/identity.ts';

const NOW = 1_800_000_000;
const POLICY: AccessPolicy = {
  employeeScope: 'vpn',
  adminScope: 'vpn.admin',
  enrolGroup: 'vpn-users',
  adminRole: 'vpn-admin',
  auditorRole: 'vpn-auditor',
  freshSignInSeconds: 600,
};
const CALLER: Caller = {
  personId: personIdFrom('https://id.example', 'alice'),
  issuer: 'https://id.example',
  subject: 'alice',
  login: 'alice',
  aliases: [],
  groups: ['vpn-users'],
  roles: ['vpn-admin'],
  scopes: ['vpn', 'vpn.admin'],
  signedInAt: NOW - 30,
  lacksMfa: false,
};

const codeOf = (check: () => void): string => {
  try {
    check();
    return 'allowed';
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
};

describe('a caller', () => {
  it.each([
    ['is as it should be', {}, 'allowed', 'allowed'],
    ['used no second factor', { lacksMfa: true }, 'mfaMissing', 'allowed'],
    ['signed in eleven minutes ago', { signedInAt: NOW - 660 }, 'signInTooOld', 'allowed'],
    ['signs in tomorrow', { signedInAt: NOW + 86_400 }, 'signInTooOld', 'allowed'],
    ['has neither role nor group', { roles: [], groups: [] }, 'notEntitled', 'allowed'],
    ['has no scope', { scopes: [] }, 'notAllowed', 'notAllowed'],
  ])('who %s', (_, changes, enrolling, looking) => {
    const caller = { ...CALLER, ...changes };
    expect(codeOf(() => assertMayEnrol(caller, POLICY, NOW))).toBe(enrolling);
    expect(codeOf(() => assertEmployee(caller, POLICY))).toBe(looking);
  });

  it.each([
    ['is an administrator', {}, 'allowed', 'allowed'],
    ['is an auditor', { roles: ['vpn-auditor'] }, 'notAllowed', 'allowed'],
    ['is an administrator without a second factor', { lacksMfa: true }, 'mfaMissing', 'allowed'],
    ['is an administrator of eleven minutes ago', { signedInAt: NOW - 660 }, 'signInTooOld', 'allowed'],
    ['has no role', { roles: [] }, 'notAllowed', 'notAllowed'],
    ['has no scope', { scopes: ['vpn'] }, 'notAllowed', 'notAllowed'],
  ])('who %s writes and reads as such', (_, changes, writing, reading) => {
    const caller = { ...CALLER, ...changes };
    expect(codeOf(() => assertMayWrite(caller, POLICY, NOW))).toBe(writing);
    expect(codeOf(() => assertMayRead(caller, POLICY))).toBe(reading);
  });
});
