import * as z from 'zod';
import type { ClaimNames } from './http/caller.ts';
import { isTimeZone } from './domain/calendar.ts';
import type { AccessPolicy } from './domain/caller.ts';
import type { EnrolmentPolicy } from './domain/enrolment-policy.ts';
import { isCaId } from './domain/endpoint.ts';
import { GATE_MODES, type GatePolicy } from './domain/gate-policy.ts';
import { ALIAS_KINDS, parsePersonId, type PersonId } from './domain/identity.ts';
import {
  NAME_KINDS,
  RECONCILIATION_MODES,
  type NameMapping,
  type ReconciliationPolicy,
} from './domain/reconciliation.ts';
import { isSafeAddress } from './domain/safe-address.ts';
import type { SurgePolicy } from './domain/surge.ts';
import type { PublicationPolicy } from './domain/publication.ts';
import type { ServerRenewalPolicy } from './domain/server-certificate.ts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE } from './domain/time.ts';
import { namesOf, sources } from './source-declarations.ts';

/**
 * A slice is what one subject needs of the environment: the variables, and the names with units that the code uses.
 * A function parses the slices it needs and no others, all faults at once, when it is loaded: a bad deploy fails
 * loudly, and the gate needs no variable of the publisher.
 */
export interface Slice<Config> {
  readonly shape: z.ZodRawShape;
  readonly read: (environment: Readonly<Record<string, unknown>>) => Config;
}

const slice = <Shape extends z.ZodRawShape, Config>(
  shape: Shape,
  read: (environment: z.infer<z.ZodObject<Shape>>) => Config,
): Slice<Config> => ({ shape, read: read as Slice<Config>['read'] });

const text = z.string().min(1);
// z.coerce reads '' as 0, so the text is looked at first.
const whole = (least: number, most: number) =>
  z.string().regex(/^\d+$/, 'a whole number').transform(Number).pipe(z.int().min(least).max(most));

export const tableSlice = slice({ TABLE_NAME: text }, (env) => ({ tableName: env.TABLE_NAME }));

/** `amr=mfa hwk`: the claim, and the values of which one must be in it. Empty: nobody asks. */
const mfaClaim = z
  .string()
  .regex(/^$|^[^=\s]+=\S+( \S+)*$/, 'empty, or <claim>=<value> <value>…, such as amr=mfa')
  .transform((value) => {
    const [claim = '', values = ''] = [
      value.slice(0, value.indexOf('=')),
      value.slice(value.indexOf('=') + 1),
    ];
    return value === '' ? undefined : { claim, values: values.split(' ') };
  });

const words = (list: string): string[] => list.split(' ').filter((word) => word !== '');

/** A domain as it stands before or behind a user name: `CORP`, `corp.example.com`. */
export const signInDomains = z
  .string()
  .transform(words)
  .pipe(z.array(z.string().regex(/^[A-Za-z0-9._-]{1,254}$/, 'domains such as CORP, with spaces between')));

/** With which names people sign in at the endpoint beside their certificate, if they do. */
export const signInName = z.enum(['none', ...ALIAS_KINDS]);

export const gateMode = z.enum(GATE_MODES);

export const gateSlice = slice(
  { GATE_MODE: gateMode, SIGN_IN_NAME: signInName, SIGN_IN_DOMAINS: signInDomains },
  (env): GatePolicy => ({
    mode: env.GATE_MODE,
    ...(env.SIGN_IN_NAME === 'none'
      ? {}
      : { signIn: { nameKind: env.SIGN_IN_NAME, domains: env.SIGN_IN_DOMAINS } }),
  }),
);

