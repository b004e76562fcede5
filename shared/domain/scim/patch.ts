import { DomainError } from '../errors.ts';
import type { ScimAttributes, ScimEmail } from './attributes.ts';
import { emailMatches, parseEmailFilter, type ScimComparison } from './filter.ts';
import { parsePath, targetOf, type ScimPath, type ScimTarget } from './path.ts';
import { activeFrom, checked, emailsFrom, fieldsOf, nameFrom, textFrom } from './read.ts';

/*
 * PATCH of RFC 7644 section 3.5.2 over the attributes that are kept. Own code: the library of this field works on open
 * objects, where a path can reach the prototype of all of them, "False" stays a text that counts as true, `Active` is
 * a second attribute, and a user can lose its name; each of its results would have to be judged anew.
 */

export interface ScimOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: unknown;
}

const OPERATIONS_LIMIT = 100;

/** Reads the body of a PATCH; operations in any case. @throws DomainError scimInvalidSyntax, scimInvalidValue */
export function operationsFrom(body: unknown): ScimOperation[] {
  const operations = fieldsOf(body, 'the body').get('operations');
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > OPERATIONS_LIMIT) {
    throw new DomainError('scimInvalidSyntax', `Operations is no list of 1 to ${OPERATIONS_LIMIT}`);
  }
  return (operations as readonly unknown[]).map((given) => {
    const fields = fieldsOf(given, 'an operation');
    const [op, path] = [fields.get('op'), fields.get('path')];
    const known = (['add', 'replace', 'remove'] as const).find(
      (one) => typeof op === 'string' && one === op.toLowerCase(),
    );
    if (known === undefined)
      throw new DomainError('scimInvalidSyntax', 'op is none of add, replace and remove');
    if (path !== undefined && typeof path !== 'string') {
      throw new DomainError('scimInvalidPath', 'path is no text');
    }
    return {
      op: known,
      ...(path === undefined || path === '' ? {} : { path }),
      ...(fields.has('value') ? { value: fields.get('value') } : {}),
    };
  });
}

export interface ScimPatched {
  readonly attributes: ScimAttributes;
  /** Whether anything was said about `active`, even what was so before. */
  readonly saysActive: boolean;
}

/**
 * The attributes after all operations, in their order; none is applied where one is refused.
 *
 * @throws DomainError scimInvalidPath, scimInvalidFilter, scimInvalidSyntax, scimInvalidValue, scimNoTarget,
 *   scimMutability
 */
export function applyPatch(attributes: ScimAttributes, operations: readonly ScimOperation[]): ScimPatched {
  const start: ScimPatched = { attributes, saysActive: false };
  const patched = operations.flatMap(singleChanges).reduce(apply, start);
  return { ...patched, attributes: checked(patched.attributes) };
}

interface Change {
  readonly op: ScimOperation['op'];
  readonly path: ScimPath;
  readonly value: unknown;
  /** Named in an object without a path, where what is read-only is passed over. */
  readonly isBeside: boolean;
}

/** An operation without a path, or on the whole extension, is one for each name in its value. */
function singleChanges({ op, path: text, value }: ScimOperation): Change[] {
  if (op !== 'remove' && value === undefined) {
    throw new DomainError('scimInvalidValue', `${op} has no value`);
  }
  if (text === undefined) {
    if (op === 'remove') throw new DomainError('scimNoTarget', 'remove has no path');
    return changesOf(op, value, '');
  }
  const path = parsePath(text);
  if (path.target.kind === 'enterprise') {
    if (op === 'remove') return [{ op, path: EMPLOYEE_NUMBER, value: undefined, isBeside: false }];
    return changesOf(op, value, `${text}:`);
  }
  return [{ op, path, value, isBeside: false }];
}

const EMPLOYEE_NUMBER: ScimPath = { target: { kind: 'text', attribute: 'employeeNumber' } };

function changesOf(op: ScimOperation['op'], value: unknown, prefix: string): Change[] {
  return [...fieldsOf(value, 'the value of an operation without a path')].flatMap(([name, inner]) => {
    // A name that is none belongs to nothing that is kept, but brackets may stand in it.
    const path = name.includes('[')
      ? parsePath(prefix + name)
      : { target: targetOf(prefix + name) ?? UNKNOWN };
    if (path.target.kind === 'enterprise') return changesOf(op, inner, `${name}:`);
    return [{ op, path, value: inner, isBeside: true }];
  });
}

const UNKNOWN: ScimTarget = { kind: 'unknown' };

function apply({ attributes, saysActive }: ScimPatched, change: Change): ScimPatched {
  const { op, path, value } = change;
  const { target } = path;
  if (path.valueFilter !== undefined && target.kind !== 'emails' && target.kind !== 'unknown') {
    throw new DomainError('scimInvalidPath', 'the path filters an attribute that has one value');
  }
  switch (target.kind) {
    case 'text':
      return { attributes: withText(attributes, target.attribute, op, value), saysActive };
    case 'active':
      if (op === 'remove') throw new DomainError('scimMutability', 'active cannot be removed');
      return { attributes: { ...attributes, active: activeFrom(value) }, saysActive: true };
    case 'name':
      return { attributes: withName(attributes, target.part, op, value), saysActive };
    case 'emails':
      return { attributes: { ...attributes, emails: emailsAfter(attributes.emails, change) }, saysActive };
    case 'readOnly':
      if (!change.isBeside) throw new DomainError('scimMutability', 'only the portal sets this attribute');
      return { attributes, saysActive };
    case 'enterprise':
    case 'unknown':
      return { attributes, saysActive };
  }
}

