import type { Invariant } from '../oracle.ts';
import { KEY_MARK } from '../key-mark.ts';

export const keysAreNotKept: Invariant = {
  number: 6,
  words: 'a private key is never stored, logged, mailed or put in a table, queue, bucket or error',

  changed: (_oracle, { change }) =>
    holdsKey(change.after) ? `a private key is in the item ${change.pk}` : undefined,

  ended: (_oracle, { end }) =>
    end?.how === 'failed' && holdsKey(end.error instanceof Error ? end.error.message : String(end.error))
      ? 'a private key is in an error'
      : undefined,
};

function holdsKey(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(KEY_MARK) || value.includes('PRIVATE KEY');
  if (value instanceof Uint8Array) return Buffer.from(value).includes(KEY_MARK);
  if (value instanceof Set) return [...value].some(holdsKey);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsKey);
}
