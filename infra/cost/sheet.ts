import { HABITS, jobsOfAYear, type Company } from './company.ts';
import { amountsOf } from './counter.ts';
import type { Counted, CountedJobs, JobName } from './jobs.ts';
import { costOf, PRICES, sum, times, type Amounts } from './prices.ts';
import { standingAmounts, type Standing } from './standing.ts';

export const COMPANIES: readonly Company[] = [100, 1_000, 10_000].flatMap((people) => [
  { people, leaveOnOneDay: 0 },
  { people, leaveOnOneDay: people / 10 },
]);

/** What the portal's cost is made of. */
export const LINES = {
  standing: 'being there: alarms, metrics, dashboard, key, secrets, and queues that are asked',
  schedules: 'its schedules, with nothing to do',
  gate: 'the gate, at every connection',
  sweep: 'live connections looked at every five minutes',
  certificates: 'certificates: issued, renewed, and letters about them',
  leaving: 'leavers, and the lists',
  administration: 'administrators who look',
  kept: "the table's size, and the endpoint's connection log",
} as const;
export type LineName = keyof typeof LINES;
const LINE_NAMES = Object.keys(LINES) as readonly LineName[];

const JOBS_OF: Readonly<Partial<Record<LineName, readonly JobName[]>>> = {
  gate: ['connect'],
  sweep: ['look', 'noteUse'],
  certificates: ['enrol', 'renew', 'remind'],
  leaving: ['leave', 'publish', 'publishRow'],
  administration: ['administer'],
};

/** US dollars a year, of one company. */
export interface CompanyCost {
  readonly company: Company;
  readonly lines: Readonly<Record<LineName, number>>;
  /** All of them: what this portal costs. */
  readonly portal: number;
  /** AWS Client VPN itself, with any CA or portal. */
  readonly clientVpn: number;
  /** The CA alone, elsewhere. */
  readonly peers: {
    readonly privateCa: number;
    readonly shortLivedCa: number;
    readonly serverlessCa: number;
  };
}

export interface Sheet {
  readonly countedAt: string;
  /** US dollars for a thousand of each job. */
  readonly thousandJobs: Readonly<Record<JobName, number>>;
  readonly standing: Standing;
  readonly companies: readonly CompanyCost[];
}

/** Started by a schedule or a queue often enough to stay warm. */
const isWarm = (counted: CountedJobs) => (functionKey: string) =>
  counted.schedules[functionKey] !== undefined;

/** The counts times the prices. */
export function sheetOf(counted: CountedJobs, standing: Standing): Sheet {
  const { megabytes, jobs } = counted;
  const isScheduled = isWarm(counted);
  const amounts = (one: Counted): Amounts =>
    amountsOf(
      one,
      (key) => megabytes[key] ?? 0,
      (key) => !isScheduled(key),
    );
  const ofJobs = Object.fromEntries(
    Object.entries(jobs).map(([name, one]) => [name, amounts(one)]),
  ) as Readonly<Record<JobName, Amounts>>;
  const thousandJobs = Object.fromEntries(
    Object.entries(ofJobs).map(([name, one]) => [name, 1_000 * costOf(one)]),
  ) as Record<JobName, number>;
  const schedules = sum(
    Object.values(counted.schedules).map((one) =>
      times(amounts(one.counted), (365 * 86_400) / one.everySeconds),
    ),
  );
  const anyway = { schedules, standing: standingAmounts(standing, counted.metrics.length) };
  return {
    countedAt: counted.countedAt,
    thousandJobs,
    standing,
    companies: COMPANIES.map((company) => companyCost(company, ofJobs, anyway)),
  };
}

function companyCost(
  company: Company,
  ofJobs: Readonly<Record<JobName, Amounts>>,
  anyway: Readonly<Record<'schedules' | 'standing', Amounts>>,
): CompanyCost {
  const counts = jobsOfAYear(company);
  const amountsOfLine = (line: LineName): Amounts => {
    if (line === 'standing' || line === 'schedules') return anyway[line];
    if (line === 'kept') return keptAmounts(company, counts.connect);
    return sum((JOBS_OF[line] ?? []).map((job) => times(ofJobs[job], counts[job])));
  };
  const lines = Object.fromEntries(LINE_NAMES.map((line) => [line, costOf(amountsOfLine(line))])) as Record<
    LineName,
    number
  >;
  return {
    company,
    lines,
    portal: Object.values(lines).reduce((total, usd) => total + usd, 0),
    clientVpn: clientVpnCost(company),
    peers: peersCost(company, counts.enrol + counts.renew),
  };
}

const GIGABYTE = 1024 ** 3;

/** As if all of the year's had been there from its first day. */
function keptAmounts({ people }: Company, connections: number): Amounts {
  const certificates = people * (HABITS.newCertificatesAYear + HABITS.renewalsAYear);
  const logged = (connections * HABITS.connectionLogOctets) / GIGABYTE;
  return {
    tableGigabyteMonths: (12 * certificates * HABITS.octetsOfACertificate) / GIGABYTE,
    logGigabytes: logged,
    logGigabyteMonths: 12 * logged,
  };
}

const clientVpnCost = ({ people }: Company): number =>
  costOf({
    associationHours: HABITS.associations * 365 * 24,
    connectionHours: people * HABITS.workingDays * HABITS.connectedHoursADay,
  });

const WEEKS = 52;
const TIER = 1_000;

/** @param certificates as many as the portal issues in the year, evenly */
function peersCost({ people }: Company, certificates: number): CompanyCost['peers'] {
  const aMonth = certificates / 12;
  const devices = people * HABITS.certificatesAPerson;
  return {
    privateCa: costOf({
      privateCaMonths: 12,
      privateCaCertificates: 12 * Math.min(aMonth, TIER),
      privateCaMoreCertificates: 12 * Math.max(0, aMonth - TIER),
    }),
    // Seven days at most, so each device has a new one every week.
    shortLivedCa: costOf({ shortLivedCaMonths: 12, shortLivedCaCertificates: devices * WEEKS }),
    serverlessCa: PRICES.serverlessCaYears.usd,
  };
}
