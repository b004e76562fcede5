import * as z from 'zod/mini';
import type { AccessPolicy } from '../domain/caller.ts';
import type { EnrolmentPolicy } from '../domain/enrolment-policy.ts';
import { SECONDS_PER_MINUTE } from '../domain/time.ts';
import type { ClaimNames } from '../http/caller.ts';
import { formed, slice, text, whole } from './slice.ts';

/** `amr=mfa hwk`: the claim, and the values of which one must be in it. Empty: nobody asks. */
const mfaClaim = z.pipe(
  formed(/^$|^[^=\s]+=\S+( \S+)*$/, 'empty, or <claim>=<value> <value>…, such as amr=mfa'),
  z.transform((value: string) => {
    const [claim, values] = [value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)];
    return value === '' ? undefined : { claim, values: values.split(' ') };
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
