/** A stored item, or a map inside one, as the document client gives it. */
export type Item = Readonly<Record<string, unknown>>;

/** Every number here is a time, a count or a list's number. */
const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/**
 * Refuses, before it is written, a number that no reader would take: the item would be broken for good.
 *
 * @param what an item, the values of an expression, or anything inside them
 * @throws Error that names the attribute, never the value
 */
export function assertWholeNumbers(what: unknown, name = 'value'): void {
  if (typeof what === 'number' && !isWhole(what)) {
    throw new Error(`not written: ${name} is no whole number, or negative`);
  }
  if (typeof what !== 'object' || what === null || what instanceof Uint8Array) return;
  for (const [inner, value] of Object.entries(what)) assertWholeNumbers(value, inner);
}

/**
 * Reads one stored item strictly: what is not as we write it is a broken table, and loud. Errors name the item and
 * the attribute, never the value.
 */
export class ItemReader {
  readonly item: Item;

  constructor(item: Item) {
    this.item = item;
  }

  has(name: string): boolean {
    return this.item[name] !== undefined;
  }

  text(name: string): string {
    const value = this.item[name];
    return typeof value === 'string' ? value : this.broken(name);
  }

  /** A text that `parse` knows, for example one of a union. */
  parsed<T>(name: string, parse: (text: string) => T | undefined): T {
    return parse(this.text(name)) ?? this.broken(name);
  }

  oneOf<T extends string>(name: string, known: readonly T[]): T {
    return this.parsed(name, (text) => known.find((value) => value === text));
  }

  /** A whole number that is not negative: a time, a count, a list's number. */
  whole(name: string): number {
    const value = this.item[name];
    return isWhole(value) ? value : this.broken(name);
  }

  octets(name: string): Uint8Array {
    const value = this.item[name];
    return value instanceof Uint8Array ? value : this.broken(name);
  }

  texts(name: string): string[] {
    const value = this.item[name];
    if (!Array.isArray(value)) return this.broken(name);
    return value.map((entry: unknown) => (typeof entry === 'string' ? entry : this.broken(name)));
  }

  /** A string set; an empty one is absent. */
  textSet(name: string): string[] {
    const value = this.item[name];
    if (value === undefined) return [];
    if (!(value instanceof Set)) return this.broken(name);
    return [...value].map((entry: unknown) => (typeof entry === 'string' ? entry : this.broken(name))).sort();
  }

  map(name: string): ItemReader {
    const value = this.item[name];
    return isMap(value) ? new ItemReader(value) : this.broken(name);
  }

  /** A map of maps, in the order of its keys. */
  entries(name: string): [string, ItemReader][] {
    const map = this.map(name);
    return Object.keys(map.item)
      .sort()
      .map((key) => [key, map.map(key)]);
  }

  /** `{ [name]: value }` where the attribute is there, else nothing: for optional properties. */
  optional<Name extends string, T>(name: Name, read: (name: Name) => T): { [N in Name]?: T } {
    const result: { [N in Name]?: T } = {};
    if (this.has(name)) result[name] = read(name);
    return result;
  }

  broken(name: string): never {
    const { pk, sk } = this.item;
    // The key of an alias is somebody's e-mail address, which no log may hold.
    const shown = typeof pk === 'string' ? pk.replace(/^(ALIAS|SCIM-NAME|SCIM-LOOKUP)#.*$/s, '$1#') : pk;
    const where = typeof shown === 'string' && typeof sk === 'string' ? ` of ${shown} / ${sk}` : '';
    throw new Error(`stored item is broken: attribute ${name}${where}`);
  }
}

const isMap = (value: unknown): value is Item =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Set) &&
  !(value instanceof Uint8Array);
