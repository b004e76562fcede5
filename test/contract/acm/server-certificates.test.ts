import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACMClient, DescribeCertificateCommand, GetCertificateCommand } from '@aws-sdk/client-acm';
import type { Cloud } from '../../../infra/local/cloud/server.ts';
import { acmServerCertificates } from '../../../shared/adapters/acm-server-certificates.ts';
import type { ServerCertificates } from '../../../shared/ports/server-certificates.ts';
import { cloudsOfOneTest, startCloudForClients } from '../../support/cloud-environment.ts';
import { CLIENT_AUTH, ecKey, makeCertificate, privateKeyPem, rsaKey, SERVER_AUTH } from './certificates.ts';
import type { CertificateOptions } from './certificates.ts';

const key = ecKey();
const caKey = ecKey();
const intermediateKey = ecKey();
const rsa = rsaKey();
const ca = makeCertificate(caKey, { commonName: 'CA' });
const intermediate = makeCertificate(intermediateKey, {
  commonName: 'Intermediate',
  issuer: { commonName: 'CA', key: caKey },
});
const selfSigned = makeCertificate(key, { dnsNames: ['vpn.example.com'] });

let dataDir: string;
let cloud: Cloud;
let client: ACMClient;
let certificates: ServerCertificates;

const startAnother = cloudsOfOneTest();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'acm-'));
  cloud = await startCloudForClients({ dataDir });
  client = new ACMClient({});
  certificates = acmServerCertificates({ client });
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
  await rm(dataDir, { recursive: true });
});

const material = (certificatePem: string, chainPem = '') => ({
  certificatePem,
  privateKeyPem: privateKeyPem(key),
  chainPem,
});

describe('acmServerCertificates', () => {
  it('imports certificate, key and chain, which the endpoint finds by ARN, also after a restart', async () => {
    const issuer = { commonName: 'Intermediate', key: intermediateKey };
    const leaf = material(makeCertificate(key, { issuer }), intermediate + ca);
    const arn = await certificates.import(leaf);
    expect(arn).toMatch(/^arn:aws:acm:eu-west-1:\d{12}:certificate\/[0-9a-f-]{36}$/);
    expect(cloud.acm.find(arn)).toMatchObject(leaf);
    const { Certificate, CertificateChain } = await client.send(
      new GetCertificateCommand({ CertificateArn: arn }),
    );
    expect([Certificate, CertificateChain]).toEqual([leaf.certificatePem, leaf.chainPem]);
    const restarted = await startAnother({ dataDir });
    expect(restarted.acm.find(arn)).toMatchObject(leaf);
  });

  it('re-imports under the same ARN', async () => {
    const arn = await certificates.import(material(selfSigned));
    const renewed = makeCertificate(key, { dnsNames: ['vpn.example.com', 'second.example.com'] });
    expect(await certificates.import(material(renewed), arn)).toBe(arn);
    expect(cloud.acm.find(arn)?.certificatePem).toBe(renewed);
  });

  it.each([
    [
      'an ARN that is not there',
      'arn:aws:acm:eu-west-1:111122223333:certificate/x',
      'ResourceNotFoundException',
    ],
    ['what is no ARN', 'certificate/x', 'InvalidArnException'],
  ])('refuses to re-import under %s', async (_, arn, name) => {
    await expect(certificates.import(material(selfSigned), arn)).rejects.toMatchObject({ name });
  });
});

