import { DomainError } from './errors.ts';
import type { Alias, PersonId } from './identity.ts';
import type { EpochSeconds } from './time.ts';

/** Who asks, as the company's identity provider signed it. */
export interface Caller {
  readonly personId: PersonId;
  readonly issuer: string;
  readonly subject: string;
  readonly login: string;
  /** Only an address that the identity provider verified. */
  readonly email?: string;
  readonly aliases: readonly Alias[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** `auth_time`, else `iat`. */
  readonly signedInAt: EpochSeconds;
  /** True where the company asks for a second factor and the token does not say that there was one. */
  readonly lacksMfa: boolean;
}

/** The scopes, groups and roles that the company configured. */
export interface AccessPolicy {
  readonly employeeScope: string;
  readonly adminScope: string;
  readonly enrolGroup: string;
  /** May read and write. */
  readonly adminRole: string;
  /** May read. */
  readonly auditorRole: string;
  /** How old a sign-in may be to issue, renew, or write as an administrator. */
  readonly freshSignInSeconds: number;
}

const CLOCK_SKEW_SECONDS = 60;

function assertScope(caller: Caller, scope: string): void {
  if (!caller.scopes.includes(scope))
    throw new DomainError('notAllowed', `the token lacks the scope ${scope}`);
}

/** @throws DomainError signInTooOld, mfaMissing: a stolen one-hour token must not become a certificate of 180 days */
function assertFreshSignIn(caller: Caller, policy: AccessPolicy, now: EpochSeconds): void {
  if (caller.lacksMfa) {
    throw new DomainError(
      'mfaMissing',
      'sign in again with a second factor: this needs more than a password',
    );
  }
  const ageSeconds = now - caller.signedInAt;
  // A sign-in of the future is none: some providers write milliseconds, and that would be fresh for ever.
  if (ageSeconds > policy.freshSignInSeconds || ageSeconds < -CLOCK_SKEW_SECONDS) {
    throw new DomainError(
      'signInTooOld',
      `sign in again: this needs a sign-in of the last ${Math.floor(policy.freshSignInSeconds / 60)} minutes`,
    );
  }
}

/** Why a person may not enrol by what her token says, or undefined. */
export function enrolmentRefusal(caller: Caller, policy: AccessPolicy): DomainError | undefined {
  return caller.groups.includes(policy.enrolGroup)
    ? undefined
    : new DomainError('notEntitled', `only members of ${policy.enrolGroup} may have a VPN certificate`);
}

/** @throws DomainError notAllowed */
export const assertEmployee = (caller: Caller, policy: AccessPolicy): void =>
  assertScope(caller, policy.employeeScope);

/** @throws DomainError notAllowed, notEntitled, mfaMissing, signInTooOld */
export function assertMayEnrol(caller: Caller, policy: AccessPolicy, now: EpochSeconds): void {
  assertEmployee(caller, policy);
  const refusal = enrolmentRefusal(caller, policy);
  if (refusal !== undefined) throw refusal;
  assertFreshSignIn(caller, policy, now);
}

/** @throws DomainError notAllowed */
export function assertMayRead(caller: Caller, policy: AccessPolicy): void {
  assertScope(caller, policy.adminScope);
  if (!caller.roles.includes(policy.adminRole) && !caller.roles.includes(policy.auditorRole)) {
    throw new DomainError('notAllowed', `this needs the role ${policy.adminRole} or ${policy.auditorRole}`);
  }
}

/** @throws DomainError notAllowed, mfaMissing, signInTooOld */
export function assertMayWrite(caller: Caller, policy: AccessPolicy, now: EpochSeconds): void {
  assertScope(caller, policy.adminScope);
  if (!caller.roles.includes(policy.adminRole)) {
    throw new DomainError('notAllowed', `this needs the role ${policy.adminRole}`);
  }
  assertFreshSignIn(caller, policy, now);
}
