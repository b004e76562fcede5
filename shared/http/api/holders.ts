import * as z from 'zod/mini';
import { isoFromSeconds, type EpochSeconds } from '../../domain/time.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import type { Person } from '../../domain/person.ts';
import { viewCertificate } from './certificate-views.ts';
import { certificateView } from './certificates.ts';

/** Who still holds a certificate of a CA, a page at a time. */
export const holdersView = z
  .object({
    caId: z.string(),
    caNotAfter: z.iso.datetime(),
    holders: z.array(
      z.object({
        personId: z.string(),
        login: z.optional(z.string()),
        email: z.optional(z.string()),
        isDenied: z.boolean(),
        certificate: certificateView,
      }),
    ),
    nextCursor: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'For the next page; absent on the last' }),
  })
  .register(z.globalRegistry, { id: 'Holders' });

export const viewHolders = (
  caId: string,
  {
    caNotAfter,
    holders,
    nextCursor,
  }: {
    readonly caNotAfter: EpochSeconds;
    readonly holders: readonly {
      readonly certificate: CertificateRecord;
      readonly person: Person | undefined;
    }[];
    readonly nextCursor?: string;
  },
  now: EpochSeconds,
): z.infer<typeof holdersView> => ({
  caId,
  caNotAfter: isoFromSeconds(caNotAfter),
  holders: holders.map(({ certificate, person }) => ({
    personId: certificate.personId,
    ...(person === undefined ? {} : { login: person.login }),
    ...(person?.email === undefined ? {} : { email: person.email }),
    isDenied: person !== undefined && person.denials.length > 0,
    certificate: viewCertificate(certificate, now),
  })),
  ...(nextCursor === undefined ? {} : { nextCursor }),
});
