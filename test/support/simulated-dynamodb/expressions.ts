/** The attributes of an item, or of a map inside one. Never changed once it is stored: a change makes a new one. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What `#names` and `:values` stand for. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

export type Condition = (item: Attributes | undefined, placeholders: Placeholders) => boolean;
export type Update = (item: Attributes, placeholders: Placeholders) => Attributes;

type Operand = (item: Attributes | undefined, placeholders: Placeholders) => unknown;
type Path = (placeholders: Placeholders) => readonly string[];

const TOKENS = /\s*(<=|>=|<>|[()=<>,.+-]|[#:]?[A-Za-z_][A-Za-z0-9_]*)/y;

/** DynamoDB's refusal of an expression, or of what it would do: our bug, never an outcome. */
export const validationError = (message: string): Error =>
  Object.assign(new Error(message), { name: 'ValidationException' });

class Tokens {
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string) {
    TOKENS.lastIndex = 0;
    while (TOKENS.lastIndex < text.trimEnd().length) {
      const token = TOKENS.exec(text)?.[1];
      if (token === undefined) throw validationError(`unreadable expression: ${text}`);
      this.#tokens.push(token);
    }
  }

  get peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  take(expected?: string): string {
    const token = this.#tokens[this.#next];
    this.#next += 1;
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw validationError(`expected ${expected ?? 'more'}, found ${token ?? 'the end'}`);
    }
    return token;
  }

  takeIf(expected: string): boolean {
    if (this.peek !== expected) return false;
    this.#next += 1;
    return true;
  }

  list<T>(read: () => T): T[] {
    const all = [read()];
    while (this.takeIf(',')) all.push(read());
    return all;
  }
}

const cached = <T>(compile: (tokens: Tokens) => T): ((text: string) => T) => {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const tokens = new Tokens(text);
    const compiled = compile(tokens);
    if (tokens.peek !== undefined) throw validationError(`not understood: ${tokens.peek}`);
    known.set(text, compiled);
    return compiled;
  };
};

/** Compiles a ConditionExpression or a KeyConditionExpression. */
export const condition: (text: string) => Condition = cached(readOr);

function readOr(tokens: Tokens): Condition {
  let left = readAnd(tokens);
  while (tokens.takeIf('OR')) {
    const [a, b] = [left, readAnd(tokens)];
    left = (item, given) => a(item, given) || b(item, given);
  }
  return left;
}

function readAnd(tokens: Tokens): Condition {
  let left = readOne(tokens);
  while (tokens.takeIf('AND')) {
    const [a, b] = [left, readOne(tokens)];
    left = (item, given) => a(item, given) && b(item, given);
  }
  return left;
}

/** An attribute that is not there, or of another type, compares with nothing. */
const ordered =
  (compare: (a: string | number, b: string | number) => boolean) =>
  (a: unknown, b: unknown): boolean =>
    (typeof a === 'number' && typeof b === 'number' && compare(a, b)) ||
    (typeof a === 'string' && typeof b === 'string' && compare(a, b));

const isAtMost = ordered((a, b) => a <= b);

const COMPARE: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '=': (a, b) => a !== undefined && a === b,
  '<>': (a, b) => a !== b,
  '<': ordered((a, b) => a < b),
  '<=': isAtMost,
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
};

function readOne(tokens: Tokens): Condition {
  if (tokens.takeIf('NOT')) {
    const inner = readOne(tokens);
    return (item, given) => !inner(item, given);
  }
  if (tokens.takeIf('(')) {
    const inner = readOr(tokens);
    tokens.take(')');
    return inner;
  }
  if (tokens.peek === 'attribute_exists' || tokens.peek === 'attribute_not_exists') {
    const isWanted = tokens.take() === 'attribute_exists';
    const path = inParentheses(tokens, readPath);
    return (item, given) => (valueAt(item, path(given)) !== undefined) === isWanted;
  }
  if (tokens.takeIf('begins_with')) {
    tokens.take('(');
    const text = readOperand(tokens);
    tokens.take(',');
    const prefix = readOperand(tokens);
    tokens.take(')');
    return (item, given) => {
      const [whole, start] = [text(item, given), prefix(item, given)];
      return typeof whole === 'string' && typeof start === 'string' && whole.startsWith(start);
    };
  }
  const left = readOperand(tokens);
  if (tokens.takeIf('BETWEEN')) {
    const least = readOperand(tokens);
    tokens.take('AND');
    const most = readOperand(tokens);
    return (item, given) =>
      isAtMost(least(item, given), left(item, given)) && isAtMost(left(item, given), most(item, given));
  }
  const compare = COMPARE[tokens.take()];
  if (compare === undefined) throw validationError('no such comparison');
  const right = readOperand(tokens);
  return (item, given) => compare(left(item, given), right(item, given));
}

