import { DomainError } from '../../../shared/domain/errors.ts';
import { readCertificate, readTbsCertificate } from '../../../shared/domain/x509/certificate-reader.ts';
import {
  assertCaCertificateLints,
  assertCertificateLints,
  assertServerCertificateLints,
  authorityLints,
  leafLints,
  serverLints,
  type CertificateLintFacts,
} from '../../../shared/domain/x509/certificate-lints.ts';
import { buildTbsCertificate } from '../../../shared/domain/x509/certificate.ts';
import { sequenceDer } from '../../../shared/domain/x509/der-writer.ts';
import { subjectPublicKeyInfoDerFrom } from '../../../shared/domain/x509/rsa-public-key.ts';
import { DAY, leafProfile, NOW, serverTbs, testCa, testKey } from './fixtures.ts';

const ca = testCa();
const leafTbs = buildTbsCertificate(leafProfile(ca));
const leaf: CertificateLintFacts = { ...readTbsCertificate(leafTbs), issuer: ca.facts };
const server: CertificateLintFacts = { ...readTbsCertificate(serverTbs(ca)), issuer: ca.facts };
const authority: CertificateLintFacts = { ...readCertificate(ca.certificateDer).facts, issuer: ca.facts };

/** The same with properties left out. */
function without(
  facts: CertificateLintFacts,
  ...names: (keyof CertificateLintFacts)[]
): CertificateLintFacts {
  const left = { ...facts };
  for (const name of names) Reflect.deleteProperty(left, name);
  return left;
}

const other = Uint8Array.of(0x30, 0);
const commonName = { type: '2.5.4.3', tag: 0x0c, text: 'x' };
const uri = { tag: 6, text: 'urn:vpn-portal:person:abc' };
const spkiOf = (change: (der: Uint8Array) => unknown): Uint8Array => {
  const der = Uint8Array.from(leaf.subjectPublicKeyInfoDer);
  change(der);
  return der;
};

/** 2047 bits and a longer exponent, which make as many octets as 2048 bits and 65537. */
const shortKeyOfTheSameLength = subjectPublicKeyInfoDerFrom({
  modulus: new Uint8Array(256).fill(0x7f),
  publicExponent: Uint8Array.of(1, 0, 0, 1),
});

const commonCases: [name: string, facts: Partial<CertificateLintFacts>][] = [
  ['version', { version: 1 }],
  ['serialNumberPositive', { serialNumberHex: '00' }],
  ['serialNumberPositive', { serialNumberHex: '80' }],
  ['serialNumberLength', { serialNumberHex: '01'.repeat(11) }],
  ['signatureAlgorithm', { signatureAlgorithmDer: Buffer.from('300b06092a864886f70d01010b', 'hex') }],
  ['signatureAlgorithm', { signatureAlgorithmDer: Buffer.from('300d06092a864886f70d0101050500', 'hex') }],
  ['issuerIsCaSubject', { issuerDer: other }],
  ['validityOrder', { notBefore: NOW, notAfter: NOW }],
  ['validityWithinCa', { notAfter: ca.facts.notAfter + 1 }],
  ['subjectCommonName', { subject: [] }],
  ['subjectCommonName', { subject: [commonName, commonName] }],
  ['subjectText', { subject: [{ ...commonName, text: 'x'.repeat(65) }] }],
  ['subjectText', { subject: [{ ...commonName, text: '' }] }],
  ['subjectText', { subject: [{ ...commonName, text: 'a\u0000b' }] }],
  ['subjectText', { subject: [{ ...commonName, tag: 0x14 }] }],
  ['publicKeyRsa2048', { subjectPublicKeyInfoDer: other }],
  ['publicKeyRsa2048', { subjectPublicKeyInfoDer: spkiOf((der) => (der[16] = 10)) }],
  ['publicKeyRsa2048', { subjectPublicKeyInfoDer: shortKeyOfTheSameLength }],
  [
    'extensionsKnownOnce',
    { extensions: [...leaf.extensions, { oid: '1.2.3', critical: true, valueDer: other }] },
  ],
  ['extensionsKnownOnce', { extensions: [...leaf.extensions, ...leaf.extensions.slice(0, 1)] }],
  [
    'extensionsCritical',
    { extensions: leaf.extensions.map((extension) => ({ ...extension, critical: false })) },
  ],
  ['subjectKeyIdentifier', { subjectKeyIdentifierHex: '00'.repeat(20) }],
  ['authorityKeyIdentifier', { authorityKeyIdentifierHex: '00'.repeat(20) }],
];

