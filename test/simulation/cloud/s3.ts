import {
  journalOctets,
  journalSha256Hex,
  readJournalObject,
} from '../../../shared/adapters/journal-format.ts';
import type { JournalArchive } from '../../../shared/ports/journal.ts';
import type { Invocation } from '../invocation.ts';

/** The bucket of the journal: an object is written once, and nothing is ever changed. */
export const journalBucketFor = (
  invocation: Invocation,
  objects: Map<number, Uint8Array>,
): JournalArchive => ({
  put: (object) =>
    invocation.effect('s3', `writes object ${object.sequence} of the journal`, () => {
      if (objects.has(object.sequence)) return undefined;
      const octets = journalOctets(object);
      objects.set(object.sequence, octets);
      return journalSha256Hex(octets);
    }),
  get: (sequence) =>
    invocation.effect(
      's3',
      `reads object ${sequence} of the journal`,
      () => {
        const octets = objects.get(sequence);
        return octets && { object: readJournalObject(octets), sha256Hex: journalSha256Hex(octets) };
      },
      { isRepeatable: true },
    ),
});