export const claimsSlice = slice(
  {
    CLAIM_PERSON: text,
    CLAIM_LOGIN: text,
    CLAIM_EMAIL: text,
    CLAIM_EMPLOYEE_NUMBER: text,
    CLAIM_GROUPS: text,
    CLAIM_ROLES: text,
    MFA_CLAIM: mfaClaim,
  },
  (env): ClaimNames => ({
    person: env.CLAIM_PERSON.split(' '),
    login: env.CLAIM_LOGIN,
    email: env.CLAIM_EMAIL,
    employeeNumber: env.CLAIM_EMPLOYEE_NUMBER,
    groups: env.CLAIM_GROUPS,
    roles: env.CLAIM_ROLES,
    ...(env.MFA_CLAIM === undefined ? {} : { mfa: env.MFA_CLAIM }),
  }),
);

export const accessSlice = slice(
  {
    EMPLOYEE_SCOPE: text,
    ADMIN_SCOPE: text,
    ENROL_GROUP: text,
    ADMIN_ROLE: text,
    AUDITOR_ROLE: text,
    FRESH_SIGN_IN_MINUTES: whole(1, 60),
  },
  (env): AccessPolicy => ({
    employeeScope: env.EMPLOYEE_SCOPE,
    adminScope: env.ADMIN_SCOPE,
    enrolGroup: env.ENROL_GROUP,
    adminRole: env.ADMIN_ROLE,
    auditorRole: env.AUDITOR_ROLE,
    freshSignInSeconds: env.FRESH_SIGN_IN_MINUTES * SECONDS_PER_MINUTE,
  }),
);

export const enrolmentSlice = slice(
  { DEVICE_QUOTA: whole(1, 50), ISSUES_PER_DAY: whole(1, 100), ISSUES_PER_90_DAYS: whole(1, 1_000) },
  (env): EnrolmentPolicy => ({
    deviceQuota: env.DEVICE_QUOTA,
    issuesPerDay: env.ISSUES_PER_DAY,
    issuesPer90Days: env.ISSUES_PER_90_DAYS,
  }),
);

export const caId = z.string().refine(isCaId, 'a to z, 0 to 9 and -, at most 15');

export const authoritySlice = slice({ CA_ID: caId }, (env) => ({ caId: env.CA_ID }));

/** Of the company, as it stands in certificates. */
export const companyName = text.max(40).regex(/^\P{C}+$/u, 'no control characters');
/** Of the server certificate: Client VPN wants one with a dot. */
export const serverName = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain name');

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
  .refine(isTimeZone, 'a name of the IANA time zone database, such as Europe/Berlin, or UTC');

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
const personIds = z.string().transform((value, context): ReadonlySet<PersonId> => {
  const words = value.split(' ').filter((item) => item !== '');
  const ids = words.map(parsePersonId).filter((id) => id !== undefined);
  if (ids.length < words.length)
    context.addIssue('person ids, as GET /v1/me shows them, with spaces between');
  if (ids.length > MOST_BREAK_GLASS_PEOPLE) context.addIssue(`at most ${MOST_BREAK_GLASS_PEOPLE} people`);
  return new Set(ids);
});

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

/** Where SCIM's bearer tokens are; and what it means that a user is no longer active. */
export const scimSlice = slice(
  { SCIM_TOKENS_SECRET_ARN: z.string(), SCIM_DEACTIVATION: z.enum(['left', 'suspended']) },
  (env) => ({ tokensSecretArn: env.SCIM_TOKENS_SECRET_ARN, deactivation: env.SCIM_DEACTIVATION }),
);

/** The version of the gate that a deployment is about to open; its ARN ends with its number. */
export const gateVersionSlice = slice({ GATE_VERSION_ARN: text }, (env) => ({
  versionArn: env.GATE_VERSION_ARN,
}));

export const queuesSlice = slice(
  { CONNECTIONS_QUEUE_URL: z.url(), PUBLICATION_QUEUE_URL: z.url() },
  (env) => ({
    connectionsQueueUrl: env.CONNECTIONS_QUEUE_URL,
    publicationQueueUrl: env.PUBLICATION_QUEUE_URL,
  }),
);

