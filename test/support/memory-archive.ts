import { journalOctets, journalSha256Hex, readJournalObject } from '../../shared/adapters/journal-format.ts';
import type { JournalArchive } from '../../shared/ports/journal.ts';

/** A bucket in memory, which holds the very octets that S3 would. */
export function memoryArchive(): JournalArchive & { readonly objects: Map<number, Uint8Array> } {
  const objects = new Map<number, Uint8Array>();
  return {
    objects,
    put: async (object) => {
      if (objects.has(object.sequence)) return undefined;
      const octets = journalOctets(object);
      objects.set(object.sequence, octets);
      return journalSha256Hex(octets);
    },
    get: async (sequence) => {
      const octets = objects.get(sequence);
      return octets && { object: readJournalObject(octets), sha256Hex: journalSha256Hex(octets) };
    },
  };
}