function withText(
  attributes: ScimAttributes,
  attribute: 'userName' | 'externalId' | 'displayName' | 'employeeNumber',
  op: ScimOperation['op'],
  value: unknown,
): ScimAttributes {
  const text = op === 'remove' ? undefined : textFrom(value, attribute);
  if (attribute === 'userName') {
    if (text === undefined) throw new DomainError('scimMutability', 'a user has a userName');
    return { ...attributes, userName: text };
  }
  const { [attribute]: _, ...others } = attributes;
  return text === undefined ? others : { ...others, [attribute]: text };
}

function withName(
  attributes: ScimAttributes,
  part: Extract<ScimTarget, { kind: 'name' }>['part'],
  op: ScimOperation['op'],
  value: unknown,
): ScimAttributes {
  if (part === undefined) {
    return { ...attributes, name: op === 'remove' ? {} : { ...attributes.name, ...nameFrom(value) } };
  }
  const text = op === 'remove' ? undefined : textFrom(value, `name.${part}`);
  const { [part]: _, ...others } = attributes.name;
  return { ...attributes, name: text === undefined ? others : { ...others, [part]: text } };
}

function emailsAfter(emails: readonly ScimEmail[], { op, path, value }: Change): ScimEmail[] {
  const part = path.target.kind === 'emails' ? path.target.part : undefined;
  const comparisons = path.valueFilter === undefined ? undefined : parseEmailFilter(path.valueFilter);
  if (comparisons === undefined && part === undefined) return wholeEmails(emails, op, value);
  const chosen = comparisons ?? primaryOf(emails);
  const isMeant = (email: ScimEmail): boolean => emailMatches(email, chosen);
  if (op === 'remove') {
    // An address without a value is none.
    if (part === undefined || part === 'value') return emails.filter((email) => !isMeant(email));
    return emails.map((email) => (isMeant(email) ? without(email, part) : email));
  }
  const change = part === undefined ? emailsFrom(value)[0] : partChange(part, value);
  if (emails.some(isMeant)) {
    if (change === undefined) return emails.filter((email) => !isMeant(email));
    return onePrimary(
      emails.map((email) => (isMeant(email) ? changed(email, change) : email)),
      change.primary === true ? (email) => isMeant(email) : undefined,
    );
  }
  const more = added(chosen, change);
  return onePrimary([...emails, ...more], (email) => more.includes(email) && email.primary === true);
}

/** Not to be the first address is to say nothing of it. */
function changed(email: ScimEmail, change: Partial<ScimEmail>): ScimEmail {
  const { primary, ...rest } = { ...email, ...change };
  return primary === true ? { ...rest, primary } : rest;
}

/** Without a filter a part is the primary address's. */
const primaryOf = (emails: readonly ScimEmail[]): readonly ScimComparison[] => {
  const email = emails.find(({ primary }) => primary) ?? emails[0];
  return email === undefined ? [] : [{ target: { kind: 'emails', part: 'value' }, value: email.value }];
};

function partChange(part: keyof ScimEmail, value: unknown): Partial<ScimEmail> | undefined {
  if (part === 'primary') return { primary: activeFrom(value) };
  const text = textFrom(value, `emails.${part}`);
  return text === undefined ? undefined : { [part]: text };
}

/** Entra sets `emails[type eq "work"].value` where there is none yet, and means that there shall be one. */
function added(chosen: readonly ScimComparison[], change: Partial<ScimEmail> | undefined): ScimEmail[] {
  if (change?.value === undefined) {
    if (change === undefined) return [];
    throw new DomainError('scimNoTarget', 'no email is as the path says');
  }
  const { value, ...rest } = change;
  const wanted = (part: keyof ScimEmail): ScimComparison['value'] | undefined =>
    chosen.find(({ target }) => target.kind === 'emails' && target.part === part)?.value;
  const [type, primary] = [wanted('type'), wanted('primary')];
  return [
    {
      value,
      ...(typeof type === 'string' ? { type } : {}),
      ...(primary === true ? { primary } : {}),
      ...rest,
    },
  ];
}

function wholeEmails(emails: readonly ScimEmail[], op: ScimOperation['op'], value: unknown): ScimEmail[] {
  if (op === 'replace') return emailsFrom(value);
  const given = value === undefined ? undefined : emailsFrom(value);
  if (op === 'remove') {
    return given === undefined ? [] : emails.filter((email) => !given.some((one) => isSame(one, email)));
  }
  const more = (given ?? []).filter((one) => !emails.some((email) => isSame(one, email)));
  return onePrimary([...emails, ...more], (email) => more.includes(email) && email.primary === true);
}

const isSame = (a: ScimEmail, b: ScimEmail): boolean =>
  emailMatches(a, [{ target: { kind: 'emails', part: 'value' }, value: b.value }]) &&
  (a.type === undefined || a.type === b.type);

/** Who is made the primary address takes that from the others (RFC 7643 section 2.4). */
function onePrimary(emails: readonly ScimEmail[], isNew?: (email: ScimEmail) => boolean): ScimEmail[] {
  if (isNew === undefined || !emails.some(isNew)) return [...emails];
  return emails.map((email) => (isNew(email) ? email : without(email, 'primary')));
}

function without(email: ScimEmail, part: 'type' | 'primary'): ScimEmail {
  const { [part]: _, ...rest } = email;
  return rest;
}
