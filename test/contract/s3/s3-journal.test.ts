import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { s3DirectoryFile } from '../../../shared/adapters/s3-directory-file.ts';
import { s3Journal } from '../../../shared/adapters/s3-journal.ts';
import type { JournalObject } from '../../../shared/domain/journal.ts';
import { startCloudForClients } from '../../support/cloud-environment.ts';
import type { Cloud } from '../../../infra/local/cloud/server.ts';

const object = (sequence: number): JournalObject => ({
  sequence,
  previousSha256Hex: '0'.repeat(64),
  at: sequence,
  lines: [
    {
      kind: 'list',
      endpointId: 'cvpn-endpoint-1',
      caId: 'ca1',
      crlNumber: 7,
      sha256Hex: 'a'.repeat(64),
      confirmedAt: 5,
    },
  ],
});

describe('the journal in S3', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloudForClients();
    cloud.s3.ensureBucket('journal-bucket');
  });
  afterAll(() => cloud.close());
  const journal = (bucket = 'journal-bucket') => s3Journal({ client: new S3Client({}), bucket });

  it('writes each object once, and gives back what was written with its hash', async () => {
    const sha256Hex = await journal().put(object(1));
    expect(sha256Hex).toMatch(/^[0-9a-f]{64}$/);
    expect(await journal().put({ ...object(1), at: 9 })).toBeUndefined();
    expect(await journal().get(1)).toEqual({ object: object(1), sha256Hex });
    expect(await journal().get(2)).toBeUndefined();
    expect(cloud.s3.keys('journal-bucket')).toEqual(['journal/000000000001.json']);
  });

  it.each(['throttle', 'error', 'before'] as const)('throws where S3 answers with %s', async (kind) => {
    cloud.faults.add({ service: 's3', action: 'PutObject', kind });
    await expect(journal().put(object(3))).rejects.toThrow();
    expect(await journal().get(3)).toBeUndefined();
  });

  it('meets its own object where the answer was lost', async () => {
    cloud.faults.add({ service: 's3', action: 'PutObject', kind: 'after' });
    await expect(journal().put(object(4))).rejects.toThrow();
    expect(await journal().put(object(4))).toBeUndefined();
    expect((await journal().get(4))?.object).toEqual(object(4));
  });

  it('throws where there is no such bucket', async () => {
    await expect(journal('another').put(object(1))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('has the file of a directory beside it, which is read once for as long as it is the same', async () => {
    cloud.s3.ensureBucket('directory');
    const client = new S3Client({});
    const put = (Body: string) =>
      client.send(new PutObjectCommand({ Bucket: 'directory', Key: 'directory.csv', Body }));
    const read = s3DirectoryFile({ client, bucket: 'directory' });
    expect(await read()).toBeUndefined();
    await put('login\nalice');
    const first = await read();
    expect(Buffer.from(first?.octets ?? []).toString()).toBe('login\nalice');
    expect(Math.abs((first?.placedAt ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(await read()).toBe(first);
    await put('login\nbob');
    expect((await read())?.etag).not.toBe(first?.etag);
    cloud.faults.add({ service: 's3', action: 'GetObject', kind: 'error', times: 9 });
    await expect(read()).rejects.toMatchObject({ name: 'DirectoryError', kind: 'later' });
    cloud.faults.clear();
    client.destroy();
  });
});
