import { nameKey, type NameMapping } from '../../domain/reconciliation.ts';

/** SCIM's attributes of an employee are in an extension (RFC 7643 section 4.3). */
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Nobody has more; a page has to fit into an item of the table. */
const MOST_KEYS = 12;

/**
 * The hashes of somebody's names, from where the directory has them: `mail`, `profile.login`, and of a list each
 * text, or each `value`, as SCIM has e-mail addresses.
 */
export function keysOf(record: unknown, names: NameMapping): string[] {
  const keys = names.flatMap(({ kind, attribute }) =>
    textsAt(record, attribute).map((text) => nameKey(kind, text)),
  );
  return [...new Set(keys.filter((key) => key !== undefined))].slice(0, MOST_KEYS);
}

function textsAt(record: unknown, attribute: string): string[] {
  const place = memberOf(record, attribute) ?? memberOf(memberOf(record, ENTERPRISE), attribute);
  if (place !== undefined) return textsOf(place);
  return textsOf(attribute.split('.').reduce<unknown>((inner, name) => memberOf(inner, name), record));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  return Array.isArray(value)
    ? value.flatMap((one: unknown) => textsOf(typeof one === 'object' ? memberOf(one, 'value') : one))
    : [];
}
