import type { JudgedCertificate } from '../../domain/access.ts';
import type { CertificateId } from '../../domain/certificate-id.ts';
import { parseCertificateId, serialNumberOf } from '../../domain/certificate-id.ts';
import { REVOKERS, type CertificateRecord, type Revocation } from '../../domain/certificate-record.ts';
import { parsePersonId } from '../../domain/identity.ts';
import { isRevocationReason } from '../../domain/revocation-reason.ts';
import type { RevocationReason } from '../../domain/revocation-reason.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { certificateKey } from './keys.ts';

/**
 * A certificate's item. With its to-be-signed octets and the certificate it stays under 4 KB, so that the gate's
 * strongly consistent read costs one unit, as it would without them.
 */
export const certificateItem = (record: CertificateRecord): Item => ({
  ...certificateKey(record.certificateId),
  ...certificateEntry(record),
});

/** The same without its key. */
export const certificateEntry = (record: CertificateRecord): Item => ({
  certificateId: record.certificateId,
  personId: record.personId,
  caId: record.caId,
  endpointIds: [...record.endpointIds],
  commonName: record.commonName,
  deviceName: record.deviceName,
  publicKeySha256Hex: record.publicKeySha256Hex,
  notBefore: record.notBefore,
  notAfter: record.notAfter,
  renewableFrom: record.renewableFrom,
  reservedAt: record.reservedAt,
  predecessorId: record.predecessorId,
  tbsCertificateDer: record.tbsCertificateDer,
});

export const issuedEntry = (issued: NonNullable<CertificateRecord['issued']>): Item => ({
  issuedAt: issued.issuedAt,
  certificateDer: issued.certificateDer,
  fingerprintSha256Hex: issued.fingerprintSha256Hex,
});

/** Where and under which time a revoked certificate's pending rows are, by which they are found again. */
export interface PendingPlaces {
  readonly since: EpochMilliseconds;
  readonly endpointIds: readonly string[];
}

export const revocationEntry = (revocation: Revocation, pending: PendingPlaces): Item => ({
  revocationDate: revocation.revocationDate,
  reason: revocation.reason,
  by: revocation.by,
  offboardingId: revocation.offboardingId,
  pendingSince: pending.since,
  pendingAt: [...pending.endpointIds],
});

export const readCertificateId = (reader: ItemReader): CertificateId =>
  reader.parsed('certificateId', parseCertificateId);

const readOtherId = (reader: ItemReader) => (name: string) => reader.parsed(name, parseCertificateId);

export const readReason = (reader: ItemReader): RevocationReason =>
  reader.parsed('reason', (text) => (isRevocationReason(text) ? text : undefined));

export function readCertificate(item: Item): CertificateRecord {
  const reader = new ItemReader(item);
  const certificateId = readCertificateId(reader);
  return {
    certificateId,
    serialNumber: serialNumberOf(certificateId),
    personId: reader.parsed('personId', parsePersonId),
    caId: reader.text('caId'),
    endpointIds: reader.texts('endpointIds'),
    commonName: reader.text('commonName'),
    deviceName: reader.text('deviceName'),
    publicKeySha256Hex: reader.text('publicKeySha256Hex'),
    notBefore: reader.whole('notBefore'),
    notAfter: reader.whole('notAfter'),
    renewableFrom: reader.whole('renewableFrom'),
    reservedAt: reader.whole('reservedAt'),
    tbsCertificateDer: reader.octets('tbsCertificateDer'),
    ...reader.optional('issued', (name) => readIssued(reader.map(name))),
    ...reader.optional('revocation', (name) => readRevocation(reader.map(name))),
    ...reader.optional('lastUsedAt', (name) => reader.whole(name)),
    ...reader.optional('predecessorId', readOtherId(reader)),
    ...reader.optional('successorId', readOtherId(reader)),
    ...reader.optional('remindedDays', (name) => reader.whole(name)),
  };
}

/** What a decision about a connection needs; the octets in the item are left alone. */
export function readJudgedCertificate(item: Item): JudgedCertificate {
  const reader = new ItemReader(item);
  return {
    certificateId: readCertificateId(reader),
    personId: reader.parsed('personId', parsePersonId),
    commonName: reader.text('commonName'),
    endpointIds: reader.texts('endpointIds'),
    notAfter: reader.whole('notAfter'),
    isIssued: reader.has('issued'),
    ...reader.optional('revocation', (name) => readRevocation(reader.map(name))),
    ...reader.optional('lastUsedAt', (name) => reader.whole(name)),
    ...reader.optional('predecessorId', readOtherId(reader)),
  };
}

const readIssued = (reader: ItemReader): NonNullable<CertificateRecord['issued']> => ({
  issuedAt: reader.whole('issuedAt'),
  certificateDer: reader.octets('certificateDer'),
  fingerprintSha256Hex: reader.text('fingerprintSha256Hex'),
});

const readRevocation = (reader: ItemReader): Revocation => ({
  revocationDate: reader.whole('revocationDate'),
  reason: readReason(reader),
  by: reader.oneOf('by', REVOKERS),
  ...reader.optional('offboardingId', (name) => reader.text(name)),
});

export function readPendingPlaces(item: Item): PendingPlaces {
  const reader = new ItemReader(item).map('revocation');
  return { since: reader.whole('pendingSince'), endpointIds: reader.texts('pendingAt') };
}
