import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { terminal } from '../local/terminal.ts';
import { countJobs } from './count-jobs.ts';
import { COUNTED_FILE, readCountedJobs, type CountedJobs } from './jobs.ts';
import { dollars, markdownOf, withMade } from './markdown.ts';
import { parseCostOptions, USAGE, type CostOptions } from './options.ts';
import { LINES, sheetOf, type LineName, type Sheet } from './sheet.ts';
import { standingOf } from './standing.ts';

/** `npm run cost`: what the portal costs in a year, by what its jobs really call. Loopback only. */

const DOCUMENT = fileURLToPath(new URL('../../docs/cost.md', import.meta.url));

async function main(): Promise<number> {
  let options: CostOptions;
  try {
    options = parseCostOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const screen = terminal({ stream: options.json || options.markdown ? process.stderr : process.stdout });
  try {
    const standing = standingOf();
    const counted = options.written
      ? readCountedJobs()
      : rounded(await countJobs((what) => screen.note(what)));
    const sheet = sheetOf(counted, standing);
    const made = markdownOf(sheet, counted);
    if (options.write) {
      writeFileSync(COUNTED_FILE, inLines(counted));
      writeFileSync(DOCUMENT, withMade(readFileSync(DOCUMENT, 'utf8'), made));
      screen.done('infra/cost/counted.json and docs/cost.md are written');
    }
    if (options.json) process.stdout.write(`${JSON.stringify(sheet)}\n`);
    else if (options.markdown) process.stdout.write(`${made}\n`);
    else show(sheet);
    return 0;
  } catch (error) {
    screen.failed(error instanceof Error ? error.message : String(error));
    return 1;
  }

  function show({ companies }: Sheet): void {
    for (const { company, lines, portal, clientVpn, peers } of companies) {
      const mass = company.leaveOnOneDay === 0 ? '' : `, ${company.leaveOnOneDay} of them leave on one day`;
      screen.title(`${company.people} people${mass}: ${dollars(portal)} US dollars a year`);
      screen.table([
        ...(Object.keys(LINES) as LineName[]).map((name) => [dollars(lines[name]), LINES[name]] as const),
        [dollars(peers.privateCa), 'AWS Private CA, general purpose, the CA alone'],
        [dollars(peers.shortLivedCa), 'AWS Private CA, short-lived mode, the CA alone'],
        [dollars(peers.serverlessCa), 'serverless-ca, the CA alone'],
        [dollars(clientVpn), 'AWS Client VPN itself, in every case'],
      ]);
    }
    screen.note('What is assumed, and where each price is from: docs/cost.md');
  }
}

/** Times to the millisecond, counts to the thousandth: what is beyond differs from run to run. */
function rounded(counted: CountedJobs): CountedJobs {
  const text = JSON.stringify(counted, (key, value: unknown) => {
    if (typeof value !== 'number') return value;
    return key === 'milliseconds' ? Math.round(value) : Math.round(value * 1000) / 1000;
  });
  return JSON.parse(text) as CountedJobs;
}

/** A line for each job, so that a change shows which. */
function inLines({ jobs, ...rest }: CountedJobs): string {
  const lines = Object.entries(jobs).map(
    ([name, job]) => `    ${JSON.stringify(name)}: ${JSON.stringify(job)}`,
  );
  const head = JSON.stringify(rest).slice(1, -1);
  return `{\n  ${head},\n  "jobs": {\n${lines.join(',\n')}\n  }\n}\n`;
}

process.exitCode = await main();
