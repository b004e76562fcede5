import { SECONDS_PER_DAY } from '../time.ts';
import type { CaFacts } from './ca-facts.ts';
import { readTbsCertificate, type CertificateFacts } from './certificate-reader.ts';
import { assertLints, type Lint } from './lint.ts';
import { keyIdentifierOf, readRsaPublicKey, subjectPublicKeyOf } from './rsa-public-key.ts';

/** A certificate to be signed, and whoever shall sign it. */
export interface CertificateLintFacts extends CertificateFacts {
  readonly issuer: Pick<CaFacts, 'subjectNameDer' | 'subjectKeyIdentifierHex' | 'notAfter'>;
}

type CertificateLint = Lint<CertificateLintFacts>;

const SHA256_WITH_RSA_DER_HEX = '300d06092a864886f70d01010b0500';
const RSA_ENCRYPTION_DER_HEX = '300d06092a864886f70d0101010500';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const COMMON_NAME = '2.5.4.3';
const UTF8_STRING = 0x0c;
const OWN_SERIAL_NUMBER_OCTETS = 10;
/** 398 days and their jitter of 10 %: what a mistake in the configuration must not exceed. */
const LONGEST_LEAF_SECONDS = 440 * SECONDS_PER_DAY;

/** The extensions we write, and whether they are critical (RFC 5280 section 4.2.1). */
const EXTENSIONS: ReadonlyMap<string, boolean> = new Map([
  ['2.5.29.14', false],
  ['2.5.29.15', true],
  ['2.5.29.17', false],
  ['2.5.29.19', true],
  ['2.5.29.35', false],
  ['2.5.29.37', false],
]);

const hexFrom = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const unless = (isRight: boolean, fault: string): string | undefined => (isRight ? undefined : fault);
const isSame = (values: readonly unknown[] | undefined, expected: readonly unknown[]): boolean =>
  values?.length === expected.length && expected.every((value, index) => values[index] === value);

/** What every certificate keeps, the CA's own included. */
const COMMON_LINTS: readonly CertificateLint[] = [
  {
    name: 'version',
    source: 'RFC 5280 section 4.1.2.1',
    check: ({ version }) => unless(version === 3, `version ${version}`),
  },
  {
    name: 'serialNumberPositive',
    source: 'RFC 5280 section 4.1.2.2',
    check: ({ serialNumberHex }) =>
      unless(/^[0-7]/.test(serialNumberHex) && /[1-9a-f]/.test(serialNumberHex), 'zero or negative'),
  },
  {
    name: 'serialNumberLength',
    source: 'RFC 5280 section 4.1.2.2 allows 20 octets; a certificate id has 10',
    check: ({ serialNumberHex }) =>
      unless(serialNumberHex.length <= 2 * OWN_SERIAL_NUMBER_OCTETS, 'longer than 10 octets'),
  },
  {
    name: 'signatureAlgorithm',
    source: 'RFC 4055 section 5',
    check: ({ signatureAlgorithmDer }) =>
      unless(
        hexFrom(signatureAlgorithmDer) === SHA256_WITH_RSA_DER_HEX,
        'not sha256WithRSAEncryption with NULL',
      ),
  },
  {
    name: 'issuerIsCaSubject',
    source: 'RFC 5280 section 4.1.2.4',
    check: ({ issuerDer, issuer }) =>
      unless(hexFrom(issuerDer) === hexFrom(issuer.subjectNameDer), 'other octets than the CA’s subject'),
  },
  {
    name: 'validityOrder',
    source: 'RFC 5280 section 4.1.2.5',
    check: ({ notBefore, notAfter }) => unless(notBefore < notAfter, 'ends before it begins'),
  },
  {
    name: 'validityWithinCa',
    source: 'RFC 5280 section 6.1.3: a path is valid only while each of its certificates is',
    check: ({ notAfter, issuer }) => unless(notAfter <= issuer.notAfter, 'outlives the CA'),
  },
  {
    name: 'subjectCommonName',
    source: 'AWS Client VPN Administrator Guide, mutual authentication: the subject has a CN',
    check: ({ subject }) =>
      unless(subject.filter(({ type }) => type === COMMON_NAME).length === 1, 'not exactly one common name'),
  },
  {
    name: 'subjectText',
    source: 'RFC 5280 section 4.1.2.4 and appendix A.1: UTF8String of 1 to 64 characters',
    check: ({ subject }) =>
      unless(
        subject.every(
          ({ tag, text }) =>
            tag === UTF8_STRING && text !== '' && [...text].length <= 64 && !/\p{C}/u.test(text),
        ),
        'an attribute is not a UTF8String of 1 to 64 printable characters',
      ),
  },
  {
    name: 'publicKeyRsa2048',
    source:
      'AWS Client VPN Administrator Guide, mutual authentication: RSA 1024 or 2048; RFC 4055 section 1.2',
    check: ({ subjectPublicKeyInfoDer }) => publicKeyFault(subjectPublicKeyInfoDer),
  },
  {
    name: 'extensionsKnownOnce',
    source: 'RFC 5280 section 4.2: each extension once; the certificate profile',
    check: ({ extensions }) => {
      const oids = extensions.map(({ oid }) => oid);
      const strange = oids.find((oid, index) => !EXTENSIONS.has(oid) || oids.indexOf(oid) !== index);
      return unless(strange === undefined, `extension ${strange} is unknown or there twice`);
    },
  },
  {
    name: 'extensionsCritical',
    source: 'RFC 5280 section 4.2.1: keyUsage, basicConstraints critical; key identifiers not',
    check: ({ extensions }) => {
      const wrong = extensions.find(({ oid, critical }) => EXTENSIONS.get(oid) !== critical);
      return unless(wrong === undefined, `extension ${wrong?.oid} has the wrong criticality`);
    },
  },
  {
    name: 'subjectKeyIdentifier',
    source: 'RFC 5280 section 4.2.1.2, method 1',
    check: ({ subjectKeyIdentifierHex, subjectPublicKeyInfoDer }) =>
      unless(
        subjectKeyIdentifierHex === hexFrom(keyIdentifierOf(subjectPublicKeyInfoDer)),
        'absent or of another key',
      ),
  },
  {
    name: 'authorityKeyIdentifier',
    source: 'RFC 5280 section 4.2.1.1',
    check: ({ authorityKeyIdentifierHex, issuer }) =>
      unless(authorityKeyIdentifierHex === issuer.subjectKeyIdentifierHex, 'absent or not that of the CA'),
  },
];

