/** A person whom the local OpenID provider signs in, without any password. */
export interface LocalPerson {
  /** What one types: `npm run token -- alice`. */
  readonly name: string;
  /** The immutable subject: never an e-mail address, and never given to another. */
  readonly sub: string;
  readonly email: string;
  readonly emailVerified: boolean;
  /** `preferred_username`. */
  readonly login: string;
  readonly employeeNumber: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** The scopes of the portal's API that this person may have. */
  readonly scopes: readonly string[];
}

/** The company of the local stack. `dora` is in no group that may enrol; `erin` may read as an administrator. */
export const LOCAL_PEOPLE: readonly LocalPerson[] = [
  employee('alice', '1001'),
  employee('bob', '1002'),
  employee('carol', '1003'),
  {
    ...employee('adam', '1010'),
    groups: ['vpn-users', 'it'],
    roles: ['vpn-admin'],
    scopes: ['vpn', 'vpn.admin'],
  },
  { ...employee('erin', '1011'), roles: ['vpn-auditor'], scopes: ['vpn', 'vpn.admin'] },
  { ...employee('dora', '1020'), groups: ['visitors'] },
];

/** Somebody who may enrol. */
export function employee(name: string, employeeNumber: string): LocalPerson {
  return {
    name,
    sub: `00u${employeeNumber}local`,
    email: `${name}@example.com`,
    emailVerified: true,
    login: name,
    employeeNumber,
    groups: ['vpn-users'],
    roles: [],
    scopes: ['vpn'],
  };
}

/**
 * What the provider says of a person in a token; `sub` apart.
 *
 * @param authTime when the person signed in, seconds since the Unix epoch; undefined leaves the claim out
 */
export const claimsOf = (person: LocalPerson, authTime?: number): Record<string, unknown> => ({
  email: person.email,
  email_verified: person.emailVerified,
  preferred_username: person.login,
  employee_number: person.employeeNumber,
  groups: [...person.groups],
  roles: [...person.roles],
  ...(authTime === undefined ? {} : { auth_time: authTime }),
});
