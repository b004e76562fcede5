import { X509Certificate } from 'node:crypto';
import { Certificate } from 'pkijs';
import { assembleCertificate } from '../../shared/domain/x509/certificate.ts';
import { readCertificate } from '../../shared/domain/x509/certificate-reader.ts';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import { describeWithOpenssl } from '../support/openssl.ts';
import { openssl, scratchDirectory } from './openssl.ts';
import { NOW, serverTbs, testCa, testKey, testLeafDer } from '../unit/x509/fixtures.ts';

const ca = testCa();
const leafDer = testLeafDer(ca);
const serverDer = assembleCertificate(serverTbs(ca), ca.key.sign(serverTbs(ca)));

describeWithOpenssl('OpenSSL about our certificates', () => {
  const write = scratchDirectory();
  const caFile = write('ca.pem', pemFrom('CERTIFICATE', ca.certificateDer));
  const leafFile = write('leaf.pem', pemFrom('CERTIFICATE', leafDer));
  const serverFile = write('server.pem', pemFrom('CERTIFICATE', serverDer));
  const strangerFile = write('stranger.pem', pemFrom('CERTIFICATE', testCa('stranger').certificateDer));
  const verify = (purpose: string, ...files: string[]): ReturnType<typeof openssl> =>
    openssl('verify', '-x509_strict', '-attime', String(NOW), '-purpose', purpose, '-CAfile', ...files);

  it.each([
    ['a person’s is a client’s', 'sslclient', leafFile],
    ['the endpoint’s is a server’s', 'sslserver', serverFile],
    ['the CA’s is a CA’s', 'any', caFile],
  ])('%s, strictly', async (_, purpose, file) => {
    const { status, text } = await verify(purpose, caFile, file);
    expect(text).toContain(': OK');
    expect(status).toBe(0);
  });

  it.each([
    ['a person’s as a server’s', 'sslserver', caFile, leafFile],
    ['the endpoint’s as a client’s', 'sslclient', caFile, serverFile],
    ['a person’s under another CA', 'sslclient', strangerFile, leafFile],
  ])('%s is refused', async (_, purpose, caPath, file) => {
    expect((await verify(purpose, caPath, file)).status).not.toBe(0);
  });

  it('prints what the profile says', async () => {
    const { text } = await openssl('x509', '-in', leafFile, '-noout', '-text', '-nameopt', 'RFC2253');
    for (const line of [
      'Version: 3 (0x2)',
      'Subject: CN=7C5HSB9YA1864RM2.alice@example.com,O=Example Ltd',
      'Issuer: CN=VPN CA,O=Example Ltd',
      'Not Before: Sep 18 11:55:00 2026 GMT',
      'Not After : Mar 17 12:00:00 2027 GMT',
      'TLS Web Client Authentication',
      'Digital Signature, Key Encipherment',
      'CA:FALSE',
      'URI:urn:vpn-portal:person:abcdefghjkmnpqrstvwxyz0123, email:alice@example.com',
    ]) {
      expect(text).toContain(line);
    }
  });
});

describe('Node about our certificates', () => {
  it('reads and verifies them', () => {
    const [authority, leaf] = [new X509Certificate(ca.certificateDer), new X509Certificate(leafDer)];
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(
      leaf.verify(
        testKey('stranger').privateKey && new X509Certificate(testCa('stranger').certificateDer).publicKey,
      ),
    ).toBe(false);
    expect(leaf.serialNumber).toBe('3A0B1C2D3E4F50617283');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(leaf.checkPrivateKey(testKey('leaf').privateKey)).toBe(true);
    expect(new X509Certificate(serverDer).checkHost('vpn.example.com')).toBe('vpn.example.com');
  });
});

describe('another ASN.1 library about our certificates', () => {
  it.each([
    ['a person’s', leafDer],
    ['the CA’s', ca.certificateDer],
    ['the endpoint’s', serverDer],
  ])('writes %s again with the same octets', (_, der) => {
    const parsed = Certificate.fromBER(new Uint8Array(der));
    const { tbsCertificateDer } = readCertificate(der);
    expect(Buffer.from(parsed.encodeTBS().toBER()).equals(tbsCertificateDer)).toBe(true);
  });
});
