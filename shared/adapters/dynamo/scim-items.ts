import { ALIAS_KINDS, parsePersonId } from '../../domain/identity.ts';
import { NAME_PARTS, type ScimAttributes, type ScimEmail } from '../../domain/scim/attributes.ts';
import type { AliasUse, ScimUser } from '../../domain/scim/user.ts';
import { ItemReader, type Item } from './item.ts';
import { scimUserKey } from './keys.ts';
import { aliasEntry } from './person-items.ts';

export const scimUserItem = (user: ScimUser): Item => {
  const { attributes } = user;
  return {
    ...scimUserKey(user.scimUserId),
    scimUserId: user.scimUserId,
    alias: aliasEntry(user.alias),
    personId: user.personId,
    version: user.version,
    createdAt: user.createdAt,
    lastModifiedAt: user.lastModifiedAt,
    toldAt: user.toldAt,
    userName: attributes.userName,
    externalId: attributes.externalId,
    displayName: attributes.displayName,
    employeeNumber: attributes.employeeNumber,
    active: attributes.active ? 1 : 0,
    name: { ...attributes.name },
    // By their place, which a list of maps would keep as well; maps of maps are what the reader reads.
    emails: Object.fromEntries(attributes.emails.map((email, index) => [placeOf(index), emailEntry(email)])),
  };
};

const placeOf = (index: number): string => String(index).padStart(2, '0');

const emailEntry = ({ value, type, primary }: ScimEmail): Item => ({
  value,
  type,
  ...(primary === true ? { primary: 1 } : {}),
});

export function readScimUser(item: Item): ScimUser {
  const reader = new ItemReader(item);
  const alias = reader.map('alias');
  return {
    scimUserId: reader.text('scimUserId'),
    alias: { kind: alias.oneOf('kind', ALIAS_KINDS), value: alias.text('value') },
    ...reader.optional('personId', (name) => reader.parsed(name, parsePersonId)),
    version: reader.whole('version'),
    createdAt: reader.whole('createdAt'),
    lastModifiedAt: reader.whole('lastModifiedAt'),
    toldAt: reader.whole('toldAt'),
    attributes: readAttributes(reader),
  };
}

function readAttributes(reader: ItemReader): ScimAttributes {
  const name = reader.map('name');
  const parts = NAME_PARTS.filter((part) => name.has(part)).map((part) => [part, name.text(part)] as const);
  return {
    userName: reader.text('userName'),
    ...reader.optional('externalId', (one) => reader.text(one)),
    ...reader.optional('displayName', (one) => reader.text(one)),
    ...reader.optional('employeeNumber', (one) => reader.text(one)),
    name: Object.fromEntries(parts),
    emails: reader.entries('emails').map(([, entry]): ScimEmail => ({
      value: entry.text('value'),
      ...entry.optional('type', (one) => entry.text(one)),
      ...(entry.has('primary') ? { primary: true } : {}),
    })),
    active: reader.whole('active') === 1,
  };
}

export function readAliasUse(item: Item): AliasUse {
  const reader = new ItemReader(item);
  return {
    scimUserId: reader.text('scimUserId'),
    ...reader.optional('externalId', (name) => reader.text(name)),
    ...reader.optional('deletedAt', (name) => reader.whole(name)),
  };
}
