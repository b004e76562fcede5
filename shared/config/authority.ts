import * as z from 'zod/mini';
import { isCaId } from '../domain/endpoint.ts';
import { SECONDS_PER_DAY } from '../domain/time.ts';
import { formed, slice, text, whole, words } from './slice.ts';

export const caId = z.string().check(z.refine(isCaId, 'a to z, 0 to 9 and -, at most 15'));

/** CAs in the order in which they issue: the first that an endpoint trusts does. */
export const issuingSlice = slice(
  {
    ISSUING_CA_IDS: z.pipe(
      z.pipe(z.string(), z.transform(words)),
      z.array(caId).check(z.minLength(1, 'at least one CA')),
    ),
  },
  (env) => ({ issuingCaIds: env.ISSUING_CA_IDS }),
);

/** Of the company, as it stands in certificates. */
export const companyName = text.check(z.maxLength(40), z.regex(/^\P{C}+$/u, 'no control characters'));

/** Of the server certificate: Client VPN wants one with a dot. */
export const serverName = formed(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain name');

export const profileSlice = slice(
  {
    COMPANY_NAME: companyName,
    CERTIFICATE_LIFETIME_DAYS: whole(1, 398),
    RENEWAL_WINDOW_PERCENT: whole(5, 45),
    CERTIFICATE_NAMES_PERSON: z.stringbool(),
    CERTIFICATE_NAMES_EMAIL: z.stringbool(),
  },
  (env) => ({
    organization: env.COMPANY_NAME,
    lifetimeSeconds: env.CERTIFICATE_LIFETIME_DAYS * SECONDS_PER_DAY,
    renewalWindowPercent: env.RENEWAL_WINDOW_PERCENT,
    nameThePerson: env.CERTIFICATE_NAMES_PERSON,
    nameTheEmail: env.CERTIFICATE_NAMES_EMAIL,
  }),
);
