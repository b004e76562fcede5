import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import type { RevokedCertificate } from '../../../shared/domain/crl-facts.ts';
import type { PersonId } from '../../../shared/domain/identity.ts';
import type { RevocationReason } from '../../../shared/domain/revocation-reason.ts';
import type { EpochSeconds } from '../../../shared/domain/time.ts';
import {
  buildTbsCaCertificate,
  buildTbsServerCertificate,
} from '../../../shared/domain/x509/authority-certificates.ts';
import { readCaFacts, type CaFacts } from '../../../shared/domain/x509/ca-facts.ts';
import {
  assembleCertificate,
  buildTbsCertificate,
  type CertificateProfile,
} from '../../../shared/domain/x509/certificate.ts';
import { assembleCertList, buildTbsCertList, type CertListRequest } from '../../../shared/domain/x509/crl.ts';
import { x509Time } from '../../../shared/domain/x509/x509-time.ts';
import { newRsaKey } from '../../support/rsa-keys.ts';

/** 18 September 2026, 12:00:00 UTC. */
export const NOW = 1_789_732_800;
export const DAY = 86_400;

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly subjectPublicKeyInfoDer: Uint8Array;
  readonly sign: (octets: Uint8Array) => Uint8Array;
}

const keys = new Map<string, TestKey>();

/** An RSA-2048 key, made once per name and test file. */
export function testKey(name: string): TestKey {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const privateKey = newRsaKey();
  const publicKey = createPublicKey(privateKey);
  const key: TestKey = {
    privateKey,
    subjectPublicKeyInfoDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    sign: (octets) => new Uint8Array(sign('sha256', octets, privateKey)),
  };
  keys.set(name, key);
  return key;
}

export const serialNumberFrom = (value: bigint | number): SerialNumber =>
  value.toString(16).padStart(20, '0') as SerialNumber;

export interface TestCa {
  readonly certificateDer: Uint8Array;
  readonly facts: CaFacts;
  readonly key: TestKey;
}

/** A CA valid from an hour before `at` for ten years. */
export function testCa(name = 'ca', at = NOW): TestCa {
  const key = testKey(name);
  const tbs = buildTbsCaCertificate({
    serialNumber: serialNumberFrom(1),
    commonName: 'VPN CA',
    organization: 'Example Ltd',
    subjectPublicKeyInfoDer: key.subjectPublicKeyInfoDer,
    notBefore: at - 3600,
    notAfter: at + 3652 * DAY,
  });
  const certificateDer = assembleCertificate(tbs, key.sign(tbs));
  return { certificateDer, facts: readCaFacts(certificateDer), key };
}

export const leafProfile = (ca: TestCa, overrides: Partial<CertificateProfile> = {}): CertificateProfile => ({
  serialNumber: '3a0b1c2d3e4f50617283' as SerialNumber,
  issuer: ca.facts,
  commonName: '7C5HSB9YA1864RM2.alice@example.com',
  organization: 'Example Ltd',
  personId: 'abcdefghjkmnpqrstvwxyz0123' as PersonId,
  email: 'alice@example.com',
  subjectPublicKeyInfoDer: testKey('leaf').subjectPublicKeyInfoDer,
  notBefore: NOW - 300,
  notAfter: NOW + 180 * DAY,
  ...overrides,
});

export function testLeafDer(ca: TestCa, overrides: Partial<CertificateProfile> = {}): Uint8Array {
  const tbs = buildTbsCertificate(leafProfile(ca, overrides));
  return assembleCertificate(tbs, ca.key.sign(tbs));
}

export const serverTbs = (ca: TestCa): Uint8Array =>
  buildTbsServerCertificate({
    serialNumber: serialNumberFrom(2),
    issuer: ca.facts,
    serverName: 'vpn.example.com',
    organization: 'Example Ltd',
    subjectPublicKeyInfoDer: testKey('server').subjectPublicKeyInfoDer,
    notBefore: NOW - 300,
    notAfter: NOW + 825 * DAY,
  });

const REASONS: readonly RevocationReason[] = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
];

/** The odd constant spreads the numbers over all 79 bits; some need a sign octet, and their order is mixed. */
export const revokedCertificates = (count: number, at = NOW): RevokedCertificate[] =>
  Array.from({ length: count }, (_, index) => ({
    serialNumber: serialNumberFrom((BigInt(index + 1) * 0x5851_f42d_4c95_7f2d_1405n) % (1n << 79n)),
    revocationDate: at - 1 - index,
    reason: REASONS[index % REASONS.length] ?? 'unspecified',
  }));

export const listRequest = (
  ca: TestCa,
  revoked: readonly RevokedCertificate[],
  overrides: Partial<CertListRequest> = {},
): CertListRequest => ({
  issuer: ca.facts,
  crlNumber: 7,
  thisUpdate: NOW - 300,
  nextUpdate: NOW + 60 * DAY,
  revoked,
  ...overrides,
});

export function testCrlDer(
  ca: TestCa,
  revoked: readonly RevokedCertificate[],
  overrides: Partial<CertListRequest> = {},
): Uint8Array {
  const tbs = buildTbsCertList(listRequest(ca, revoked, overrides));
  return assembleCertList(tbs, ca.key.sign(tbs));
}

/** An X.509 Time as DER. */
export const timeDer = (at: EpochSeconds): Uint8Array => new Uint8Array(x509Time(at).toSchema().toBER());

/** A file of `test/vectors`. */
export const vector = (path: string): Buffer =>
  readFileSync(new URL(`../../vectors/${path}`, import.meta.url));