function publicKeyFault(subjectPublicKeyInfoDer: Uint8Array): string | undefined {
  // The whole head is fixed for RSA-2048: SEQUENCE of 290 octets, algorithm, BIT STRING.
  if (!hexFrom(subjectPublicKeyInfoDer).startsWith(`30820122${RSA_ENCRYPTION_DER_HEX}`)) {
    return 'not an rsaEncryption key with NULL of 2048 bits';
  }
  const { modulus } = readRsaPublicKey(subjectPublicKeyOf(subjectPublicKeyInfoDer));
  return unless(modulus.length === 257 && (modulus[1] ?? 0) >= 0x80, 'the modulus has not 2048 bits');
}

/** What a person's certificate and the endpoint's own have in common. */
const END_ENTITY_LINTS: readonly CertificateLint[] = [
  {
    name: 'basicConstraintsEndEntity',
    source: 'RFC 5280 section 4.2.1.9',
    check: ({ basicConstraints }) =>
      unless(
        basicConstraints?.cA === false && basicConstraints.pathLenConstraint === undefined,
        'absent, of a CA, or with a path length',
      ),
  },
  {
    name: 'keyUsageEndEntity',
    source: 'RFC 5280 section 4.2.1.3: digitalSignature and keyEncipherment',
    check: ({ keyUsageBits }) => unless(isSame(keyUsageBits, [0, 2]), 'other bits are set'),
  },
];

