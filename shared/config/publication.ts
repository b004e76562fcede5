import * as z from 'zod/mini';
import { CLIENT_VPN_CRL_QUOTA } from '../domain/crl-facts.ts';
import type { PublicationPolicy } from '../domain/publication.ts';
import type { ServerRenewalPolicy } from '../domain/server-certificate.ts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR } from '../domain/time.ts';
import { formed, slice, whole } from './slice.ts';

const quietHours = z.pipe(
  formed(/^([01]?\d|2[0-3])-([01]?\d|2[0-4])$/, 'hours of the day in UTC, such as 2-4'),
  z.transform((value: string) => {
    const [fromHour = 0, toHour = 0] = value.split('-').map(Number);
    return { fromHour, toHour };
  }),
);

export const publicationSlice = slice(
  {
    CRL_LIFE_DAYS: whole(7, 365),
    PUBLICATION_LONGEST_WAIT_HOURS: whole(0, 24),
    PUBLICATION_SPACING_HOURS: whole(0, 24),
    QUIET_HOURS_UTC: quietHours,
  },
  (env): PublicationPolicy => ({
    crlLifeSeconds: env.CRL_LIFE_DAYS * SECONDS_PER_DAY,
    longestWaitSeconds: env.PUBLICATION_LONGEST_WAIT_HOURS * SECONDS_PER_HOUR,
    mostEntries: CLIENT_VPN_CRL_QUOTA,
    spacingSeconds: env.PUBLICATION_SPACING_HOURS * SECONDS_PER_HOUR,
    quietHours: env.QUIET_HOURS_UTC,
  }),
);

export const serverRenewalSlice = slice(
  { SERVER_CERTIFICATE_RENEWAL_DAYS: whole(15, 365), QUIET_HOURS_UTC: quietHours },
  (env): ServerRenewalPolicy => ({
    renewBeforeSeconds: env.SERVER_CERTIFICATE_RENEWAL_DAYS * SECONDS_PER_DAY,
    quietHours: env.QUIET_HOURS_UTC,
  }),
);