function inParentheses<T>(tokens: Tokens, read: (tokens: Tokens) => T): T {
  tokens.take('(');
  const inner = read(tokens);
  tokens.take(')');
  return inner;
}

function readOperand(tokens: Tokens): Operand {
  const next = tokens.peek ?? '';
  if (next.startsWith(':')) {
    tokens.take();
    return (_item, { values }) => defined(values, next);
  }
  if (tokens.takeIf('size')) {
    const path = inParentheses(tokens, readPath);
    return (item, given) => sizeOf(valueAt(item, path(given)));
  }
  if (tokens.takeIf('if_not_exists')) {
    tokens.take('(');
    const path = readPath(tokens);
    tokens.take(',');
    const otherwise = readOperand(tokens);
    tokens.take(')');
    return (item, given) => valueAt(item, path(given)) ?? otherwise(item, given);
  }
  const path = readPath(tokens);
  return (item, given) => valueAt(item, path(given));
}

function readPath(tokens: Tokens): Path {
  const parts = [tokens.take()];
  while (tokens.takeIf('.')) parts.push(tokens.take());
  return ({ names }) => parts.map((part) => (part.startsWith('#') ? String(defined(names, part)) : part));
}

function defined(placeholders: Readonly<Record<string, unknown>>, name: string): unknown {
  if (!(name in placeholders)) throw validationError(`placeholder not defined: ${name}`);
  return placeholders[name];
}

function sizeOf(value: unknown): number | undefined {
  if (value instanceof Set) return value.size;
  if (typeof value === 'string' || value instanceof Uint8Array || Array.isArray(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
}

export const isMap = (value: unknown): value is Attributes =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Set) &&
  !(value instanceof Uint8Array);

function valueAt(item: Attributes | undefined, path: readonly string[]): unknown {
  let value: unknown = item;
  for (const name of path) value = isMap(value) ? value[name] : undefined;
  return value;
}

/** A copy in which the value at a path is another, or gone. What lies above it must be there. */
function withValueAt(item: Attributes, path: readonly string[], value: unknown): Attributes {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    const { [name]: _, ...others } = item;
    return value === undefined ? others : { ...others, [name]: value };
  }
  const inner = item[name];
  if (!isMap(inner)) {
    if (value === undefined) return item;
    throw validationError('the document path provided in the update expression is invalid for update');
  }
  return { ...item, [name]: withValueAt(inner, rest, value) };
}

/** Compiles an UpdateExpression. Every right-hand side sees the item as it was. */
export const update: (text: string) => Update = cached((tokens) => {
  const steps: ((before: Attributes, after: Attributes, given: Placeholders) => Attributes)[] = [];
  while (tokens.peek !== undefined) {
    switch (tokens.take()) {
      case 'SET':
        tokens.list(() => {
          const path = readPath(tokens);
          tokens.take('=');
          const value = readSum(tokens);
          steps.push((before, after, given) =>
            withValueAt(after, path(given), present(value(before, given))),
          );
        });
        break;
      case 'REMOVE':
        tokens.list(() => {
          const path = readPath(tokens);
          steps.push((_before, after, given) => withValueAt(after, path(given), undefined));
        });
        break;
      case 'ADD':
        tokens.list(() => {
          steps.push(setStep(tokens, (old, named) => new Set([...old, ...named])));
        });
        break;
      case 'DELETE':
        tokens.list(() => {
          steps.push(setStep(tokens, (old, named) => new Set([...old].filter((each) => !named.has(each)))));
        });
        break;
      default:
        throw validationError('no such update');
    }
  }
  return (item, given) => steps.reduce((after, step) => step(item, after, given), item);
});

function present(value: unknown): unknown {
  if (value === undefined) throw validationError('an attribute that the update refers to is not there');
  return value;
}

function readSum(tokens: Tokens): Operand {
  const left = readOperand(tokens);
  if (!tokens.takeIf('+')) return left;
  const right = readOperand(tokens);
  return (item, given) => Number(present(left(item, given))) + Number(present(right(item, given)));
}

function setStep(
  tokens: Tokens,
  join: (old: ReadonlySet<unknown>, named: ReadonlySet<unknown>) => ReadonlySet<unknown>,
): (before: Attributes, after: Attributes, given: Placeholders) => Attributes {
  const path = readPath(tokens);
  const operand = readOperand(tokens);
  return (before, after, given) => {
    const old = valueAt(before, path(given)) ?? new Set();
    const named = operand(before, given);
    if (!(old instanceof Set) || !(named instanceof Set)) throw validationError('not a set');
    const joined = join(old, named);
    // A set is never empty: it is gone.
    return withValueAt(after, path(given), joined.size > 0 ? joined : undefined);
  };
}
