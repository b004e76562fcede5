import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** What the portal does when something happens: each counted once, without what runs anyway. */
export const JOBS = {
  enrol: 'a certificate is asked for, issued, and its holder told',
  renew: 'a certificate is renewed, the holder told, and the old one retired once the new one is in use',
  remind: 'a holder is told that a certificate ends soon',
  connect: 'the gate is asked about a connection',
  noteUse: 'that a certificate is in use is written down, once an hour',
  look: 'a connection is looked at by the sweep of every five minutes',
  leave: 'HR says that somebody left: denied, cut, revoked',
  publish: 'a list is published: signed, imported, read back',
  publishRow: 'for each certificate that is new on it',
  administer: 'an administrator looks at endpoints, incidents and offboardings',
} as const;

export type JobName = keyof typeof JOBS;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];

const amount = z.number().nonnegative();

const counted = z.strictObject({
  /** How often each action of AWS was called, by `service:Action`. */
  calls: z.record(z.string(), amount),
  /** How often each function ran, and how long altogether, with this machine's answers of the services. */
  invocations: z.record(z.string(), z.strictObject({ times: amount, milliseconds: amount })),
  apiRequests: amount,
  readUnits: amount,
  writeUnits: amount,
  /** What functions wrote. */
  logOctets: amount,
});
export type Counted = Readonly<z.infer<typeof counted>>;

const countedJobs = z.strictObject({
  /** The day of the run, ISO 8601. */
  countedAt: z.iso.date(),
  jobs: z.record(z.enum(JOB_NAMES), counted),
  /** Each function that runs by itself, with nothing to do. */
  schedules: z.record(z.string(), z.strictObject({ everySeconds: z.number().positive(), counted })),
  megabytes: z.record(z.string(), z.number().positive()),
  /** The names of our own metrics that were told in the run. */
  metrics: z.array(z.string()),
});
export type CountedJobs = Readonly<z.infer<typeof countedJobs>>;

/** What the last run that was written down counted. */
export const COUNTED_FILE = fileURLToPath(new URL('counted.json', import.meta.url));

/** @throws Error where the file is of another form than jobs are counted in now */
export const readCountedJobs = (): CountedJobs =>
  countedJobs.parse(JSON.parse(readFileSync(COUNTED_FILE, 'utf8')));