const leafCases: typeof commonCases = [
  ['basicConstraintsEndEntity', { basicConstraints: { cA: true } }],
  ['basicConstraintsEndEntity', { basicConstraints: { cA: false, pathLenConstraint: 0 } }],
  ['keyUsageEndEntity', { keyUsageBits: [0] }],
  ['keyUsageEndEntity', { keyUsageBits: [0, 2, 5] }],
  ['extKeyUsageClient', { extKeyUsage: ['1.3.6.1.5.5.7.3.1'] }],
  ['extKeyUsageClient', { extKeyUsage: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'] }],
  ['lifetime', { notAfter: leaf.notBefore + 441 * DAY }],
  ['subjectAltNameLeaf', { subjectAltName: [] }],
  ['subjectAltNameLeaf', { subjectAltName: [uri, uri] }],
  ['subjectAltNameLeaf', { subjectAltName: [{ tag: 6, text: 'https://example.com' }] }],
  ['subjectAltNameLeaf', { subjectAltName: [{ tag: 1, text: 'alice' }] }],
  ['subjectAltNameLeaf', { subjectAltName: [{ tag: 2, text: 'vpn.example.com' }] }],
];

const serverCases: typeof commonCases = [
  ['extKeyUsageServer', { extKeyUsage: ['1.3.6.1.5.5.7.3.2'] }],
  ['subjectAltNameServer', { subjectAltName: [{ tag: 2, text: 'server' }] }],
  ['subjectAltNameServer', { subjectAltName: [uri] }],
  ['subjectAltNameServer', { subjectAltName: [] }],
];

const authorityCases: typeof commonCases = [
  ['selfIssued', { subjectDer: other }],
  ['basicConstraintsAuthority', { basicConstraints: { cA: false } }],
  ['basicConstraintsAuthority', { basicConstraints: { cA: true } }],
  ['basicConstraintsAuthority', { basicConstraints: { cA: true, pathLenConstraint: 1 } }],
  ['keyUsageAuthority', { keyUsageBits: [5] }],
  ['noExtKeyUsage', { extKeyUsage: ['1.3.6.1.5.5.7.3.2'] }],
];

describe('certificate lints', () => {
  it('pass what we build', () => {
    assertCertificateLints(leafTbs, ca.facts);
    assertServerCertificateLints(serverTbs(ca), ca.facts);
    assertCaCertificateLints(readCertificate(ca.certificateDer).tbsCertificateDer);
  });

  describe.each([
    ['a person’s', leafLints, leaf, [...commonCases, ...leafCases]],
    ['the server’s', serverLints, server, serverCases],
    ['the CA’s', authorityLints, authority, authorityCases],
  ] as const)('of %s certificate', (_, lints, facts, cases) => {
    it.each(cases)('%s refuses what breaks it (%#)', (name, change) => {
      const lint = lints.find((candidate) => candidate.name === name);
      expect(lint?.check(facts)).toBeUndefined();
      expect(lint?.check({ ...facts, ...change })).toEqual(expect.any(String));
    });
  });

  it('have each a case here, a name of its own and a source', () => {
    const named = new Set(
      [...commonCases, ...leafCases, ...serverCases, ...authorityCases].map(([name]) => name),
    );
    for (const lints of [leafLints, serverLints, authorityLints]) {
      expect(new Set(lints.map(({ name }) => name)).size).toBe(lints.length);
      expect(lints.filter(({ name, source }) => !named.has(name) || source === '')).toEqual([]);
    }
  });

  it.each([
    ['subjectKeyIdentifier', 'subjectKeyIdentifierHex'],
    ['authorityKeyIdentifier', 'authorityKeyIdentifierHex'],
    ['basicConstraintsEndEntity', 'basicConstraints'],
    ['keyUsageEndEntity', 'keyUsageBits'],
    ['extKeyUsageClient', 'extKeyUsage'],
  ] as const)('%s refuses absence', (name, property) => {
    expect(leafLints.find((lint) => lint.name === name)?.check(without(leaf, property))).toEqual(
      expect.any(String),
    );
  });

  it('name every broken rule and its source, in an error that is not the caller’s', () => {
    const stranger = testCa('stranger');
    const act = (): void => assertCertificateLints(leafTbs, stranger.facts);
    expect(act).toThrow(/authorityKeyIdentifier \(RFC 5280 section 4\.2\.1\.1\)/);
    expect(act).not.toThrow(DomainError);
    expect(() => assertCertificateLints(serverTbs(ca), ca.facts)).toThrow(
      /extKeyUsageClient.*; .*subjectAltNameLeaf/,
    );
    expect(() => assertCaCertificateLints(leafTbs)).toThrow(/basicConstraintsAuthority/);
  });

  it('refuse octets that are no certificate', () => {
    expect(() => assertCertificateLints(sequenceDer(), ca.facts)).toThrow();
    expect(() => assertCertificateLints(leafTbs.subarray(0, -1), ca.facts)).toThrow();
    expect(() => assertCertificateLints(testKey('leaf').subjectPublicKeyInfoDer, ca.facts)).toThrow();
  });
});
