import * as z from 'zod/mini';
import { REVOKERS, stateOf, type CertificateRecord } from '../../domain/certificate-record.ts';
import { OWNER_REASONS, REVOCATION_REASONS } from '../../domain/revocation-reason.ts';
import { isoFromSeconds, type EpochSeconds } from '../../domain/time.ts';
import { pemFrom } from '../../domain/x509/pem.ts';

const deviceName = z
  .string()
  .check(z.minLength(1), z.maxLength(64))
  .register(z.globalRegistry, {
    description: 'What you call the device. Shown in lists only.',
    example: 'work laptop',
  });

const certificationRequest = z.strictObject({
  csr: z.string().check(z.minLength(1), z.maxLength(16_384)).register(z.globalRegistry, {
    description:
      'PKCS #10 (RFC 2986) as PEM or base64 DER: an RSA-2048 key and proof that you have it; the rest is ignored.',
  }),
});

const serverGeneratedKey = z.strictObject({
  keyGeneration: z.literal('server'),
  format: z.enum(['pem', 'pkcs12']),
  passphrase: z
    .optional(z.string().check(z.regex(/^[\x20-\x7e]{12,128}$/, '12 to 128 printable ASCII characters')))
    .register(z.globalRegistry, {
      description: 'Needed for pkcs12: protects the file on its way to your device.',
    }),
});

/** POST /v1/certificates. */
export const issueRequest = z
  .union([z.extend(certificationRequest, { deviceName }), z.extend(serverGeneratedKey, { deviceName })])
  .register(z.globalRegistry, { id: 'IssueCertificateRequest' });
export type IssueRequest = z.infer<typeof issueRequest>;

/** POST /v1/certificates/{certificateId}/renewal: a new key for the same device. */
export const renewalRequest = z
  .union([certificationRequest, serverGeneratedKey])
  .register(z.globalRegistry, { id: 'RenewCertificateRequest' });
export type RenewalRequest = z.infer<typeof renewalRequest>;

/** POST /v1/certificates/{certificateId}/revocation. */
export const revocationRequest = z
  .strictObject({
    reason: z
      .string()
      .check(z.maxLength(32))
      .register(z.globalRegistry, { description: `One of ${OWNER_REASONS.join(', ')}.` }),
  })
  .register(z.globalRegistry, { id: 'RevocationRequest' });

/** GET /v1/certificates/{certificateId}/profile. */
export const profileQuery = z.object({
  endpointId: z
    .optional(z.string().check(z.maxLength(64)))
    .register(z.globalRegistry, { description: 'One of the certificate’s endpoints; the first when absent' }),
});

const time = z.iso.datetime();

export const certificateView = z
  .object({
    certificateId: z
      .string()
      .register(z.globalRegistry, {
        description: '16 letters of Crockford base32',
        example: '7K3M9QZ2X4T1ABCD',
      }),
    serialNumber: z.string().register(z.globalRegistry, { description: '20 hex digits' }),
    commonName: z.string(),
    deviceName: z.string(),
    caId: z.string(),
    state: z.enum(['reserved', 'active', 'revoked', 'expired']),
    endpointIds: z.array(z.string()),
    notBefore: time,
    notAfter: time,
    issuedAt: z.optional(time),
    lastUsedAt: z.optional(time),
    fingerprintSha256: z.optional(z.string()),
    renewableFrom: z.optional(time).register(z.globalRegistry, {
      description:
        'From then on it can be renewed, while it is active; at any time where its CA issues no more',
    }),
    predecessorId: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'The certificate that it renews' }),
    successorId: z
      .optional(z.string())
      .register(z.globalRegistry, {
        description: 'The certificate that renews it; it ends once that one has connected',
      }),
    revocation: z.optional(
      z.object({
        revocationDate: time,
        reason: z.enum(Object.keys(REVOCATION_REASONS) as [keyof typeof REVOCATION_REASONS]),
        by: z.enum(REVOKERS),
      }),
    ),
  })
  .register(z.globalRegistry, { id: 'Certificate' });

export const issuedCertificateView = z
  .extend(certificateView, {
    certificate: z.string().register(z.globalRegistry, { description: 'PEM' }),
    chain: z.string().register(z.globalRegistry, { description: 'PEM of the CA' }),
    profile: z
      .string()
      .register(z.globalRegistry, { description: 'OpenVPN profile; the key’s place is marked' }),
    privateKey: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'PKCS #8 PEM; in this one answer only' }),
    pkcs12: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'base64; in this one answer only' }),
  })
  .register(z.globalRegistry, { id: 'IssuedCertificate' });

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

export const certificateDetailsView = z
  .extend(certificateView, {
    certificate: z.optional(z.string()).register(z.globalRegistry, { description: 'PEM, once issued' }),
  })
  .register(z.globalRegistry, { id: 'CertificateDetails' });

export const viewCertificateDetails = (
  record: CertificateRecord,
  now: EpochSeconds,
): z.infer<typeof certificateDetailsView> => ({
  ...viewCertificate(record, now),
  ...(record.issued && { certificate: pemFrom('CERTIFICATE', record.issued.certificateDer) }),
});

export const meView = z
  .object({
    personId: z.string(),
    login: z.string(),
    email: z.optional(z.string()),
    mayEnrol: z.boolean(),
    refusal: z.optional(z.object({ code: z.string(), detail: z.string() })),
    quota: z.object({ live: z.int(), deviceQuota: z.int(), retryAt: z.optional(time) }),
    endpoints: z.array(
      z.object({
        endpointId: z.string(),
        caId: z.string(),
        isForNewCertificates: z.boolean().register(z.globalRegistry, {
          description: 'Whether a certificate that is issued now is for this endpoint',
        }),
      }),
    ),
    certificates: z.array(certificateView),
  })
  .register(z.globalRegistry, { id: 'Me' });
