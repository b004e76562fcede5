import type { JobName } from './jobs.ts';

/** A company, and what its people do. All of it is assumed: change what is not so at yours. */
export interface Company {
  readonly people: number;
  /** Leave the company on one day, beside those who leave through the year. */
  readonly leaveOnOneDay: number;
}

export const HABITS = {
  workingDays: 220,
  /** A laptop that sleeps at lunch connects again. */
  connectionsADay: 3,
  connectedHoursADay: 8,
  /** Joiners, and second or new devices, in a year for each person. */
  newCertificatesAYear: 0.5,
  /** A certificate lives 180 days and is renewed at about four fifths. */
  renewalsAYear: 2.5,
  /** The holder renews on the second letter. */
  remindersForARenewal: 2,
  /** Of all people, in a year. */
  leaversShare: 0.15,
  /** Live certificates for each person. */
  certificatesAPerson: 1.3,
  /** Tries of a leaver's devices before somebody switches them off. */
  refusedConnectionsOfALeaver: 20,
  /** Of an administrator's screen. */
  looksOfAdministratorsADay: 10,
  /** Subnets that the endpoint is in. */
  associations: 2,
  /** Lists in a year only because the last one ages. */
  refreshesAYear: 12,
  /** What a certificate leaves in the table for good: itself, its keys, its chain of entries. */
  octetsOfACertificate: 16_384,
  /** Two entries of the endpoint's own log for each connection. */
  connectionLogOctets: 2_000,
} as const;

const LOOK_EVERY_MINUTES = 5;

/** How often each job is done in a year. */
export function jobsOfAYear({ people, leaveOnOneDay }: Company): Readonly<Record<JobName, number>> {
  const days = HABITS.workingDays;
  const leavers = people * HABITS.leaversShare + leaveOnOneDay;
  const renewals = people * HABITS.renewalsAYear;
  const connections = people * days * HABITS.connectionsADay;
  const connectedDays = people * days;
  return {
    enrol: people * HABITS.newCertificatesAYear,
    renew: renewals,
    remind: renewals * HABITS.remindersForARenewal,
    connect: connections + leavers * HABITS.refusedConnectionsOfALeaver,
    noteUse: connectedDays * HABITS.connectedHoursADay,
    look: (connectedDays * HABITS.connectedHoursADay * 60) / LOOK_EVERY_MINUTES,
    leave: leavers,
    // At most one a day, and none on a day on which nobody left.
    publish: HABITS.refreshesAYear + daysWithLeavers(people * HABITS.leaversShare, leaveOnOneDay > 0),
    publishRow: leavers * HABITS.certificatesAPerson + renewals,
    administer: 365 * HABITS.looksOfAdministratorsADay,
  };
}

/** On how many working days somebody leaves, when they leave independently of each other. */
function daysWithLeavers(leavers: number, isOneDayMore: boolean): number {
  const days = HABITS.workingDays;
  return days * (1 - (1 - 1 / days) ** leavers) + (isOneDayMore ? 1 : 0);
}
