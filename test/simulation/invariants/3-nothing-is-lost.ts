import type { Invariant } from '../oracle.ts';

export const nothingIsLost: Invariant = {
  number: 3,
  words:
    'after a table was restored and its journal replayed, the gate lets nobody in and denies nobody wrongly',

  replayed: (_oracle, { before, after, undecided }) => {
    if (undecided === undefined) return 'the journal cannot be replayed';
    if (undecided > 0)
      return 'nobody wrote to the restored table, and the replay is not sure of all the same';
    const forgotten = [...before].find((word) => !after.has(word));
    if (forgotten !== undefined) return `the restored table does not know that ${forgotten}`;
    const wrong = [...after].find((word) => !before.has(word));
    return wrong === undefined ? undefined : `the restored table says that ${wrong}, which was no longer so`;
  },
};