/** What a person's certificate keeps. */
export const leafLints: readonly CertificateLint[] = [
  ...COMMON_LINTS,
  ...END_ENTITY_LINTS,
  {
    name: 'extKeyUsageClient',
    source: 'RFC 5280 section 4.2.1.12; AWS Client VPN user guide: one with serverAuth fails',
    check: ({ extKeyUsage }) => unless(isSame(extKeyUsage, [CLIENT_AUTH]), 'not clientAuth alone'),
  },
  {
    name: 'lifetime',
    source: 'docs/architecture.md: 180 days, configurable up to 398',
    check: ({ notBefore, notAfter }) =>
      unless(notAfter - notBefore <= LONGEST_LEAF_SECONDS, 'valid for longer than 440 days'),
  },
  {
    name: 'subjectAltNameLeaf',
    source: 'RFC 5280 section 4.2.1.6: never empty; one person URI, one rfc822Name',
    check: ({ subjectAltName }) => {
      if (subjectAltName === undefined) return undefined;
      const tags = subjectAltName.map(({ tag }) => tag);
      return unless(
        tags.length > 0 &&
          new Set(tags).size === tags.length &&
          subjectAltName.every(
            ({ tag, text }) =>
              (tag === 6 && /^urn:vpn-portal:person:[0-9a-z]+$/.test(text)) ||
              (tag === 1 && /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(text)),
          ),
        'empty, or a name that is neither the person nor an address',
      );
    },
  },
];

/** What the endpoint's server certificate keeps. */
export const serverLints: readonly CertificateLint[] = [
  ...COMMON_LINTS,
  ...END_ENTITY_LINTS,
  {
    name: 'extKeyUsageServer',
    source: 'RFC 5280 section 4.2.1.12; the exported profile has remote-cert-tls server',
    check: ({ extKeyUsage }) => unless(isSame(extKeyUsage, [SERVER_AUTH]), 'not serverAuth alone'),
  },
  {
    name: 'subjectAltNameServer',
    source: 'RFC 6125 section 6.4; AWS Client VPN: "Certificate … does not have a domain"',
    check: ({ subjectAltName }) =>
      unless(
        subjectAltName?.length === 1 &&
          subjectAltName.every(({ tag, text }) => tag === 2 && /^([a-z0-9-]+\.)+[a-z0-9-]+$/i.test(text)),
        'not one dNSName with a domain',
      ),
  },
];

/** What the CA's own certificate keeps; its issuer is itself. */
export const authorityLints: readonly CertificateLint[] = [
  ...COMMON_LINTS,
  {
    name: 'selfIssued',
    source: 'RFC 5280 section 3.2',
    check: ({ subjectDer, issuerDer }) =>
      unless(hexFrom(subjectDer) === hexFrom(issuerDer), 'subject is not issuer'),
  },
  {
    name: 'basicConstraintsAuthority',
    source: 'RFC 5280 section 4.2.1.9',
    check: ({ basicConstraints }) =>
      unless(
        basicConstraints?.cA === true && basicConstraints.pathLenConstraint === 0,
        'absent, not a CA, or not of path length 0',
      ),
  },
  {
    name: 'keyUsageAuthority',
    source: 'RFC 5280 section 4.2.1.3: keyCertSign and cRLSign',
    check: ({ keyUsageBits }) => unless(isSame(keyUsageBits, [5, 6]), 'other bits are set'),
  },
  {
    name: 'noExtKeyUsage',
    source: 'RFC 5280 section 4.2.1.12: in general not in a CA certificate',
    check: ({ extKeyUsage, subjectAltName }) =>
      unless(extKeyUsage === undefined && subjectAltName === undefined, 'limits what the CA may sign'),
  },
];

/**
 * Demands that a person's certificate keeps every rule, before it is signed.
 *
 * @throws Error naming each broken rule, which is our bug and never the caller's mistake
 */
export function assertCertificateLints(tbsCertificateDer: Uint8Array, issuer: CaFacts): void {
  assertLints(leafLints, { ...readTbsCertificate(tbsCertificateDer), issuer });
}

/** The same for the endpoint's server certificate. */
export function assertServerCertificateLints(tbsCertificateDer: Uint8Array, issuer: CaFacts): void {
  assertLints(serverLints, { ...readTbsCertificate(tbsCertificateDer), issuer });
}

/** The same for the CA's own certificate. */
export function assertCaCertificateLints(tbsCertificateDer: Uint8Array): void {
  const facts = readTbsCertificate(tbsCertificateDer);
  const subjectKeyIdentifierHex = facts.subjectKeyIdentifierHex ?? '';
  const issuer = { ...facts, subjectNameDer: facts.subjectDer, subjectKeyIdentifierHex };
  assertLints(authorityLints, { ...facts, issuer });
}
