import { DomainError } from '../errors.ts';
import { ENTERPRISE_SCHEMA, NAME_PARTS, TEXT_ATTRIBUTES, USER_SCHEMA } from './attributes.ts';
import type { TextAttribute } from './attributes.ts';

/** An attribute that the portal keeps, as a path names it. */
export type ScimTarget =
  | { readonly kind: 'text'; readonly attribute: TextAttribute }
  | { readonly kind: 'active' }
  | { readonly kind: 'name'; readonly part?: (typeof NAME_PARTS)[number] }
  | { readonly kind: 'emails'; readonly part?: EmailPart }
  /** The enterprise extension as a whole. */
  | { readonly kind: 'enterprise' }
  /** What only the portal sets: id, meta, schemas, groups. */
  | { readonly kind: 'readOnly' }
  /** An attribute that is not kept. */
  | { readonly kind: 'unknown' };

const EMAIL_PARTS = ['value', 'type', 'primary'] as const;
export type EmailPart = (typeof EMAIL_PARTS)[number];

const READ_ONLY = new Set(['id', 'meta', 'schemas', 'groups']);
const ENTERPRISE_PREFIX = `${ENTERPRISE_SCHEMA}:`.toLowerCase();
const USER_PREFIX = `${USER_SCHEMA}:`.toLowerCase();

/** RFC 7644 section 3.10: attribute names are case-insensitive, with or without their schema before them. */
const NAME = /^\$?[A-Za-z][\w$-]*(?:\.\$?[A-Za-z][\w$-]*)*$/;

/**
 * What a name means: `userName`, `Name.GivenName`, `urn:…:enterprise:2.0:User:employeeNumber`. Looked up in a closed
 * list, so that no name can reach anything else.
 *
 * @returns undefined for what is no name at all
 */
export function targetOf(text: string): ScimTarget | undefined {
  const lower = text.toLowerCase();
  if (lower === ENTERPRISE_SCHEMA.toLowerCase()) return { kind: 'enterprise' };
  // Entra's older jobs have a dot where the colon belongs.
  const isEnterprise =
    lower.startsWith(ENTERPRISE_PREFIX) || lower.startsWith(`${ENTERPRISE_SCHEMA.toLowerCase()}.`);
  if (isEnterprise) {
    return lower.slice(ENTERPRISE_PREFIX.length) === 'employeenumber'
      ? { kind: 'text', attribute: 'employeeNumber' }
      : { kind: 'unknown' };
  }
  const path = lower.startsWith(USER_PREFIX) ? lower.slice(USER_PREFIX.length) : lower;
  // Other extensions: nothing of theirs is kept.
  if (path.startsWith('urn:')) return { kind: 'unknown' };
  if (!NAME.test(path)) return undefined;
  return coreTarget(path);
}

function coreTarget(path: string): ScimTarget {
  const [attribute = '', part, ...more] = path.split('.');
  if (READ_ONLY.has(attribute)) return { kind: 'readOnly' };
  if (more.length > 0) return { kind: 'unknown' };
  if (attribute === 'name') {
    const known = NAME_PARTS.find((one) => one.toLowerCase() === part);
    if (part === undefined) return { kind: 'name' };
    return known === undefined ? { kind: 'unknown' } : { kind: 'name', part: known };
  }
  if (attribute === 'emails') {
    const known = EMAIL_PARTS.find((one) => one === part);
    if (part === undefined) return { kind: 'emails' };
    return known === undefined ? { kind: 'unknown' } : { kind: 'emails', part: known };
  }
  if (part !== undefined) return { kind: 'unknown' };
  if (attribute === 'active') return { kind: 'active' };
  const text = TEXT_ATTRIBUTES.find((one) => one !== 'employeeNumber' && one.toLowerCase() === attribute);
  return text === undefined ? { kind: 'unknown' } : { kind: 'text', attribute: text };
}

/** `emails[type eq "work"].value`, cut in its parts (RFC 7644 section 3.5.2). */
export interface ScimPath {
  readonly target: ScimTarget;
  /** What stands between the brackets. */
  readonly valueFilter?: string;
}

const PATH_LIMIT = 512;

/** @throws DomainError scimInvalidPath */
export function parsePath(text: string): ScimPath {
  const bad = (): DomainError => new DomainError('scimInvalidPath', 'the path is none of RFC 7644');
  if (text.length > PATH_LIMIT) throw bad();
  const opening = text.indexOf('[');
  const closing = text.lastIndexOf(']');
  if (opening < 0) {
    const target = targetOf(text);
    if (target === undefined || closing >= 0) throw bad();
    return { target };
  }
  const after = text.slice(closing + 1);
  if (closing < opening || !/^(?:\.\$?[A-Za-z][\w$-]*)?$/.test(after)) throw bad();
  const target = targetOf(text.slice(0, opening) + after);
  if (target === undefined) throw bad();
  return { target, valueFilter: text.slice(opening + 1, closing) };
}
