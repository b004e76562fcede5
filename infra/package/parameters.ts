import * as z from 'zod';
import * as config from '../../shared/config.ts';
import { childOf, isTreeObject, type Tree } from '../local/runner/yaml.ts';

import { endpointFaults, ENDPOINT_PARAMETERS, type Parameter } from './endpoint-parameters.ts';
import { isBrought } from './values.ts';

/*
 * What infra/aws/parameters.yml may hold. A parameter that becomes a variable is judged by the schema that its
 * function would use when it is loaded, only earlier: before anything is packaged or created.
 */

const VARIABLES = {
  ...config.claimsSlice.shape,
  ...config.accessSlice.shape,
  ...config.enrolmentSlice.shape,
  ...config.profileSlice.shape,
  ...config.sourcesSlice.shape,
  ...config.lookupsSlice.shape,
  ...config.publicationSlice.shape,
  ...config.serverRenewalSlice.shape,
  ...config.calendarSlice.shape,
  ...config.surgeSlice.shape,
  ...config.scimSlice.shape,
  ...config.breakGlassSlice.shape,
  ...config.directorySlice.shape,
  ...config.reconciliationSlice.shape,
};

const variable = (name: string, example: string): Parameter => {
  const schema = VARIABLES[name];
  if (schema === undefined) throw new Error(`no slice of shared/config.ts has ${name}`);
  return { schema, example };
};

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  region: {
    schema: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'an AWS Region'),
    example: 'eu-west-1',
  },
  companyName: variable('COMPANY_NAME', 'Example Company'),
  // API Gateway fetches the provider's keys, and compares with `iss` letter by letter.
  oidcIssuer: {
    schema: z.url({ protocol: /^https$/, error: 'an https address, exactly as the tokens name it in iss' }),
    example: 'https://login.example.com/oauth2/default',
  },
  oidcAudience: { schema: z.string().min(1), example: 'vpn-portal' },
  employeeScope: variable('EMPLOYEE_SCOPE', 'vpn'),
  adminScope: variable('ADMIN_SCOPE', 'vpn.admin'),
  claimPerson: variable('CLAIM_PERSON', 'sub'),
  claimLogin: variable('CLAIM_LOGIN', 'preferred_username'),
  claimEmail: variable('CLAIM_EMAIL', 'email'),
  claimEmployeeNumber: variable('CLAIM_EMPLOYEE_NUMBER', 'employee_number'),
  claimGroups: variable('CLAIM_GROUPS', 'groups'),
  claimRoles: variable('CLAIM_ROLES', 'roles'),
  mfaClaim: variable('MFA_CLAIM', 'amr=mfa'),
  enrolGroup: variable('ENROL_GROUP', 'vpn-users'),
  adminRole: variable('ADMIN_ROLE', 'vpn-admin'),
  auditorRole: variable('AUDITOR_ROLE', 'vpn-auditor'),
  freshSignInMinutes: variable('FRESH_SIGN_IN_MINUTES', '10'),
  deviceQuota: variable('DEVICE_QUOTA', '5'),
  issuesPerDay: variable('ISSUES_PER_DAY', '5'),
  issuesPer90Days: variable('ISSUES_PER_90_DAYS', '20'),
  caId: { schema: config.caId, example: 'ca1' },
  certificateLifetimeDays: variable('CERTIFICATE_LIFETIME_DAYS', '180'),
  renewalWindowPercent: variable('RENEWAL_WINDOW_PERCENT', '33'),
  certificateNamesPerson: variable('CERTIFICATE_NAMES_PERSON', 'true'),
  certificateNamesEmail: variable('CERTIFICATE_NAMES_EMAIL', 'true'),
  offboardingSources: variable('OFFBOARDING_SOURCES', 'hr:email people:email:personio'),
  directoryLookups: variable('DIRECTORY_LOOKUPS', 'people=https://api.personio.de'),
  oktaEventBus: {
    schema: z
      .string()
      .regex(/^$|^aws\.partner\/okta\.com\/[A-Za-z0-9._/-]+$/, 'a partner event bus of Okta, or nothing'),
    example: 'aws.partner/okta.com/example/vpn',
  },
  companyTimeZone: variable('COMPANY_TIME_ZONE', 'Europe/Berlin'),
  surgeLeastPeople: variable('SURGE_LEAST_PEOPLE', '10'),
  scimDeactivation: variable('SCIM_DEACTIVATION', 'left'),
  surgePercent: variable('SURGE_PERCENT', '3'),
  breakGlassPeople: variable('BREAK_GLASS_PEOPLE', '3n7k2q9x4t1a8b5c6d0e2f4g7h'),
  reconciliationDirectory: variable('RECONCILIATION_DIRECTORY', 'okta'),
  reconciliationUrl: variable('RECONCILIATION_URL', 'https://example.okta.com'),
  reconciliationNames: variable('RECONCILIATION_NAMES', 'email=profile.email'),
  reconciliationMode: variable('RECONCILIATION_MODE', 'report'),
  reconciliationHourUtc: variable('RECONCILIATION_HOUR_UTC', '3'),
  reconciliationMostMissingPercent: variable('RECONCILIATION_MOST_MISSING_PERCENT', '20'),
  crlLifeDays: variable('CRL_LIFE_DAYS', '60'),
  publicationLongestWaitHours: variable('PUBLICATION_LONGEST_WAIT_HOURS', '24'),
  publicationSpacingHours: variable('PUBLICATION_SPACING_HOURS', '6'),
  quietHoursUtc: variable('QUIET_HOURS_UTC', '2-4'),
  serverCertificateRenewalDays: variable('SERVER_CERTIFICATE_RENEWAL_DAYS', '90'),
  ...ENDPOINT_PARAMETERS,
  journalRetentionDays: {
    schema: z.string().regex(/^[1-9]\d{0,4}$/, 'a whole number of 1 to 36500'),
    example: '400',
  },
  journalLockMode: { schema: z.enum(['GOVERNANCE', 'COMPLIANCE']), example: 'GOVERNANCE' },
  alarmEmail: { schema: z.email(), example: 'vpn-operators@example.com' },
  gateReservedConcurrency: {
    schema: z.string().regex(/^[1-9]\d{0,2}$/, 'a whole number of 1 to 999'),
    example: '50',
  },
  gateAlarmRollback: { schema: z.stringbool(), example: 'true' },
};

