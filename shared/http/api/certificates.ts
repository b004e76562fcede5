import * as z from 'zod/mini';
import { REVOKERS } from '../../domain/certificate-record.ts';
import { REVOCATION_REASONS } from '../../domain/revocation-reason.ts';

const time = z.iso.datetime();

export const certificateView = z
  .object({
    certificateId: z.string().register(z.globalRegistry, {
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
    successorId: z.optional(z.string()).register(z.globalRegistry, {
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

export const certificateDetailsView = z
  .extend(certificateView, {
    certificate: z.optional(z.string()).register(z.globalRegistry, { description: 'PEM, once issued' }),
  })
  .register(z.globalRegistry, { id: 'CertificateDetails' });

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
