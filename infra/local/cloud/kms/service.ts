import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateEncrypt,
  randomUUID,
} from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import { ACCOUNT, arn } from '../../names.ts';
import type { StateFile } from '../../state-file.ts';
import { AwsError, jsonAction } from '../protocol.ts';
import type { JsonService } from '../protocol.ts';

const KEY_STATES = ['Enabled', 'Disabled', 'PendingDeletion'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** Sign, botocore kms 2014-11-01: Message has 1 to 4096 octets. */
const MAX_MESSAGE_OCTETS = 4096;
const SHA256_OCTETS = 32;

/** DigestInfo of SHA-256 without the digest, RFC 8017 section 9.2 note 1. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

const storedKey = z.object({
  keyId: z.string(),
  logicalId: z.string(),
  state: z.enum(KEY_STATES),
  createdAt: z.number(),
  privateKeyPem: z.string(),
});
type StoredKey = z.infer<typeof storedKey>;

export const kmsState = z.object({ keys: z.array(storedKey) });

/** What the local stack does to KMS without going through its API. */
export interface KmsControl {
  /** The RSA_2048 SIGN_VERIFY key of a CloudFormation resource, made once; its ARN stays. */
  ensureKey(logicalId: string): Promise<{ keyId: string; keyArn: string }>;
  setState(keyId: string, state: KeyState): void;
}

export interface KmsDependencies {
  readonly file: StateFile<z.infer<typeof kmsState>>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** A stand-in for KMS that signs with RSA_2048 keys, as a CA key is used: GetPublicKey, Sign, DescribeKey. */
export function kmsService({ file, now }: KmsDependencies): { service: JsonService; control: KmsControl } {
  const keys = new Map<string, StoredKey>(file.load()?.keys.map((key) => [key.keyId, key]));
  const save = () => file.save({ keys: [...keys.values()] });
  const find = (keyId: string) => findKey(keys, keyId);
  let making: Promise<unknown> = Promise.resolve();

  const ensureKey = async (logicalId: string) => {
    let key = [...keys.values()].find((candidate) => candidate.logicalId === logicalId);
    if (key === undefined) {
      key = await makeKey(logicalId, now());
      keys.set(key.keyId, key);
      save();
    }
    return { keyId: key.keyId, keyArn: arnOf(key) };
  };

  const actions = new Map([
    ['DescribeKey', jsonAction(keyInput, ({ KeyId }) => ({ KeyMetadata: describeKey(find(KeyId)) }))],
    ['GetPublicKey', jsonAction(keyInput, ({ KeyId }) => publicKeyOf(usable(find(KeyId))))],
    ['Sign', jsonAction(signInput, (input) => sign(usable(find(input.KeyId)), input))],
  ]);

  return {
    service: {
      name: 'kms',
      targetPrefix: 'TrentService',
      contentType: 'application/x-amz-json-1.1',
      actions,
    },
    control: {
      ensureKey(logicalId) {
        // One after the other, so that two callers who ask at once get the same key.
        const key = making.then(() => ensureKey(logicalId));
        making = key.catch(() => undefined);
        return key;
      },
      setState(keyId, state) {
        const key = find(keyId);
        keys.set(key.keyId, { ...key, state });
        save();
      },
    },
  };
}

const keyInput = z.object({ KeyId: z.string().min(1).max(2048) });

const signInput = z.object({
  KeyId: z.string().min(1).max(2048),
  Message: z.base64().transform((text) => Buffer.from(text, 'base64')),
  MessageType: z.enum(['RAW', 'DIGEST']).default('RAW'),
  SigningAlgorithm: z.literal('RSASSA_PKCS1_V1_5_SHA_256'),
  DryRun: z.boolean().optional(),
});

async function makeKey(logicalId: string, createdAt: number): Promise<StoredKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { keyId: randomUUID(), logicalId, state: 'Enabled', createdAt, privateKeyPem };
}

const arnOf = (key: StoredKey): string => arn('kms', `key/${key.keyId}`);

function findKey(keys: ReadonlyMap<string, StoredKey>, keyIdOrArn: string): StoredKey {
  const key = keys.get(keyIdOrArn.startsWith('arn:') ? (keyIdOrArn.split(':key/')[1] ?? '') : keyIdOrArn);
  if (key === undefined || (keyIdOrArn.startsWith('arn:') && keyIdOrArn !== arnOf(key))) {
    throw new AwsError('NotFoundException', `Key '${keyIdOrArn}' does not exist`);
  }
  return key;
}

function usable(key: StoredKey): StoredKey {
  if (key.state === 'Enabled') return key;
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${arnOf(key)} is disabled.`);
  throw new AwsError('KMSInvalidStateException', `${arnOf(key)} is pending deletion.`);
}

const describeKey = (key: StoredKey): object => ({
  AWSAccountId: ACCOUNT,
  KeyId: key.keyId,
  Arn: arnOf(key),
  CreationDate: key.createdAt / 1000,
  Enabled: key.state === 'Enabled',
  KeyState: key.state,
  KeyUsage: 'SIGN_VERIFY',
  KeySpec: 'RSA_2048',
  CustomerMasterKeySpec: 'RSA_2048',
  SigningAlgorithms: ['RSASSA_PKCS1_V1_5_SHA_256'],
  KeyManager: 'CUSTOMER',
  Origin: 'AWS_KMS',
  MultiRegion: false,
});

const publicKeyOf = (key: StoredKey): object => ({
  KeyId: arnOf(key),
  PublicKey: createPublicKey(key.privateKeyPem).export({ type: 'spki', format: 'der' }).toString('base64'),
  KeyUsage: 'SIGN_VERIFY',
  KeySpec: 'RSA_2048',
  CustomerMasterKeySpec: 'RSA_2048',
  SigningAlgorithms: ['RSASSA_PKCS1_V1_5_SHA_256'],
});

function sign(key: StoredKey, input: z.infer<typeof signInput>): object {
  const digest = input.MessageType === 'DIGEST' ? input.Message : hash(input.Message);
  if (digest.length !== SHA256_OCTETS) {
    throw new AwsError(
      'ValidationException',
      `Digest is invalid length for algorithm ${input.SigningAlgorithm}.`,
    );
  }
  if (input.DryRun === true) {
    throw new AwsError('DryRunOperationException', 'The request would have succeeded, but DryRun is set.');
  }
  // node:crypto's sign() would hash once more; the "encryption" of a DigestInfo is the signature, RFC 8017 8.2.1.
  const signature = privateEncrypt(
    { key: createPrivateKey(key.privateKeyPem), padding: constants.RSA_PKCS1_PADDING },
    Buffer.concat([SHA256_DIGEST_INFO, digest]),
  );
  return {
    KeyId: arnOf(key),
    Signature: signature.toString('base64'),
    SigningAlgorithm: input.SigningAlgorithm,
  };
}

function hash(message: Buffer): Buffer {
  if (message.length === 0 || message.length > MAX_MESSAGE_OCTETS) {
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value at 'message' failed to satisfy constraint: " +
        'Member must have length less than or equal to 4096',
    );
  }
  return createHash('sha256').update(message).digest();
}
