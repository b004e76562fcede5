import * as z from 'zod/mini';
import { OWNER_REASONS } from '../../domain/revocation-reason.ts';

const deviceName = z.string().check(z.minLength(1), z.maxLength(64)).register(z.globalRegistry, {
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
