import * as z from 'zod/mini';
import { isTimeZone } from '../domain/calendar.ts';
import { parsePersonId, type PersonId } from '../domain/identity.ts';
import type { SurgePolicy } from '../domain/surge.ts';
import { namesOf, sources } from '../source-declarations.ts';
import { slice, whole, words } from './slice.ts';

export const sourcesSlice = slice({ OFFBOARDING_SOURCES: sources }, (env) => ({
  declarations: env.OFFBOARDING_SOURCES,
  aliasKindOf: new Map(
    env.OFFBOARDING_SOURCES.flatMap((one) => namesOf(one).map((name) => [name, one.aliasKind] as const)),
  ),
  requiredAliasKinds: [...new Set(env.OFFBOARDING_SOURCES.map(({ aliasKind }) => aliasKind))],
}));

/** The mapping files that sources name, as JSON by file name; judged by who uses them, and when a stage is packaged. */
export const mappingsSlice = slice({ OFFBOARDING_MAPPINGS: z.string() }, (env) => ({
  mappingsJson: env.OFFBOARDING_MAPPINGS,
}));

/** Where the company's days end: a last day without an offset is over at midnight there. */
export const companyTimeZone = z
  .string()
  .check(z.refine(isTimeZone, 'a name of the IANA time zone database, such as Europe/Berlin, or UTC'));

export const calendarSlice = slice({ COMPANY_TIME_ZONE: companyTimeZone }, (env) => ({
  timeZone: env.COMPANY_TIME_ZONE,
}));

export const surgeSlice = slice(
  { SURGE_LEAST_PEOPLE: whole(1, 10_000), SURGE_PERCENT: whole(0, 100) },
  (env): SurgePolicy => ({
    leastPeople: env.SURGE_LEAST_PEOPLE,
    percentOfHolders: env.SURGE_PERCENT,
  }),
);

const MOST_BREAK_GLASS_PEOPLE = 10;
const personIds = z.pipe(
  z.pipe(z.string(), z.transform(words)),
  z.pipe(
    z
      .array(
        z
          .string()
          .check(
            z.refine(
              (word) => parsePersonId(word) !== undefined,
              'person ids, as GET /v1/me shows them, with spaces between',
            ),
          ),
      )
      .check(z.maxLength(MOST_BREAK_GLASS_PEOPLE, `at most ${MOST_BREAK_GLASS_PEOPLE} people`)),
    z.transform(
      (ids): ReadonlySet<PersonId> => new Set(ids.map(parsePersonId).filter((id) => id !== undefined)),
    ),
  ),
);

/** Those whom no source may deny. A short list: each of them is one who keeps access though HR says otherwise. */
export const breakGlassSlice = slice({ BREAK_GLASS_PEOPLE: personIds }, (env) => ({
  breakGlass: env.BREAK_GLASS_PEOPLE,
}));

/** `hr=arn:aws:secretsmanager:…`: where each source's secrets are. A source without one answers 503. */
export const sourceSecretsSlice = slice({ OFFBOARDING_SECRET_ARNS: z.string() }, (env) => ({
  secretIdOf: new Map(
    env.OFFBOARDING_SECRET_ARNS.split(' ')
      .filter((item) => item !== '')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
  ),
}));

/** Where a token is put that a sender wants to be verified with, for an operator to read. */
export const sourceVerificationsSlice = slice({ SOURCE_VERIFICATIONS_SECRET_ARN: z.string() }, (env) => ({
  secretId: env.SOURCE_VERIFICATIONS_SECRET_ARN,
}));

/** Where SCIM's bearer tokens are; and what it means that a user is no longer active. */
export const scimSlice = slice(
  { SCIM_TOKENS_SECRET_ARN: z.string(), SCIM_DEACTIVATION: z.enum(['left', 'suspended']) },
  (env) => ({ tokensSecretArn: env.SCIM_TOKENS_SECRET_ARN, deactivation: env.SCIM_DEACTIVATION }),
);
