import type { LastAnswer, LookupStore } from '../../../shared/ports/directory-lookup.ts';

/** What vendors' directories said last, in memory. */
export function memoryLookupStore(): LookupStore {
  const answers = new Map<string, LastAnswer>();
  return {
    findLastAnswer: async (source, directoryId) => answers.get(`${source}#${directoryId}`),
    keepLastAnswer: async (source, directoryId, answer) => {
      const before = answers.get(`${source}#${directoryId}`);
      if ((before?.askedAt ?? 0) <= answer.askedAt) answers.set(`${source}#${directoryId}`, answer);
    },
  };
}
