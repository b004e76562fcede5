import { Ec2Error, invalidValue, missingParameter } from './ec2-error.ts';

const LIST_INDEX = /\.\d+(?=\.|$)/g;

/** The parameters of one call of EC2's query protocol. */
export class Query {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** @param body `application/x-www-form-urlencoded` */
  static parse(body: string): Query {
    return new Query(new Map(new URLSearchParams(body)));
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  required(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined || value === '') throw missingParameter(name);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalidValue(`Invalid value '${value}' for ${name}. Must be a boolean.`);
  }

  integer(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,9}$/.test(value))
      throw invalidValue(`Invalid value '${value}' for ${name}. Must be an integer.`);
    return Number(value);
  }

  /** `Name.1`, `Name.2`, … as far as they go. */
  list(name: string): string[] {
    const found: string[] = [];
    for (let index = 1; ; index += 1) {
      const value = this.#values.get(`${name}.${index}`);
      if (value === undefined) return found;
      found.push(value);
    }
  }

  /** `Name.1.…`, `Name.2.…`, … each with the rest of its names. */
  structures(name: string): Query[] {
    const found: Query[] = [];
    for (let index = 1; ; index += 1) {
      const prefix = `${name}.${index}.`;
      const inner = [...this.#values].filter(([key]) => key.startsWith(prefix));
      if (inner.length === 0) return found;
      found.push(new Query(new Map(inner.map(([key, value]) => [key.slice(prefix.length), value]))));
    }
  }

  has(name: string): boolean {
    return [...this.#values.keys()].some((key) => key === name || key.startsWith(`${name}.`));
  }

  /** EC2 refuses what it does not know. That is how a parameter that can only be set at creation is noticed. */
  allowOnly(names: readonly string[]): void {
    const known = new Set(['Action', 'Version', 'DryRun', ...names]);
    for (const key of this.#values.keys()) {
      const name = key.replaceAll(LIST_INDEX, '');
      const [head = ''] = name.split('.');
      if (!known.has(head)) {
        throw new Ec2Error('UnknownParameter', `The parameter ${head} is not recognized`);
      }
    }
  }

  /** Everything but the names given, in an order that does not depend on the caller's. */
  canonical(except: readonly string[]): string {
    return JSON.stringify([...this.#values].filter(([key]) => !except.includes(key)).sort());
  }
}
