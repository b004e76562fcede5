import { aliasFrom, SCIM, type Alias } from '../../domain/identity.ts';
import { isSameAlias, type ScimUser } from '../../domain/scim/user.ts';
import type { ScimChange, ScimLookup, ScimUserStore, ScimWriteOutcome } from '../../ports/scim-user-store.ts';
import { ItemReader } from './item.ts';
import {
  aliasKey,
  aliasUseKey,
  SCIM_USERS_PK,
  scimLookupKey,
  scimLookupPk,
  scimNameKey,
  scimUserKey,
  scimUserNoteKey,
  type Key,
} from './keys.ts';
import { findAliasOwner } from './person-store.ts';
import { readAliasUse, readScimUser, scimUserItem } from './scim-items.ts';
import { countItems, getItem, getItems, listItems, queryItems, type DynamoTable } from './table.ts';
import { NOT_THERE, transact, type Action } from './writes.ts';

/** Users that directories provisioned, in DynamoDB. */
export const dynamoScimUserStore = (table: DynamoTable): ScimUserStore => ({
  find: (scimUserId) => find(table, scimUserId),
  findByUserName: async (userName) => {
    const item = await getItem(table, scimNameKey(folded(userName)));
    return item === undefined ? undefined : find(table, new ItemReader(item).text('scimUserId'));
  },
  findBy: async (lookup, value) =>
    usersOf(table, await listItems(table, scimLookupPk(lookup, folded(value)))),
  findAliasUse: async (alias) => {
    const item = await getItem(table, aliasUseKey(alias));
    return item === undefined ? undefined : readAliasUse(item);
  },
  list: async (from, limit) => {
    const notes = await queryItems(table, ALL_USERS, from + limit);
    return usersOf(table, notes.slice(from));
  },
  count: () => countItems(table, ALL_USERS),
  write: (change, waits) => write(table, change, waits),
});

const ALL_USERS = {
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': SCIM_USERS_PK },
};

/** The one form in which names are looked up; what is none has no place. */
const folded = (text: string): string => aliasFrom('login', text)?.value ?? '';

async function find(table: DynamoTable, scimUserId: string): Promise<ScimUser | undefined> {
  const item = await getItem(table, scimUserKey(scimUserId));
  return item === undefined ? undefined : readScimUser(item);
}

/** The users that notes lead to, whose sort keys are their ids, in the order of these. */
async function usersOf(table: DynamoTable, notes: readonly Readonly<Record<string, unknown>>[]) {
  const ids = notes.map((note) => new ItemReader(note).text('sk'));
  const items = await getItems(table, ids.map(scimUserKey));
  const users = items.map(readScimUser);
  return users.sort((a, b) => (a.scimUserId < b.scimUserId ? -1 : 1));
}

async function write(table: DynamoTable, change: ScimChange, waits: boolean): Promise<ScimWriteOutcome> {
  const { before, after, at } = change;
  const failed = await transact<string>(table, {
    user: userAction(change),
    name: nameAction(change),
    formerName: formerNameAction(change),
    ...aliasUseActions(change),
    ...(await denialActions(table, change, waits)),
    ...lookupActions(before, after),
    ...(before === undefined && after !== undefined
      ? { note: { put: { ...scimUserNoteKey(after.scimUserId), at } } }
      : {}),
    ...(before !== undefined && after === undefined
      ? { note: { remove: scimUserNoteKey(before.scimUserId) } }
      : {}),
  });
  if (failed === undefined) return 'written';
  if (failed['user'] !== undefined) return 'changed';
  if (failed['name'] !== undefined) return 'userNameTaken';
  if (failed['aliasUse'] !== undefined) return 'aliasTaken';
  return 'aliasOwned';
}

function userAction({ before, after }: ScimChange): Action {
  if (before === undefined) {
    if (after === undefined) throw new Error('a change needs a user');
    return { put: scimUserItem(after), condition: NOT_THERE };
  }
  const condition = { if: '#version = :version', names: ['version'], values: { version: before.version } };
  return after === undefined
    ? { remove: scimUserKey(before.scimUserId), condition }
    : { put: scimUserItem(after), condition };
}

