import { aliasFrom, type Alias, type AliasKind, type PersonId } from '../identity.ts';
import type { EpochMilliseconds } from '../time.ts';
import type { ScimAttributes } from './attributes.ts';

/** A user that a directory provisioned. She may have signed in here, or not yet. */
export interface ScimUser {
  /** Time-ordered, so that lists have an order that stays. */
  readonly scimUserId: string;
  readonly attributes: ScimAttributes;
  /** The name by which the source knows people; no other user has it. */
  readonly alias: Alias;
  /** Who this user was found to be, when the directory last wrote it. */
  readonly personId?: PersonId;
  /** Counts writes, from 1: each write says which it saw. */
  readonly version: number;
  readonly createdAt: EpochMilliseconds;
  readonly lastModifiedAt: EpochMilliseconds;
  /** The time of the last event that followed from it; the next one's is later. */
  readonly toldAt: EpochMilliseconds;
}

/** What stays of the last user of an alias, also of one that was deleted. */
export interface AliasUse {
  readonly scimUserId: string;
  readonly externalId?: string;
  readonly deletedAt?: EpochMilliseconds;
}

/**
 * The name of a user by which the source `scim` knows people.
 *
 * @returns undefined where the directory sends no such name
 */
export function keyAliasOf(attributes: ScimAttributes, kind: AliasKind): Alias | undefined {
  switch (kind) {
    case 'login':
      return aliasFrom('login', attributes.userName);
    case 'employeeNumber':
      return attributes.employeeNumber === undefined
        ? undefined
        : aliasFrom('employeeNumber', attributes.employeeNumber);
    case 'email': {
      const { emails, userName } = attributes;
      const email =
        emails.find(({ primary }) => primary) ??
        emails.find(({ type }) => type?.toLowerCase() === 'work') ??
        emails[0];
      const address = email?.value ?? (userName.includes('@') ? userName : undefined);
      return address === undefined ? undefined : aliasFrom('email', address);
    }
  }
}

/** All names of a user that sources use, the key first and each once. */
export function aliasesOf(
  attributes: ScimAttributes,
  key: Alias,
  kinds: readonly AliasKind[],
): readonly Alias[] {
  const { userName, employeeNumber, emails } = attributes;
  const named: (Alias | undefined)[] = [
    key,
    aliasFrom('login', userName),
    employeeNumber === undefined ? undefined : aliasFrom('employeeNumber', employeeNumber),
    ...emails.map(({ value }) => aliasFrom('email', value)),
  ];
  const known = named.filter((alias) => alias !== undefined && kinds.includes(alias.kind));
  return distinct(known.filter((alias) => alias !== undefined));
}

export const isSameAlias = (a: Alias, b: Alias): boolean => a.kind === b.kind && a.value === b.value;

export const distinct = (aliases: readonly Alias[]): Alias[] =>
  aliases.filter((alias, index) => aliases.findIndex((one) => isSameAlias(one, alias)) === index);

/** Whom a user stands for. */
export type ScimPerson =
  | { readonly kind: 'person'; readonly personId: PersonId }
  /** Nobody has signed in by any of her names. */
  | { readonly kind: 'nobody' }
  /** Her names are of several people, or under review: somebody has to decide. */
  | { readonly kind: 'contested'; readonly personIds: readonly PersonId[] };

/**
 * Whom a user stands for, by who owns her names. Where the name by which the source knows people is surely one
 * person's, it is she, whatever else the directory calls her: many let people choose their other addresses. Who she was
 * before counts as long as no name of hers is another's.
 *
 * @param key who owns the name by which the source knows people, and whether an open incident holds it
 */
export function scimPersonOf(
  owners: readonly PersonId[],
  before: PersonId | undefined,
  key: { readonly owner: PersonId | undefined; readonly isHeld: boolean },
): ScimPerson {
  const isSure = !key.isHeld && key.owner !== undefined && (before === undefined || before === key.owner);
  if (isSure && key.owner !== undefined) return { kind: 'person', personId: key.owner };
  const personIds = [...new Set([...(before === undefined ? [] : [before]), ...owners])];
  const [personId] = personIds;
  if (personIds.length > 1) return { kind: 'contested', personIds };
  // A name under review is not surely anybody's; who was known before it came under review is.
  if (key.isHeld && before === undefined) return { kind: 'contested', personIds };
  return personId === undefined ? { kind: 'nobody' } : { kind: 'person', personId };
}
