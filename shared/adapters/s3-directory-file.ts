import { GetObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { DirectoryError } from '../ports/directory.ts';
import type { PlacedFile } from './directories/file.ts';

/** Who may not list a bucket is not told that an object is missing. */
const IS_NOT_THERE = ['NoSuchKey', 'AccessDenied'];
const LIMIT_OCTETS = 64 * 1024 * 1024;

/** Where the file is in its bucket. */
export const DIRECTORY_FILE_KEY = 'directory.csv';

/**
 * The directory's file in a bucket. What was read is kept for as long as it is the one: a directory of many pages is
 * asked for page by page.
 *
 * @throws DirectoryError later where S3 does not answer, refused where it is too long
 */
export function s3DirectoryFile({
  client,
  bucket,
}: {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
}): () => Promise<PlacedFile | undefined> {
  let held: PlacedFile | undefined;
  return async () => {
    try {
      const { Body, ETag, LastModified, ContentLength } = await client.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: DIRECTORY_FILE_KEY,
          ...(held === undefined ? {} : { IfNoneMatch: held.etag }),
        }),
      );
      if (Body === undefined || ETag === undefined || LastModified === undefined) {
        throw new Error('S3 returned no object');
      }
      if ((ContentLength ?? 0) > LIMIT_OCTETS) {
        throw new DirectoryError('refused', 'the file of the directory has more than 64 MiB');
      }
      held = { octets: await Body.transformToByteArray(), etag: ETag, placedAt: LastModified.getTime() };
      return held;
    } catch (error) {
      if (error instanceof DirectoryError) throw error;
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 304) return held;
      if (error instanceof Error && IS_NOT_THERE.includes(error.name)) return undefined;
      throw new DirectoryError('later', 'the file of the directory cannot be read from its bucket');
    }
  };
}
