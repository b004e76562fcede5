import { createHash } from 'node:crypto';
import { base32From } from './base32.ts';

/**
 * Who may hold certificates: 26 lower-case letters of base32, made of the issuer and the immutable claim that
 * the company configured. Never of an e-mail address, which is given to somebody else one day.
 */
export type PersonId = string & { readonly __brand: 'PersonId' };

/** Who tells us about people, for example `hr` or `administrator`. */
export type SourceId = string & { readonly __brand: 'SourceId' };

export const ADMINISTRATOR = 'administrator' as SourceId;

/** A directory that provisions users (RFC 7644). */
export const SCIM = 'scim' as SourceId;

/** The source of what follows from an open incident, until somebody decides it. */
export const reviewSourceOf = (incidentId: string): SourceId => `i-${incidentId}` as SourceId;

/** @returns undefined for every other source */
export const reviewedIncidentOf = (source: SourceId): string | undefined =>
  source.startsWith('i-') ? source.slice('i-'.length) : undefined;

/** Names of sources that only the portal itself may use: an administrator lifts any denial. */
export const isOwnSource = (source: SourceId): boolean => source === ADMINISTRATOR || source.startsWith('i-');

/** The kinds of name by which a source may know a person. */
export const ALIAS_KINDS = ['email', 'login', 'employeeNumber'] as const;
export type AliasKind = (typeof ALIAS_KINDS)[number];

/** A name by which a source knows a person, already in its one normal form. One owner at a time. */
export interface Alias {
  readonly kind: AliasKind;
  readonly value: string;
}

export function personIdFrom(issuer: string, subject: string): PersonId {
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest();
  return base32From(digest.subarray(0, 16)).toLowerCase() as PersonId;
}

export const parsePersonId = (text: string): PersonId | undefined =>
  /^[0-9a-hjkmnp-tv-z]{26}$/.test(text) ? (text as PersonId) : undefined;

export const parseSourceId = (text: string): SourceId | undefined =>
  /^[a-z][a-z0-9-]{0,31}$/.test(text) ? (text as SourceId) : undefined;

/**
 * The one normal form of an alias: NFKC, case folded, no space around it; the rules are in docs/identity.md. Undefined
 * for what no directory would send: empty, longer than 254 characters, or with characters that nobody sees.
 */
export function aliasFrom(kind: AliasKind, text: string): Alias | undefined {
  const value = caseFolded(text.normalize('NFKC')).normalize('NFKC').trim();
  if (value === '' || value.length > 254 || /\p{C}|\p{Default_Ignorable_Code_Point}/u.test(value))
    return undefined;
  return { kind, value };
}

/**
 * Unicode's full case folding by way of upper case: lower case alone keeps ß apart from SS, and a final sigma from the
 * others. A dotless i stays one, as Unicode has it: by way of upper case it would become another name's i.
 */
const caseFolded = (text: string): string =>
  text
    .split('\u0131')
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join('\u0131');
