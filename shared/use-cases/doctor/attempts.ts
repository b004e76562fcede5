import type { Read, Seen, Unread, UnreadCause } from '../../domain/doctor/facts.ts';

/** Says why a call failed, and where the service names the missing right, which. */
export type Classify = (error: unknown) => UnreadCause & { readonly action?: string };

/** Calls that may fail one by one while the others go on. */
export interface Attempts {
  /** @returns undefined where it could not be read; then `unread` has the reason */
  readonly attempt: <T>(read: Read, work: () => Promise<T>) => Promise<Seen<T>>;
  /** Notes something that nobody could even ask for. */
  readonly note: (read: Read, words: string) => undefined;
  readonly unread: readonly Unread[];
}

export function attemptsWith(classify: Classify): Attempts {
  const unread: Unread[] = [];
  return {
    unread,
    async attempt(read, work) {
      // Every further call would look for credentials again, and may wait for them.
      if (unread.some(({ kind }) => kind === 'noCredentials')) return undefined;
      try {
        return { value: await work() };
      } catch (error) {
        unread.push({ ...read, ...classify(error) });
        return undefined;
      }
    },
    note(read, words) {
      unread.push({ ...read, kind: 'failed', words });
      return undefined;
    },
  };
}
