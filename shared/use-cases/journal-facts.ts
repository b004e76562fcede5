import type { AuditEntry } from '../domain/audit-entry.ts';
import type { JsonValue } from '../domain/canonical-json.ts';

type JsonMap = Readonly<Record<string, JsonValue>>;

/** Reads the facts of an entry strictly: what is not as we write it is no entry of ours. Errors name no value. */
export class Facts {
  readonly #facts: JsonMap;

  constructor({ facts }: Pick<AuditEntry, 'facts'>) {
    this.#facts = facts;
  }

  text(name: string): string {
    return this.optionalText(name) ?? broken(name);
  }

  optionalText(name: string): string | undefined {
    const value = this.#facts[name];
    return value === undefined || typeof value === 'string' ? value : broken(name);
  }

  parsed<T>(name: string, parse: (text: string) => T | undefined): T {
    return parse(this.text(name)) ?? broken(name);
  }

  whole(name: string): number {
    return this.optionalWhole(name) ?? broken(name);
  }

  optionalWhole(name: string): number | undefined {
    const value = this.#facts[name];
    return value === undefined || typeof value === 'number' ? value : broken(name);
  }

  wholes(name: string): [string, number][] {
    return Object.entries(mapOf(this.#facts[name], name)).map(([key, value]) => [
      key,
      typeof value === 'number' ? value : broken(name),
    ]);
  }

  maps(name: string): [string, Facts][] {
    return Object.entries(mapOf(this.#facts[name], name)).map(([key, value]) => [
      key,
      new Facts({ facts: mapOf(value, name) }),
    ]);
  }

  list(name: string): Facts[] {
    const value = this.#facts[name];
    if (!isList(value)) return broken(name);
    return value.map((one) => new Facts({ facts: mapOf(one, name) }));
  }
}

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);
const isMap = (value: JsonValue | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapOf = (value: JsonValue | undefined, name: string): JsonMap => (isMap(value) ? value : broken(name));

function broken(name: string): never {
  throw new Error(`an entry of the journal is broken: ${name}`);
}
