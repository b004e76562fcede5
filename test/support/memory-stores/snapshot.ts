import type { MemoryState } from './state.ts';

/** A copy of everything that the stores keep, as a table's backup is. */
export const snapshotOf = (state: MemoryState): MemoryState => structuredClone(state);

/** Makes the stores know what they knew when the copy was made, and nothing since. */
export function restore(state: MemoryState, snapshot: MemoryState): void {
  const from: Readonly<Record<string, unknown>> = { ...structuredClone(snapshot) };
  for (const [name, value] of Object.entries(state)) {
    const before = from[name];
    if (isMap(value) && isMap(before)) {
      value.clear();
      for (const [key, one] of before) value.set(key, one);
    } else if (isSet(value) && isSet(before)) {
      value.clear();
      for (const one of before) value.add(one);
    } else if (isObject(value) && isObject(before)) {
      for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
      Object.assign(value, before);
    }
  }
}

/** Not by instanceof: what is cloned may be of another realm. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value);
const isMap = (value: unknown): value is Map<unknown, unknown> => tagOf(value) === '[object Map]';
const isSet = (value: unknown): value is Set<unknown> => tagOf(value) === '[object Set]';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
