import type * as z from 'zod/mini';
import { stateOf, type CertificateRecord } from '../../domain/certificate-record.ts';
import { isoFromSeconds, type EpochSeconds } from '../../domain/time.ts';
import { pemFrom } from '../../domain/x509/pem.ts';
import type { certificateDetailsView, certificateView } from './certificates.ts';

export function viewCertificate(
  record: CertificateRecord,
  now: EpochSeconds,
): z.infer<typeof certificateView> {
  const { issued, revocation, lastUsedAt, predecessorId, successorId } = record;
  const state = stateOf(record, now);
  return {
    certificateId: record.certificateId,
    serialNumber: record.serialNumber,
    commonName: record.commonName,
    deviceName: record.deviceName,
    caId: record.caId,
    state,
    endpointIds: [...record.endpointIds],
    notBefore: isoFromSeconds(record.notBefore),
    notAfter: isoFromSeconds(record.notAfter),
    ...(issued && {
      issuedAt: isoFromSeconds(issued.issuedAt),
      fingerprintSha256: issued.fingerprintSha256Hex,
    }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: isoFromSeconds(lastUsedAt) }),
    ...(state === 'active' ? { renewableFrom: isoFromSeconds(record.renewableFrom) } : {}),
    ...(predecessorId === undefined ? {} : { predecessorId }),
    ...(successorId === undefined ? {} : { successorId }),
    ...(revocation && {
      revocation: {
        revocationDate: isoFromSeconds(revocation.revocationDate),
        reason: revocation.reason,
        by: revocation.by,
      },
    }),
  };
}

export const viewCertificateDetails = (
  record: CertificateRecord,
  now: EpochSeconds,
): z.infer<typeof certificateDetailsView> => ({
  ...viewCertificate(record, now),
  ...(record.issued && { certificate: pemFrom('CERTIFICATE', record.issued.certificateDer) }),
});
