import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { StateFile } from '../../state-file.ts';
import { AwsError, queryError, type CloudRequest, type CloudResponse } from '../protocol.ts';

export const s3State = z.record(z.string(), z.record(z.string(), z.string()));
/** Objects by bucket and key. */
export type S3State = z.infer<typeof s3State>;

/** What the local stack does with S3 without going through its API. */
export interface S3Control {
  /** @param tells whether it tells EventBridge of each object */
  ensureBucket(name: string, options?: { readonly tells: boolean }): void;
  /** The keys of a bucket, in their order. */
  keys(bucket: string): readonly string[];
}

/** An object that was written. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** Without its quotes. */
  readonly etag: string;
}

/** A request of S3: what it does to what. Its protocol is REST, and the bucket is the first part of the path. */
interface S3Call {
  readonly action: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

/** What a request asks of S3; undefined where it is another service's, which all post to the root. */
export function s3CallOf({ method = 'POST', path = '/' }: CloudRequest): S3Call | undefined {
  const url = new URL(path, 'http://s3');
  const [, bucket = '', ...rest] = url.pathname.split('/');
  if (bucket === '') return undefined;
  const key = decodeURIComponent(rest.join('/'));
  const action =
    key === ''
      ? 'ListObjectsV2'
      : ({ GET: 'GetObject', PUT: 'PutObject' }[method] ?? `${method} of an object`);
  return { action, bucket, key, query: url.searchParams };
}

export interface S3Options {
  readonly file: StateFile<S3State>;
  /** Told of objects in buckets that tell of them. */
  readonly onCreated?: (object: CreatedObject) => void;
}

interface S3Service {
  readonly handle: (request: CloudRequest, call: S3Call) => CloudResponse;
  readonly control: S3Control;
}

/** A stand-in for S3: buckets whose objects are written once and stay, as a lock has it. Objects are text. */
export function s3Service({ file, onCreated }: S3Options): S3Service {
  const buckets = file.load() ?? {};
  const telling = new Set<string>();
  // What was kept from before counts as put in now.
  const began = new Date();
  const placed = new Map<string, Date>();
  const objectsOf = (bucket: string): Record<string, string> => {
    const objects = buckets[bucket];
    if (objects === undefined) throw new AwsError('NoSuchBucket', 'The bucket does not exist', 404);
    return objects;
  };

  const put = (request: CloudRequest, { bucket, key }: S3Call): CloudResponse => {
    const objects = objectsOf(bucket);
    const isThere = objects[key] !== undefined;
    if (isThere && request.headers['if-none-match'] === '*')
      throw new AwsError('PreconditionFailed', 'At least one of the preconditions did not hold', 412);
    objects[key] = request.body;
    placed.set(`${bucket}/${key}`, new Date());
    file.save(buckets);
    const etag = etagOf(request.body);
    const size = Buffer.byteLength(request.body);
    if (telling.has(bucket)) onCreated?.({ bucket, key, size, etag: etag.slice(1, -1) });
    return { status: 200, headers: { etag }, body: '' };
  };

  const get = (request: CloudRequest, { bucket, key }: S3Call): CloudResponse => {
    const body = objectsOf(bucket)[key];
    if (body === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    const wanted = request.headers['if-match'];
    if (wanted !== undefined && wanted !== etagOf(body))
      throw new AwsError('PreconditionFailed', 'At least one of the preconditions did not hold', 412);
    return objectOf(request, body, placed.get(`${bucket}/${key}`) ?? began);
  };

  return {
    handle(request, call) {
      try {
        if (call.action === 'PutObject') return put(request, call);
        if (call.action === 'GetObject') return get(request, call);
        if (call.action === 'ListObjectsV2') return listed(objectsOf(call.bucket), call.query);
        throw new AwsError('NotImplemented', `the stand-in for S3 lacks ${call.action}`, 501);
      } catch (error) {
        if (error instanceof AwsError) return s3Error(error.status, error.code, error.message);
        throw error;
      }
    },
    control: {
      ensureBucket(name, { tells } = { tells: false }) {
        buckets[name] ??= {};
        if (tells) telling.add(name);
        file.save(buckets);
      },
      keys: (bucket) => Object.keys(buckets[bucket] ?? {}).sort(),
    },
  };
}

function objectOf(request: CloudRequest, body: string, placedAt: Date): CloudResponse {
  const etag = etagOf(body);
  if (request.headers['if-none-match'] === etag) return { status: 304, headers: { etag }, body: '' };
  const headers = { etag, 'last-modified': placedAt.toUTCString(), 'content-type': 'application/json' };
  return { status: 200, headers, body };
}

/** One page. */
function listed(objects: Readonly<Record<string, string>>, query: URLSearchParams): CloudResponse {
  const found = Object.keys(objects)
    .sort()
    .filter((key) => key.startsWith(query.get('prefix') ?? ''))
    .slice(0, Number(query.get('max-keys') ?? 1_000));
  const contents = found.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  const body = `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>${found.length}</KeyCount><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

const etagOf = (body: string): string => `"${createHash('md5').update(body).digest('hex')}"`;

/** S3's errors are EC2's without the frame. */
export function s3Error(status: number, code: string, message: string): CloudResponse {
  const { headers, body } = queryError(status, code, message);
  const inner = /<Error>[^]*<\/Error>/.exec(body)?.[0] ?? '';
  return { status, ...(headers === undefined ? {} : { headers }), body: inner };
}
