import { X509Certificate } from 'node:crypto';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import type { PersonId } from '../../../shared/domain/identity.ts';
import {
  buildTbsCaCertificate,
  buildTbsServerCertificate,
} from '../../../shared/domain/x509/authority-certificates.ts';
import { readCaFacts, type CaFacts } from '../../../shared/domain/x509/ca-facts.ts';
import { readCertificate, readTbsCertificate } from '../../../shared/domain/x509/certificate-reader.ts';
import { assembleCertificate, buildTbsCertificate } from '../../../shared/domain/x509/certificate.ts';
import {
  certificationRequestDerFrom,
  parseCertificationRequest,
} from '../../../shared/domain/x509/certification-request.ts';
import { buildTbsCertList } from '../../../shared/domain/x509/crl.ts';
import { readRsaPublicKey } from '../../../shared/domain/x509/rsa-public-key.ts';
import { isSignatureOf } from '../../../shared/domain/x509/signed.ts';
import {
  DAY,
  leafProfile,
  NOW,
  revokedCertificates,
  serialNumberFrom,
  serverTbs,
  testCa,
  testKey,
  testLeafDer,
  vector,
} from './fixtures.ts';

const ca = testCa();

describe('a person’s certificate', () => {
  const facts = readTbsCertificate(buildTbsCertificate(leafProfile(ca)));

  it('has the issuer of its CA to the octet, and the CA’s key identifier', () => {
    expect(Buffer.from(facts.issuerDer).equals(ca.facts.subjectNameDer)).toBe(true);
    expect(facts.authorityKeyIdentifierHex).toBe(ca.facts.subjectKeyIdentifierHex);
  });

  it('has the profile’s subject, names, usages and validity', () => {
    expect(facts.subject.map(({ type, text }) => [type, text])).toEqual([
      ['2.5.4.10', 'Example Ltd'],
      ['2.5.4.3', '7C5HSB9YA1864RM2.alice@example.com'],
    ]);
    expect(facts.subjectAltName).toEqual([
      { tag: 6, text: 'urn:vpn-portal:person:abcdefghjkmnpqrstvwxyz0123' },
      { tag: 1, text: 'alice@example.com' },
    ]);
    expect(facts.keyUsageBits).toEqual([0, 2]);
    expect(facts.extKeyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(facts.basicConstraints).toEqual({ cA: false });
    expect([facts.notBefore, facts.notAfter]).toEqual([NOW - 300, NOW + 180 * DAY]);
  });

  it('has only keyUsage and basicConstraints critical', () => {
    expect(
      facts.extensions
        .filter(({ critical }) => critical)
        .map(({ oid }) => oid)
        .sort(),
    ).toEqual(['2.5.29.15', '2.5.29.19']);
  });

  it.each([
    ['3a0b1c2d3e4f50617283', '3a0b1c2d3e4f50617283'],
    ['00000000000000000001', '01'],
    ['000000000000000000ff', '00ff'],
    ['00800000000000000000', '00800000000000000000'],
    ['7fffffffffffffffffff', '7fffffffffffffffffff'],
  ])('with the serial number %s writes the shortest positive integer', (serialNumber, hex) => {
    const tbs = buildTbsCertificate(leafProfile(ca, { serialNumber: serialNumber as SerialNumber }));
    expect(readTbsCertificate(tbs).serialNumberHex).toBe(hex);
  });

  it.each([
    ['not ASCII', 'älice@example.com'],
    ['two at signs', 'alice@x@example.com'],
    ['a space', 'alice smith@example.com'],
    ['a line end', 'alice@example.com\nx'],
    ['none', ''],
  ])('leaves out an e-mail address with %s', (_, email) => {
    const tbs = buildTbsCertificate(leafProfile(ca, { email }));
    expect(readTbsCertificate(tbs).subjectAltName?.map(({ tag }) => tag)).toEqual([6]);
  });

  it('has no subjectAltName when neither person nor e-mail is to be named', () => {
    const { personId: _personId, email: _email, ...profile } = leafProfile(ca);
    const facts = readTbsCertificate(buildTbsCertificate(profile));
    expect(facts.extensions.map(({ oid }) => oid)).not.toContain('2.5.29.17');
  });

  it.each([
    ['an empty common name', { commonName: '' }],
    ['65 characters', { commonName: 'x'.repeat(65) }],
    ['a control character', { organization: 'Example\nLtd' }],
    ['no serial number', { serialNumber: 'xyz' as SerialNumber }],
  ])('is not built with %s', (_, overrides) => {
    expect(() => buildTbsCertificate(leafProfile(ca, overrides))).toThrow();
  });

  it('carries its signature, and is the only one that it is of', () => {
    const { tbsCertificateDer, signature } = readCertificate(testLeafDer(ca));
    expect(isSignatureOf(ca.facts.subjectPublicKeyInfoDer, tbsCertificateDer, signature)).toBe(true);
    expect(isSignatureOf(testKey('other').subjectPublicKeyInfoDer, tbsCertificateDer, signature)).toBe(false);
    expect(() => assembleCertificate(tbsCertificateDer, signature.subarray(1))).toThrow('256');
  });
});

describe('what is read strictly', () => {
  it('a key usage ends at its last set bit', () => {
    const hex = Buffer.from(buildTbsCertificate(leafProfile(ca))).toString('hex');
    expect(hex).toContain('030205a0');
    const loose = Buffer.from(hex.replace('030205a0', '030204a0'), 'hex');
    expect(() => readTbsCertificate(loose)).toThrow('last set bit');
  });

  it.each([
    ['a negative modulus', '30060201ff020103'],
    ['a negative exponent', '30060201030201ff'],
    ['something behind it', '30060201030201030500'],
    ['a third number', '3009020103020103020103'],
  ])('an RSA key has no %s', (_, hex) => {
    expect(() => readRsaPublicKey(Buffer.from(hex, 'hex'))).toThrow();
  });
});

describe('the CA’s and the endpoint’s certificates', () => {
  it('the CA’s facts are what Node reads of it', () => {
    const node = new X509Certificate(ca.certificateDer);
    const key = node.publicKey.export({ format: 'der', type: 'spki' });
    expect(key.equals(ca.facts.subjectPublicKeyInfoDer)).toBe(true);
    expect(Date.parse(node.validTo) / 1000).toBe(ca.facts.notAfter);
    expect(Date.parse(node.validFrom) / 1000).toBe(ca.facts.notBefore);
    expect(node.ca).toBe(true);
  });

  it('the CA signs no other CA', () => {
    const { facts } = readCertificate(ca.certificateDer);
    expect(facts.basicConstraints).toEqual({ cA: true, pathLenConstraint: 0 });
    expect(facts.keyUsageBits).toEqual([5, 6]);
  });

  it('the server’s has its name as subject and dNSName', () => {
    const facts = readTbsCertificate(serverTbs(ca));
    expect(facts.subjectAltName).toEqual([{ tag: 2, text: 'vpn.example.com' }]);
    expect(facts.extKeyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('a server’s name without a domain is refused, as AWS would', () => {
    const base = {
      serialNumber: serialNumberFrom(2),
      issuer: ca.facts,
      organization: 'Example Ltd',
      subjectPublicKeyInfoDer: testKey('server').subjectPublicKeyInfoDer,
      notBefore: NOW,
      notAfter: NOW + DAY,
    };
    expect(() => buildTbsServerCertificate({ ...base, serverName: 'server' })).toThrow('domain');
  });

  it('a certificate without key identifier is no CA of ours', () => {
    expect(() => readCaFacts(vector('openssl-3.0/ca-without-identifier.der'))).toThrow('key identifier');
  });
});

/** The key and the names are fixed: whatever else changes in these octets changed by accident. */
describe('octets that must not change by accident', () => {
  const { subjectPublicKeyInfoDer } = parseCertificationRequest(
    certificationRequestDerFrom(vector('openssl-3.0/rsa2048-sha256.csr.pem').toString()),
  );
  const subject = {
    serialNumber: '3a0b1c2d3e4f50617283' as SerialNumber,
    organization: 'Example Ltd',
    subjectPublicKeyInfoDer,
  };
  const caTbs = buildTbsCaCertificate({
    ...subject,
    commonName: 'VPN CA',
    notBefore: NOW,
    notAfter: NOW + 3652 * DAY,
  });
  const caRead = readTbsCertificate(caTbs);
  const issuer: CaFacts = {
    subjectNameDer: caRead.subjectDer,
    subjectKeyIdentifierHex: caRead.subjectKeyIdentifierHex ?? '',
    subjectPublicKeyInfoDer,
    notBefore: caRead.notBefore,
    notAfter: caRead.notAfter,
  };
  const validity = { notBefore: NOW - 300, notAfter: NOW + 180 * DAY };
  const list = { issuer, crlNumber: 258, thisUpdate: NOW - 300, nextUpdate: NOW + 60 * DAY };

  it.each([
    ['ca', caTbs],
    [
      'leaf',
      buildTbsCertificate({
        ...subject,
        ...validity,
        issuer,
        commonName: '7C5HSB9YA1864RM2.alice@example.com',
        personId: 'abcdefghjkmnpqrstvwxyz0123' as PersonId,
        email: 'alice@example.com',
      }),
    ],
    ['server', buildTbsServerCertificate({ ...subject, ...validity, issuer, serverName: 'vpn.example.com' })],
    ['empty-list', buildTbsCertList({ ...list, revoked: [] })],
    ['list-of-14', buildTbsCertList({ ...list, revoked: revokedCertificates(14) })],
  ])('%s', (name, tbs) => {
    expect(Buffer.from(tbs).toString('hex')).toBe(vector(`portal/${name}.tbs.der`).toString('hex'));
  });
});
