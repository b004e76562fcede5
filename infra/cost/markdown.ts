import { HABITS } from './company.ts';
import { JOB_NAMES, JOBS, type CountedJobs } from './jobs.ts';
import { PRICES, PRICES_AT, PRICES_REGION, type Price } from './prices.ts';
import { LINES, type CompanyCost, type LineName, type Sheet } from './sheet.ts';

export const BEGIN = '<!-- made by npm run cost -- --write; do not edit by hand -->';
export const END = '<!-- end of what is made -->';

/** `1,234`, `12.3`, `0.45`: whole dollars from a hundred on. */
export const dollars = (usd: number): string =>
  usd >= 100 ? Math.round(usd).toLocaleString('en-US') : usd.toPrecision(2).replace(/^(\d+)\.0$/, '$1');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map((_, index) => (index === 0 ? '---' : '---:'))),
  ...rows.map(row),
];

/** Everything between the markers of docs/cost.md. */
export function markdownOf(sheet: Sheet, counted: CountedJobs): string {
  return [
    `Counted on ${sheet.countedAt}, prices of ${PRICES_AT} for ${PRICES_REGION}. US dollars a year, without tax, discount or free tier.`,
    '',
    '## A year',
    '',
    ...yearTable(sheet.companies),
    '',
    '## What it is made of',
    '',
    ...linesTable(sheet.companies),
    '',
    '## What is assumed',
    '',
    ...habits(),
    '',
    '## What each job calls',
    '',
    ...jobsTable(sheet, counted),
    '',
    'And by itself, with nothing to do:',
    '',
    ...schedulesTable(counted),
    '',
    '## Prices',
    '',
    ...pricesTable(),
  ].join('\n');
}

const nameOf = ({ company }: CompanyCost): string =>
  `${company.people.toLocaleString('en-US')} people${company.leaveOnOneDay > 0 ? ', 10 % leave on one day' : ''}`;

const yearTable = (companies: readonly CompanyCost[]): string[] =>
  table(
    [
      'company',
      'this portal, CA and gate included',
      'AWS Private CA, general purpose: the CA alone',
      'AWS Private CA, short-lived: the CA alone',
      'serverless-ca: the CA alone',
      'and in every case Client VPN itself',
    ],
    companies.map((one) => [
      nameOf(one),
      `**${dollars(one.portal)}**`,
      dollars(one.peers.privateCa),
      dollars(one.peers.shortLivedCa),
      dollars(one.peers.serverlessCa),
      dollars(one.clientVpn),
    ]),
  );

const linesTable = (companies: readonly CompanyCost[]): string[] =>
  table(
    ['', ...companies.map(nameOf)],
    [
      ...(Object.keys(LINES) as LineName[]).map((line) => [
        LINES[line],
        ...companies.map(({ lines }) => dollars(lines[line])),
      ]),
      ['**this portal**', ...companies.map(({ portal }) => `**${dollars(portal)}**`)],
    ],
  );

const habits = (): string[] => [
  `- Each person connects ${HABITS.connectionsADay} times a day on ${HABITS.workingDays} days, for ${HABITS.connectedHoursADay} hours altogether. Connections drive the gate's cost, hours the sweep's: twice as many cost twice as much.`,
  `- A person has ${HABITS.certificatesAPerson} certificates; in a year ${HABITS.newCertificatesAYear} new ones and ${HABITS.renewalsAYear} renewals, with ${HABITS.remindersForARenewal} letters before each.`,
  `- ${HABITS.leaversShare * 100} % leave in a year, each with one live connection, and try ${HABITS.refusedConnectionsOfALeaver} times more. A list goes out on each day on which somebody left, and ${HABITS.refreshesAYear} times because the last one ages. A day on which 10 % leave was announced (\`expect-leavers\`); unannounced, an administrator's confirmation adds a few writes for each.`,
  `- Administrators look at three pages, ${HABITS.looksOfAdministratorsADay} times a day.`,
  '- Functions take as long as they took here, and for each call 10 ms to DynamoDB, 300 ms to EC2, 100 ms to ACM, 30 ms to others. Those that no schedule keeps warm start cold each time (400 ms): the dear side.',
  '- Everything is kept: logs for a year, table with point-in-time recovery. The logs hold what functions wrote, 350 octets of Lambda for each run, 450 of the API for each request, 2,000 of the endpoint for each connection.',
  `- Client VPN: ${HABITS.associations} subnets all year, and each hour of each connection. Traffic is not in it.`,
  '- The peers are their CA alone, with as many certificates (short-lived: one for each device and week): no login, gate, profile, list at the endpoint or record of leavers.',
  '- Not in it: what subscribers of the topics cost, a CloudTrail trail of your own, the deployment bucket, writes whose condition fails, and what comes once or by hand (set-up, `doctor`, exports).',
];

const calls = (all: Readonly<Record<string, number>>): string =>
  Object.entries(all)
    .map(([name, count]) => `${round(count)} ${name.replace(':', ' ')}`)
    .join(', ');

const round = (value: number): string => String(Math.round(value * 10) / 10);

const jobsTable = (sheet: Sheet, { jobs }: CountedJobs): string[] =>
  table(
    ['job', 'calls', 'read units', 'write units', 'dollars for 1,000'],
    JOB_NAMES.map((name) => [
      JOBS[name],
      calls(jobs[name].calls),
      round(jobs[name].readUnits),
      round(jobs[name].writeUnits),
      dollars(sheet.thousandJobs[name]),
    ]),
  );

const schedulesTable = ({ schedules }: CountedJobs): string[] =>
  table(
    ['function', 'every', 'calls', 'read units', 'write units'],
    Object.entries(schedules).map(([name, { everySeconds, counted }]) => [
      name,
      `${everySeconds / 60} min`,
      calls(counted.calls),
      round(counted.readUnits),
      round(counted.writeUnits),
    ]),
  );

/** Small ones for a million or ten thousand. */
function priceInWords({ usd }: Price): string {
  if (usd >= 0.01) return String(usd);
  const isPerMillion = usd < 0.000_005;
  return isPerMillion
    ? `${Number((usd * 1_000_000).toPrecision(6))} a million`
    : `${Number((usd * 10_000).toPrecision(6))} for 10,000`;
}

const pricesTable = (): string[] => [
  '**bold**: read on a page of AWS or of the project itself. All others are quoted by third parties, or what they were when they were last known (“not looked up”): look them up for your Region before you rely on them, in `infra/cost/prices.ts`.',
  '',
  ...table(
    ['what', 'US dollars', 'where it was read'],
    Object.values<Price>(PRICES).map((price) => [
      price.unit,
      price.isConfirmed ? `**${priceInWords(price)}**` : priceInWords(price),
      price.source,
    ]),
  ),
];

/**
 * The document with what is made in its place.
 *
 * @throws Error where the markers are not there
 */
export function withMade(document: string, made: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/cost.md: no place between ${BEGIN} and ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${made}\n\n${document.slice(end)}`;
}