/** Parameters that are missing, wrong or unknown: a line for each, with a good example. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/**
 * The parameters of a stage: given ones, then the stage's section, then the defaults.
 *
 * @param file infra/aws/parameters.yml
 * @param given values of `--param name=value`
 * @throws ParameterError with every fault at once
 */
export function readParameters(
  file: Tree,
  stage: string,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const known = Object.keys(PARAMETERS);
  const faults = [...new Set([...Object.keys(given), ...namesIn(file, 'default'), ...namesIn(file, stage)])]
    .filter((name) => !known.includes(name))
    .map((name) => `${name} is not a parameter. There are: ${known.join(', ')}`);
  const values: Record<string, string> = {};
  const valueOf = (name: string): string | undefined =>
    given[name] ?? textOf(file, stage, name) ?? textOf(file, 'default', name);
  const brought = isBrought({ endpointId: valueOf('endpointId') ?? '' });
  for (const [name, { schema, example, isOfOurEndpoint = false }] of Object.entries(PARAMETERS)) {
    const value = valueOf(name);
    if (value === undefined && brought && isOfOurEndpoint) continue;
    if (value === undefined) {
      faults.push(`${name} is missing. Give, for example: --param ${quoted(name, example)}`);
      continue;
    }
    const parsed = z.safeParse(schema, value);
    if (!parsed.success) {
      const why = parsed.error.issues.map(({ message }) => message).join('; ');
      faults.push(`${name} cannot be "${value}": ${why}. A good one: --param ${quoted(name, example)}`);
    }
    values[name] = value;
  }
  // What belongs together is looked at once each is right by itself.
  if (faults.length === 0) faults.push(...endpointFaults(values), ...directoryFaults(values));
  if (faults.length > 0) throw new ParameterError(faults);
  return values;
}

const directoryFaults = (values: Readonly<Record<string, string>>): string[] =>
  !['none', 'file'].includes(values['reconciliationDirectory'] ?? '') &&
  (values['reconciliationUrl'] ?? '') === ''
    ? [`reconciliationUrl is missing. Give, for example: --param reconciliationUrl=https://example.okta.com`]
    : [];

const namesIn = (file: Tree, section: string): string[] => {
  const tree = childOf(file, section);
  return isTreeObject(tree) ? Object.keys(tree) : [];
};

function textOf(file: Tree, section: string, name: string): string | undefined {
  const value = childOf(childOf(file, section), name);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** For a shell, where it has to be. */
const quoted = (name: string, value: string): string =>
  /\s/.test(value) ? `'${name}=${value}'` : `${name}=${value}`;
