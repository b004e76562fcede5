import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { LeaversFiles } from '../ports/leavers-files.ts';

const IS_GONE = ['NoSuchKey', 'PreconditionFailed', '412'];

/** Files in a bucket, read only as they were when S3 told of them. */
export const s3LeaversFiles = ({ client }: { readonly client: Pick<S3Client, 'send'> }): LeaversFiles => ({
  async read({ bucket, key, etag }) {
    try {
      const { Body } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"` }),
      );
      if (Body === undefined) throw new Error('S3 returned no object');
      return await Body.transformToByteArray();
    } catch (error) {
      if (error instanceof Error && IS_GONE.includes(error.name)) return undefined;
      throw error;
    }
  },
});