describe('the stand-in for ACM', () => {
  const day = 86_400_000;
  const lines = selfSigned.split('\n');

  it.each<[string, ReturnType<typeof material>, string]>([
    ['DER', material(Buffer.from(lines.slice(1, -2).join(''), 'base64').toString('latin1')), 'PEM-encoded'],
    ['a trailing space', material(selfSigned.replace('-----\n', '----- \n')), 'PEM-encoded'],
    ['words before the PEM', material(`Certificate:\n${selfSigned}`), 'PEM-encoded'],
    ['two certificates', material(selfSigned + ca), 'more than one'],
    ['a certificate too large', material(selfSigned + '\n'.repeat(32_768)), 'too large'],
    ['one that has expired', material(makeCertificate(key, { notAfter: Date.now() - day })), 'expired'],
    [
      'one not yet valid',
      material(makeCertificate(key, { notBefore: Date.now() + day, notAfter: Date.now() + 2 * day })),
      'not yet valid',
    ],
    ['a curve it does not take', material(makeCertificate(ecKey('secp256k1'))), 'not supported'],
    ["another certificate's key", material(ca), 'does not match'],
    ['a key that is none', { ...material(selfSigned), privateKeyPem: 'key' }, 'private key is not'],
    [
      'an encrypted key',
      {
        ...material(selfSigned),
        privateKeyPem: key.privateKey
          .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
          .toString(),
      },
      'encrypted',
    ],
    ['a chain with the leaf in it', material(selfSigned, selfSigned), 'contains the certificate itself'],
    ['a chain of strangers', material(selfSigned, ca), 'must certify the one before'],
    [
      'a chain in the wrong order',
      material(
        makeCertificate(key, { issuer: { commonName: 'Intermediate', key: intermediateKey } }),
        ca + intermediate,
      ),
      'must certify the one before',
    ],
    [
      "an issuer's name without its signature",
      material(makeCertificate(key, { issuer: { commonName: 'CA', key } }), ca),
      'must certify the one before',
    ],
    [
      "an issuer's signature without its name",
      material(makeCertificate(key, { issuer: { commonName: 'Other', key: caKey } }), ca),
      'must certify the one before',
    ],
    [
      'an issuer of another kind of key',
      material(
        makeCertificate(key, { issuer: { commonName: 'RSA', key: rsa } }),
        makeCertificate(rsa, { commonName: 'RSA' }),
      ),
      "must match its issuer's",
    ],
  ])('refuses %s', async (_, refused, words) => {
    await expect(certificates.import(refused)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(words) as string,
    });
  });

  const full: CertificateOptions = {
    dnsNames: ['vpn.example.com', 'a.example.com'],
    keyUsage: 0xa0,
    extendedKeyUsage: [SERVER_AUTH, CLIENT_AUTH],
  };

  it.each<[string, string, string, string]>([
    ['a key of another kind', makeCertificate(rsa, full), privateKeyPem(rsa), 'RSA_2048'],
    [
      'a key usage',
      makeCertificate(key, { ...full, keyUsage: 0x80 }),
      privateKeyPem(key),
      'KEY_ENCIPHERMENT',
    ],
    [
      'an extended key usage',
      makeCertificate(key, { ...full, extendedKeyUsage: [SERVER_AUTH] }),
      privateKeyPem(key),
      CLIENT_AUTH,
    ],
    [
      'every domain name',
      makeCertificate(key, { ...full, dnsNames: ['b.example.com'] }),
      privateKeyPem(key),
      'domain names',
    ],
  ])('does not let a re-import change or lose %s', async (_, certificatePem, keyPem, words) => {
    const before = makeCertificate(key, full);
    const arn = await certificates.import(material(before));
    const again = certificates.import({ certificatePem, privateKeyPem: keyPem, chainPem: '' }, arn);
    const expected = words === 'RSA_2048' ? 'EC_prime256v1' : words;
    await expect(again).rejects.toThrow(expected);
    expect(cloud.acm.find(arn)?.certificatePem).toBe(before);
  });

  it('describes what it holds', async () => {
    const arn = await certificates.import(material(makeCertificate(key, full)));
    const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    expect(Certificate).toMatchObject({
      CertificateArn: arn,
      DomainName: 'vpn.example.com',
      SubjectAlternativeNames: ['vpn.example.com', 'a.example.com'],
      Subject: 'CN=vpn.example.com',
      Serial: '07',
      KeyAlgorithm: 'EC_prime256v1',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
      Status: 'ISSUED',
      Type: 'IMPORTED',
    });
    expect(Certificate?.NotAfter).toBeInstanceOf(Date);
  });
});
