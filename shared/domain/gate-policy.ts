import { aliasFrom, type AliasKind } from './identity.ts';
import type { Person } from './person.ts';
import type { EpochMilliseconds } from './time.ts';

/**
 * `enforce` refuses whatever the rule refuses. `observe` is for an endpoint that had users before the portal: it lets
 * in what may be innocent there, and says what it would have refused.
 */
export const GATE_MODES = ['enforce', 'observe'] as const;
export type GateMode = (typeof GATE_MODES)[number];

/** How people sign in at an endpoint beside their certificate: at a directory, or at a SAML provider. */
export interface SignInRule {
  /** The kind of name with which they sign in. */
  readonly nameKind: AliasKind;
  /** Domains that mean nothing more: `alice`, `CORP\alice` and `alice@corp.example.com` are then one. */
  readonly domains: readonly string[];
}

/** What the gate of an endpoint asks beyond certificate and person. */
export interface GatePolicy {
  readonly mode: GateMode;
  /** Absent where the certificate alone decides. */
  readonly signIn?: SignInRule;
}

export const ENFORCE: GatePolicy = { mode: 'enforce' };

/** An endpoint whose gate observes. */
export interface Observation {
  readonly since: EpochMilliseconds;
  /** When somebody was last connected whose certificate the portal does not know. */
  readonly lastUnknownAt?: EpochMilliseconds;
}

/** An administrator is advised to enforce once nobody unknown was seen for so long. */
export const QUIET_OBSERVATION_DAYS = 14;

export type NamedPerson = Pick<Person, 'login' | 'email' | 'aliases'>;

/** The names of that kind by which a person may sign in, each in its one normal form. */
export function signInNamesOf(person: NamedPerson, nameKind: AliasKind): string[] {
  const own = { login: person.login, email: person.email, employeeNumber: undefined }[nameKind];
  const current = own === undefined ? undefined : aliasFrom(nameKind, own)?.value;
  const aliases = person.aliases.filter(({ kind }) => kind === nameKind).map(({ value }) => value);
  return [...new Set(current === undefined ? aliases : [current, ...aliases])];
}

/**
 * Whether a user name that an endpoint reports is this person's. Names are compared whole in the normal form of an
 * alias (NFKC, case folded). A domain is cut off only where the rule names it: in another domain the same name is
 * somebody else's.
 */
export function isSignInOf(person: NamedPerson, username: string, rule: SignInRule): boolean {
  const whole = aliasFrom(rule.nameKind, username)?.value;
  if (whole === undefined) return false;
  const names = signInNamesOf(person, rule.nameKind);
  return [whole, ...withoutDomain(whole, rule)].some((form) => names.includes(form));
}

function withoutDomain(name: string, { nameKind, domains }: SignInRule): string[] {
  const normal = domains.flatMap((domain) => aliasFrom(nameKind, domain)?.value ?? []);
  const [, netBiosDomain, account] = /^([^\\]+)\\([^\\@]+)$/.exec(name) ?? [];
  const [, user, suffix] = /^([^\\@]+)@([^\\@]+)$/.exec(name) ?? [];
  if (netBiosDomain !== undefined && normal.includes(netBiosDomain)) return [account ?? ''];
  return suffix !== undefined && normal.includes(suffix) ? [user ?? ''] : [];
}
