import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { JournalArchive } from '../ports/journal.ts';
import { journalOctets, journalSha256Hex, readJournalObject } from './journal-format.ts';

/** Sorts as text as it does as a number. */
const keyOf = (sequence: number): string => `journal/${String(sequence).padStart(12, '0')}.json`;

/**
 * The journal in a bucket with Object Lock, whose default retention applies to every object: this writes each number
 * once and asks for no right to delete.
 */
export function s3Journal({
  client,
  bucket,
}: {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
}): JournalArchive {
  return {
    async put(object) {
      const octets = journalOctets(object);
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: keyOf(object.sequence),
            Body: octets,
            ContentType: 'application/json',
            IfNoneMatch: '*',
          }),
        );
      } catch (error) {
        if (isNamed(error, 'PreconditionFailed')) return undefined;
        throw error;
      }
      return journalSha256Hex(octets);
    },
    async get(sequence) {
      const key = keyOf(sequence);
      // Who may not list is told that everything is forbidden, and never that something is not there.
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }),
      );
      if (Contents[0]?.Key !== key) return undefined;
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined) throw new Error('S3 returned no object');
      const octets = await Body.transformToByteArray();
      return { object: readJournalObject(octets), sha256Hex: journalSha256Hex(octets) };
    },
  };
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
