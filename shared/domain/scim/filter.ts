import { DomainError } from '../errors.ts';
import { flagFrom, type ScimAttributes, type ScimEmail } from './attributes.ts';
import { targetOf, type ScimTarget } from './path.ts';

/*
 * Filters of RFC 7644 section 3.4.2.2, as far as Okta and Entra use them: `eq` and `and`, groups, and brackets. Own
 * code: the library of this field cannot read the paths of PATCH, and takes `emails[type eq "work"].value eq "x"` for
 * two statements about any two addresses.
 */

export type ScimValue = string | boolean;

/** One comparison. `id` is of the resource, not of its attributes. */
export interface ScimComparison {
  readonly target: ScimTarget | { readonly kind: 'id' };
  readonly value: ScimValue;
}

/** All must hold. Those of `sameEmail` must hold of one and the same address. */
export interface ScimFilter {
  readonly all: readonly ScimComparison[];
  readonly sameEmail: readonly (readonly ScimComparison[])[];
}

const FILTER_LIMIT = 1_024;

/** @throws DomainError scimInvalidFilter */
export function parseFilter(text: string): ScimFilter {
  if (text.length > FILTER_LIMIT) throw bad('the filter is too long');
  return new FilterParser(tokensOf(text)).whole();
}

const bad = (detail: string): DomainError => new DomainError('scimInvalidFilter', detail);

/** A text in quotes as JSON has it, a bracket, or a word. */
const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[()[\]]|[^\s()[\]"]+)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const token = pattern.exec(text)?.[1];
    if (token === undefined) throw bad('a text in the filter has no end');
    tokens.push(token);
  }
  return tokens;
}

class FilterParser {
  readonly #tokens: readonly string[];
  readonly #all: ScimComparison[] = [];
  readonly #sameEmail: ScimComparison[][] = [];
  #next = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  whole(): ScimFilter {
    this.#conjunction();
    if (this.#next < this.#tokens.length) throw bad('only eq and and are supported in filters');
    return { all: this.#all, sameEmail: this.#sameEmail };
  }

  #take(): string {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw bad('the filter ends too early');
    this.#next += 1;
    return token;
  }

  #takeIf(word: string): boolean {
    if (this.#tokens[this.#next]?.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #expect(word: string): void {
    if (!this.#takeIf(word)) throw bad('only eq and and are supported in filters');
  }

  #conjunction(): void {
    do this.#term();
    while (this.#takeIf('and'));
  }

  #term(): void {
    if (this.#takeIf('(')) {
      this.#conjunction();
      this.#expect(')');
      return;
    }
    const name = this.#take();
    if (this.#takeIf('[')) this.#bracket(name);
    else this.#all.push(this.#comparison(name));
  }

  /** `emails[type eq "work"]`, with `.value eq "x"` behind it or not. */
  #bracket(name: string): void {
    if (targetOf(name)?.kind !== 'emails') throw bad('only emails takes a filter in brackets');
    const same: ScimComparison[] = [];
    do same.push(this.#comparison(`${name}.${this.#take()}`));
    while (this.#takeIf('and'));
    this.#expect(']');
    if (this.#tokens[this.#next]?.startsWith('.') === true) same.push(this.#comparison(name + this.#take()));
    this.#sameEmail.push(same);
  }

  #comparison(name: string): ScimComparison {
    const target = name.toLowerCase() === 'id' ? ({ kind: 'id' } as const) : targetOf(name);
    if (target === undefined || !isComparable(target)) {
      throw bad('the filter names an attribute that users cannot be searched by');
    }
    this.#expect('eq');
    const value = valueOf(this.#take());
    if (!isFlag(target)) {
      if (typeof value === 'boolean') throw bad('the filter compares a text with true or false');
      return { target, value };
    }
    const flag = flagFrom(value);
    if (flag === undefined) throw bad('the filter compares true or false with a text');
    return { target, value: flag };
  }
}

const isComparable = (target: ScimComparison['target']): boolean =>
  ['id', 'text', 'active', 'emails'].includes(target.kind) ||
  (target.kind === 'name' && target.part !== undefined);

const isFlag = (target: ScimComparison['target']): boolean =>
  target.kind === 'active' || (target.kind === 'emails' && target.part === 'primary');

function valueOf(token: string): ScimValue {
  if (!token.startsWith('"')) {
    const flag = flagFrom(token);
    if (flag !== undefined) return flag;
  }
  try {
    const value: unknown = JSON.parse(token);
    if (typeof value === 'string') return value;
  } catch {
    // Told below: what was sent is not repeated.
  }
  throw bad('a filter compares with a text in quotes, true or false');
}

/** Reads what stands in the brackets of a path: comparisons of one address. @throws DomainError scimInvalidFilter */
export function parseEmailFilter(text: string): readonly ScimComparison[] {
  const { all, sameEmail } = parseFilter(`emails[${text}]`);
  const [comparisons, ...others] = sameEmail;
  if (comparisons === undefined || all.length + others.length > 0)
    throw bad('the brackets hold no filter of emails');
  return comparisons;
}

/** RFC 7643 sections 2.2 and 4.1: texts are compared without regard to case, but for ids. */
const sameText = (a: string | undefined, b: ScimValue): boolean => a !== undefined && fold(a) === fold(b);
const fold = (text: ScimValue): string => String(text).normalize('NFKC').toUpperCase().toLowerCase();

export function emailMatches(email: ScimEmail, comparisons: readonly ScimComparison[]): boolean {
  return comparisons.every(({ target, value }) => {
    const part = target.kind === 'emails' ? (target.part ?? 'value') : 'value';
    return part === 'primary' ? (email.primary ?? false) === value : sameText(email[part], value);
  });
}

/** Whether a user is one that a filter asks for. */
export function filterMatches(filter: ScimFilter, id: string, attributes: ScimAttributes): boolean {
  const holds = ({ target, value }: ScimComparison): boolean => {
    switch (target.kind) {
      case 'id':
        return id === value;
      case 'text':
        return target.attribute === 'externalId'
          ? attributes.externalId === value
          : sameText(attributes[target.attribute], value);
      case 'active':
        return attributes.active === value;
      case 'name':
        return target.part !== undefined && sameText(attributes.name[target.part], value);
      case 'emails':
        return attributes.emails.some((email) => emailMatches(email, [{ target, value }]));
      case 'enterprise':
      case 'readOnly':
      case 'unknown':
        return false;
    }
  };
  return (
    filter.all.every(holds) &&
    filter.sameEmail.every((same) => attributes.emails.some((email) => emailMatches(email, same)))
  );
}