/** A userName is one user's (RFC 7643 section 4.1.1). */
function nameAction({ before, after }: ScimChange): Action | undefined {
  if (after === undefined) return undefined;
  const name = folded(after.attributes.userName);
  if (before !== undefined && folded(before.attributes.userName) === name) return undefined;
  return { put: { ...scimNameKey(name), scimUserId: after.scimUserId }, condition: NOT_THERE };
}

function formerNameAction({ before, after }: ScimChange): Action | undefined {
  if (before === undefined) return undefined;
  const name = folded(before.attributes.userName);
  if (after !== undefined && folded(after.attributes.userName) === name) return undefined;
  return { remove: scimNameKey(name) };
}

/** An alias is the key of one user; who is deleted leaves it to others, with what tells her from a namesake. */
function aliasUseActions({ before, after, at }: ScimChange): Record<string, Action> {
  const actions: Record<string, Action> = {};
  if (after !== undefined) {
    const { scimUserId, alias, attributes } = after;
    actions['aliasUse'] = {
      put: { ...aliasUseKey(alias), scimUserId, externalId: attributes.externalId },
      condition: {
        if: 'attribute_not_exists(pk) OR #id = :id OR attribute_exists(#deletedAt)',
        names: { id: 'scimUserId', deletedAt: 'deletedAt' },
        values: { id: scimUserId },
      },
    };
    if (before !== undefined && !isSameAlias(before.alias, alias)) {
      actions['formerAliasUse'] = { remove: aliasUseKey(before.alias) };
    }
  } else if (before !== undefined) {
    const { scimUserId, alias, attributes } = before;
    actions['aliasUse'] = {
      put: { ...aliasUseKey(alias), scimUserId, externalId: attributes.externalId, deletedAt: at },
    };
  }
  return actions;
}

/** See `waits` of ScimUserStore.write. */
async function denialActions(
  table: DynamoTable,
  { before, after }: ScimChange,
  waits: boolean,
): Promise<Record<string, Action>> {
  const denied = waits ? (after?.alias ?? before?.alias) : undefined;
  const actions: Record<string, Action> = {};
  if (denied !== undefined) {
    actions['denial'] = {
      update: aliasKey(denied),
      change: {
        set: 'ADD #denied :source',
        if: 'attribute_not_exists(#personId)',
        names: { denied: 'deniedBySources', personId: 'personId' },
        values: { source: new Set([SCIM]) },
      },
    };
  }
  // Who goes leaves the denial that waits for her.
  if (after === undefined) return actions;
  const former = before === undefined || isSameAlias(before.alias, after.alias) ? [] : [before.alias];
  for (const alias of [after.alias, ...former]) {
    if (denied !== undefined && isSameAlias(alias, denied)) continue;
    const owner = await findAliasOwner(table, alias);
    if (owner?.deniedBy === SCIM) actions[`allow ${alias.kind}#${alias.value}`] = allow(alias);
  }
  return actions;
}

const allow = (alias: Alias): Action => ({
  update: aliasKey(alias),
  change: {
    set: 'DELETE #denied :source',
    names: { denied: 'deniedBySources' },
    values: { source: new Set([SCIM]) },
  },
});

function lookupActions(
  before: ScimUser | undefined,
  after: ScimUser | undefined,
): Record<string, Action | undefined> {
  const [had, has] = [lookupsOf(before), lookupsOf(after)];
  const actions: Record<string, Action> = {};
  for (const [name, key] of had) if (!has.has(name)) actions[`no ${name}`] = { remove: key };
  for (const [name, key] of has) if (!had.has(name)) actions[name] = { put: { ...key } };
  return actions;
}

/** Where a user is found by what she has, by a text that tells one place from another. */
function lookupsOf(user: ScimUser | undefined): Map<string, Key> {
  if (user === undefined) return new Map();
  const { externalId, employeeNumber, emails } = user.attributes;
  const values: [ScimLookup, string | undefined][] = [
    ['externalId', externalId],
    ['employeeNumber', employeeNumber],
    ...emails.map(({ value }): [ScimLookup, string] => ['email', value]),
  ];
  return new Map(
    values.flatMap(([lookup, value]) =>
      value === undefined
        ? []
        : [[`${lookup} ${folded(value)}`, scimLookupKey(lookup, folded(value), user.scimUserId)] as const],
    ),
  );
}
