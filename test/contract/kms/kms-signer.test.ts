import { createPublicKey, createVerify, randomBytes, verify } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { SignCommandInput } from '@aws-sdk/client-kms';
import type { Cloud } from '../../../infra/local/cloud/server.ts';
import { kmsSigner } from '../../../shared/adapters/kms-signer.ts';
import { cloudsOfOneTest, startCloudForClients } from '../../support/cloud-environment.ts';

let dataDir: string;
let cloud: Cloud;
let client: KMSClient;
let keyId: string;
let keyArn: string;

const startAnother = cloudsOfOneTest();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kms-'));
  cloud = await startCloudForClients({ dataDir });
  client = new KMSClient({});
  ({ keyId, keyArn } = await cloud.kms.ensureKey('CaKey'));
});

afterAll(async () => {
  client.destroy();
  await cloud.close();
  await rm(dataDir, { recursive: true });
});

afterEach(() => {
  cloud.kms.setState(keyId, 'Enabled');
  cloud.faults.clear();
});

const publicKeyFrom = (spkiDer: Uint8Array) =>
  createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' });

describe('kmsSigner', () => {
  it.each([1, 4_096, 4_097, 1_000_000])(
    'signs %i octets so that node:crypto verifies them',
    async (octets) => {
      const signer = kmsSigner({ client });
      const tbs = randomBytes(octets);
      const signature = await signer.sign(keyArn, tbs);
      const publicKey = publicKeyFrom(await signer.publicKey(keyArn));
      expect(signature).toHaveLength(256);
      expect(createVerify('sha256').update(tbs).verify(publicKey, signature)).toBe(true);
      expect(
        createVerify('sha256')
          .update(tbs.fill(0, 0, 1))
          .update('x')
          .verify(publicKey, signature),
      ).toBe(false);
    },
  );

  it('asks for a public key once, and again after a failure', async () => {
    const signer = kmsSigner({ client });
    cloud.faults.add({ service: 'kms', action: 'GetPublicKey', kind: 'error' });
    await expect(signer.publicKey(keyId)).rejects.toMatchObject({ name: 'KMSInternalException' });
    const publicKey = await signer.publicKey(keyId);
    cloud.faults.add({ service: 'kms', action: 'GetPublicKey', kind: 'error' });
    expect(await signer.publicKey(keyId)).toBe(publicKey);
  });

  it('refuses a signature of another length', async () => {
    const send = async () => ({ Signature: new Uint8Array(255) });
    await expect(kmsSigner({ client: { send } }).sign(keyId, randomBytes(8))).rejects.toThrow('255 octets');
  });

  it('refuses a key that is not RSA_2048', async () => {
    const send = async () => ({ PublicKey: new Uint8Array(8), KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' });
    await expect(kmsSigner({ client: { send } }).publicKey(keyId)).rejects.toThrow('RSA_4096');
  });

  it.each([
    ['Disabled', 'DisabledException'],
    ['PendingDeletion', 'KMSInvalidStateException'],
  ] as const)('does not sign with a key that is %s', async (state, name) => {
    cloud.kms.setState(keyId, state);
    await expect(kmsSigner({ client }).sign(keyId, randomBytes(8))).rejects.toMatchObject({ name });
  });
});

describe('the stand-in for KMS', () => {
  const sign = (changes: Partial<SignCommandInput>) =>
    client.send(
      new SignCommand({
        KeyId: keyId,
        Message: randomBytes(32),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
        ...changes,
      }),
    );

  it.each<[string, Partial<SignCommandInput>, string]>([
    ['a digest of 31 octets', { Message: randomBytes(31) }, 'ValidationException'],
    ['4,097 raw octets', { Message: randomBytes(4097), MessageType: 'RAW' }, 'ValidationException'],
    ['another algorithm', { SigningAlgorithm: 'RSASSA_PSS_SHA_256' }, 'ValidationException'],
    ['an unknown key', { KeyId: '00000000-0000-4000-8000-000000000000' }, 'NotFoundException'],
    ['a dry run', { DryRun: true }, 'DryRunOperationException'],
  ])('refuses %s', async (_, changes, name) => {
    await expect(sign(changes)).rejects.toMatchObject({ name });
  });

  it("does not know another account's key of the same id", async () => {
    const KeyId = keyArn.replace(/:\d{12}:/, ':999999999999:');
    await expect(sign({ KeyId })).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  it('signs the raw message and its digest alike', async () => {
    const message = randomBytes(4096);
    const { Signature = new Uint8Array() } = await sign({ Message: message, MessageType: 'RAW' });
    const publicKey = publicKeyFrom(await kmsSigner({ client }).publicKey(keyId));
    expect(verify('sha256', message, publicKey, Signature)).toBe(true);
  });

  it('keeps one key per logical id, asked for at once or after a restart, in a file of its owner only', async () => {
    const [first, second] = await Promise.all([cloud.kms.ensureKey('Twice'), cloud.kms.ensureKey('Twice')]);
    expect(second).toEqual(first);
    const restarted = await startAnother({ dataDir });
    expect(await restarted.kms.ensureKey('CaKey')).toEqual({ keyId, keyArn });
    expect((await stat(join(dataDir, 'kms.json'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(dataDir, 'kms.json'), 'utf8')).toContain('PRIVATE KEY');
  });

  it('describes its key', async () => {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: keyArn }));
    expect(KeyMetadata).toMatchObject({
      Arn: keyArn,
      KeySpec: 'RSA_2048',
      KeyState: 'Enabled',
      Enabled: true,
    });
    expect(KeyMetadata?.CreationDate).toBeInstanceOf(Date);
  });
});
