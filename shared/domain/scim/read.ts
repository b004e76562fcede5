import { DomainError } from '../errors.ts';
import { aliasFrom } from '../identity.ts';
import { flagFrom, NAME_PARTS, type ScimAttributes, type ScimEmail, type ScimName } from './attributes.ts';

/*
 * Values as directories send them, each judged by itself. Objects are only ever looked into by names of ours, without
 * regard to case, so that `__proto__` and the like are names that nobody asks for.
 */

const TEXT_LIMIT = 512;
const EMAIL_LIMIT = 20;

const badValue = (detail: string): DomainError => new DomainError('scimInvalidValue', detail);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The fields of an object by their names in lower case (RFC 7643 section 2.1); null is absent (section 2.5).
 *
 * @throws DomainError scimInvalidSyntax for no object, or for one that says the same twice
 */
export function fieldsOf(value: unknown, what: string): ReadonlyMap<string, unknown> {
  if (!isObject(value)) throw new DomainError('scimInvalidSyntax', `${what} is no object`);
  const fields = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    const lower = name.toLowerCase();
    if (fields.has(lower)) throw new DomainError('scimInvalidSyntax', `${what} names an attribute twice`);
    if (field !== null) fields.set(lower, field);
  }
  return fields;
}

/** Older jobs of Entra wrap one text in a list or an object: `[{"value": "Babs"}]`. */
function unwrapped(value: unknown): unknown {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return isObject(one) && Object.hasOwn(one, 'value') ? one['value'] : one;
}

/** @returns undefined for an empty text, which is none. @throws DomainError scimInvalidValue */
export function textFrom(value: unknown, what: string): string | undefined {
  const plain = unwrapped(value);
  const text = typeof plain === 'number' ? String(plain) : plain;
  if (typeof text !== 'string') throw badValue(`${what} is no text`);
  if (text.length > TEXT_LIMIT || /\p{Cc}/u.test(text)) {
    throw badValue(`${what} has control characters, or more than ${TEXT_LIMIT} characters`);
  }
  return text.trim() === '' ? undefined : text;
}

/** @throws DomainError scimInvalidValue */
export function activeFrom(value: unknown): boolean {
  const flag = flagFrom(unwrapped(value));
  if (flag === undefined) throw badValue('active is neither true nor false');
  return flag;
}

export function nameFrom(value: unknown): ScimName {
  const fields = fieldsOf(value, 'name');
  const parts = NAME_PARTS.map((part) => [part, fields.get(part.toLowerCase())] as const);
  return Object.fromEntries(
    parts.flatMap(([part, given]) => {
      const text = given === undefined ? undefined : textFrom(given, `name.${part}`);
      return text === undefined ? [] : [[part, text]];
    }),
  );
}

/** One address, or several; an address may come as a bare text. @throws DomainError scimInvalidValue */
export const emailsFrom = (value: unknown): ScimEmail[] =>
  (Array.isArray(value) ? (value as readonly unknown[]) : [value]).flatMap(emailFrom);

function emailFrom(given: unknown): ScimEmail[] {
  if (!isObject(given)) {
    const text = textFrom(given, 'emails.value');
    return text === undefined ? [] : [{ value: text }];
  }
  const fields = fieldsOf(given, 'emails');
  const [value, type, primary] = ['value', 'type', 'primary'].map((name) => fields.get(name));
  const text = value === undefined ? undefined : textFrom(value, 'emails.value');
  // Directories send a work address without a value where there is none.
  if (text === undefined) return [];
  const kind = type === undefined ? undefined : textFrom(type, 'emails.type');
  const flag = primary === undefined ? undefined : flagFrom(primary);
  if (primary !== undefined && flag === undefined) throw badValue('emails.primary is neither true nor false');
  return [
    {
      value: text,
      ...(kind === undefined ? {} : { type: kind }),
      ...(flag === true ? { primary: true } : {}),
    },
  ];
}

/**
 * Refuses what cannot be kept or found again, before anything is written.
 *
 * @throws DomainError scimInvalidValue
 */
export function checked(attributes: ScimAttributes): ScimAttributes {
  const { userName, externalId, employeeNumber, emails } = attributes;
  if (emails.length > EMAIL_LIMIT) throw badValue(`a user has at most ${EMAIL_LIMIT} emails`);
  if (emails.filter(({ primary }) => primary).length > 1) throw badValue('two emails are primary');
  const names = [
    ['userName', userName],
    ['externalId', externalId],
    ['employeeNumber', employeeNumber],
    ...emails.map(({ value }) => ['emails.value', value] as const),
  ] as const;
  for (const [what, value] of names) {
    if (value !== undefined && aliasFrom('login', value) === undefined) {
      throw badValue(`${what} has more than 254 characters, or characters that no name has`);
    }
  }
  return attributes;
}