const quietHours = z
  .string()
  .regex(/^([01]?\d|2[0-3])-([01]?\d|2[0-4])$/, 'hours of the day in UTC, such as 2-4')
  .transform((value) => {
    const [fromHour = 0, toHour = 0] = value.split('-').map(Number);
    return { fromHour, toHour };
  });

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
/** Where messages go that no later try can mend. */
export const deadLettersSlice = slice({ DEAD_LETTERS_QUEUE_URL: z.url() }, (env) => ({
  deadLettersQueueUrl: env.DEAD_LETTERS_QUEUE_URL,
}));

/** Where what was written down is kept for good. */
export const journalSlice = slice({ JOURNAL_BUCKET: text }, (env) => ({ bucket: env.JOURNAL_BUCKET }));

export const DIRECTORY_KINDS = ['none', 'scim', 'okta', 'entra'] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];
const directoryKind = z.enum(DIRECTORY_KINDS);

/** Which directory people are compared with; the other functions need no more of it. */
export const directoryKindSlice = slice({ RECONCILIATION_DIRECTORY: directoryKind }, (env) => ({
  hasDirectory: env.RECONCILIATION_DIRECTORY !== 'none',
}));

/** Where the directory is. */
export const directoryUrl = z
  .string()
  .refine(
    (value) => value === '' || isSafeAddress(value),
    'an https address such as https://example.okta.com',
  );

/** `email=mail email=userPrincipalName subject=id`: by which attributes of the directory people are found. */
export const directoryNames = z.string().transform((value, context): NameMapping =>
  words(value).map((word) => {
    const [, name = '', attribute = ''] = /^([A-Za-z]+)=([A-Za-z0-9_.:-]{1,200})$/.exec(word) ?? [];
    const kind = NAME_KINDS.find((known) => known === name);
    if (kind === undefined) {
      context.addIssue(`"${word}" is not <${NAME_KINDS.join('|')}>=<attribute>`);
      return z.NEVER;
    }
    return { kind, attribute };
  }),
);

export const directorySlice = slice(
  {
    RECONCILIATION_DIRECTORY: directoryKind,
    RECONCILIATION_URL: directoryUrl,
    RECONCILIATION_NAMES: directoryNames,
    DIRECTORY_SECRET_ARN: text,
  },
  (env) => ({
    kind: env.RECONCILIATION_DIRECTORY,
    url: env.RECONCILIATION_URL,
    names: env.RECONCILIATION_NAMES,
    secretId: env.DIRECTORY_SECRET_ARN,
  }),
);

export const reconciliationSlice = slice(
  {
    RECONCILIATION_MODE: z.enum(RECONCILIATION_MODES),
    RECONCILIATION_HOUR_UTC: whole(0, 23),
    RECONCILIATION_MOST_MISSING_PERCENT: whole(1, 90),
  },
  (env): Omit<ReconciliationPolicy, 'names'> => ({
    mode: env.RECONCILIATION_MODE,
    hourUtc: env.RECONCILIATION_HOUR_UTC,
    mostMissingPercent: env.RECONCILIATION_MOST_MISSING_PERCENT,
  }),
);

export const noticesSlice = slice({ HOLDERS_TOPIC_ARN: text, OPERATORS_TOPIC_ARN: text }, (env) => ({
  holdersTopicArn: env.HOLDERS_TOPIC_ARN,
  operatorsTopicArn: env.OPERATORS_TOPIC_ARN,
}));

type Slices = Readonly<Record<string, Slice<unknown>>>;
type ConfigOf<S extends Slices> = {
  readonly [Name in keyof S]: S[Name] extends Slice<infer Config> ? Config : never;
};

/**
 * Parses the slices of the environment that a function needs.
 *
 * @throws z.ZodError naming every bad or missing variable at once
 */
export function parseConfig<S extends Slices>(env: NodeJS.ProcessEnv, slices: S): ConfigOf<S> {
  const shape = Object.values(slices).reduce<z.ZodRawShape>((all, one) => ({ ...all, ...one.shape }), {});
  const parsed = z.object(shape).parse(env);
  const entries = Object.entries(slices).map(([name, { read }]) => [name, read(parsed)] as const);
  return Object.freeze(Object.fromEntries(entries)) as ConfigOf<S>;
}
