import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jobsOfAYear } from '../../infra/cost/company.ts';
import { amountsOf, between, together } from '../../infra/cost/counter.ts';
import type { JOB_NAMES } from '../../infra/cost/jobs.ts';
import { readCountedJobs, type Counted } from '../../infra/cost/jobs.ts';
import { markdownOf, withMade } from '../../infra/cost/markdown.ts';
import { parseCostOptions } from '../../infra/cost/options.ts';
import { costOf, PRICES, sum, times } from '../../infra/cost/prices.ts';
import { sheetOf } from '../../infra/cost/sheet.ts';
import { standingOf } from '../../infra/cost/standing.ts';
import { readServiceFile } from '../../infra/local/runner/service-file.ts';
import { childOf, isTreeList, isTreeObject } from '../../infra/local/runner/yaml.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const counted = readCountedJobs();
const sheet = sheetOf(counted, standingOf());
const withoutNumbers = (text: string): string => text.replaceAll(/[\d.,]*\d/g, '#');

describe('the cost sheet', () => {
  it('is up to date but for its numbers: npm run cost -- --write', () => {
    const document = readFileSync(path('docs/cost.md'), 'utf8');
    const made = withMade(document, markdownOf(sheet, counted));
    expect(withoutNumbers(document)).toBe(withoutNumbers(made));
  });

  it('has counted each function that a schedule starts: npm run cost -- --write', () => {
    const { tree } = readServiceFile(path('serverless.yml'), {
      stage: 'local',
      params: { oidcIssuer: 'https://login.example.com' },
    });
    const functions = childOf(tree, 'functions');
    if (!isTreeObject(functions)) throw new Error('no functions');
    const scheduled = Object.entries(functions).flatMap(([key, one]) => {
      const events = childOf(one, 'events');
      const isScheduled =
        isTreeList(events) && events.some((event) => childOf(event, 'schedule') !== undefined);
      return isScheduled ? [key] : [];
    });
    expect(Object.keys(counted.schedules).sort()).toEqual(scheduled.sort());
    for (const key of scheduled) expect(counted.megabytes[key]).toBeGreaterThan(0);
  });

  it('has counted what each job cannot do without', () => {
    const callsOf = (name: (typeof JOB_NAMES)[number]): readonly string[] =>
      Object.keys(counted.jobs[name].calls);
    expect(callsOf('enrol')).toEqual(expect.arrayContaining(['kms:Sign', 'sns:Publish']));
    expect(callsOf('renew')).toContain('kms:Sign');
    expect(callsOf('remind')).toContain('sns:Publish');
    expect(callsOf('publish')).toEqual(
      expect.arrayContaining(['kms:Sign', 'ec2:ImportClientVpnClientCertificateRevocationList']),
    );
    expect(callsOf('leave')).toContain('ec2:TerminateClientVpnConnections');
    // The gate: two strongly consistent reads, and nothing else.
    expect(counted.jobs.connect).toMatchObject({
      calls: { 'dynamodb:GetItem': 2 },
      readUnits: 2,
      writeUnits: 0,
    });
  });

  it('costs more with more people, and with more who leave', () => {
    const portals = sheet.companies.map(({ portal }) => portal);
    expect([...portals].sort((one, other) => one - other)).toEqual(portals);
    for (const { lines, portal } of sheet.companies) {
      expect(Object.values(lines).every((usd) => usd > 0)).toBe(true);
      expect(Object.values(lines).reduce((total, usd) => total + usd, 0)).toBeCloseTo(portal);
    }
    const usual = jobsOfAYear({ people: 1_000, leaveOnOneDay: 0 });
    const mass = jobsOfAYear({ people: 1_000, leaveOnOneDay: 100 });
    expect(mass.leave - usual.leave).toBe(100);
    expect(mass.publish - usual.publish).toBe(1);
  });
});

describe('what was counted', () => {
  const nothing: Counted = {
    calls: {},
    invocations: {},
    apiRequests: 0,
    readUnits: 0,
    writeUnits: 0,
    logOctets: 0,
  };
  const one: Counted = {
    ...nothing,
    calls: { 'kms:Sign': 1, 'dynamodb:GetItem': 2 },
    invocations: { gate: { times: 1, milliseconds: 80 } },
    readUnits: 2,
  };

  it('is added, and taken apart again', () => {
    expect(between(one, together(one, one))).toEqual(one);
    expect(between(nothing, together(one, one), 2)).toEqual(one);
    expect(between(one, nothing)).toEqual(nothing);
  });

  it('is paid by requests, by time times memory, and by units', () => {
    const amounts = amountsOf(
      one,
      () => 512,
      () => false,
    );
    // 80 ms here, 30 ms to KMS and 10 ms for each read.
    expect(amounts).toMatchObject({ kmsRequests: 1, readUnits: 2, lambdaRequests: 1 });
    expect(amounts.lambdaGigabyteSeconds).toBeCloseTo(0.13 / 2);
    const cold = amountsOf(
      one,
      () => 512,
      () => true,
    );
    expect(cold.lambdaGigabyteSeconds).toBeCloseTo(0.53 / 2);
  });

  it('of a service that nobody has priced is an error', () => {
    const strange = { ...one, calls: { 'ses:SendEmail': 1 } };
    const count = (): unknown =>
      amountsOf(
        strange,
        () => 512,
        () => false,
      );
    expect(count).toThrow('ses');
  });

  it('costs amount times price', () => {
    const amounts = times(sum([{ kmsRequests: 1 }, { kmsRequests: 2, secretMonths: 1 }]), 10);
    expect(amounts).toEqual({ kmsRequests: 30, secretMonths: 10 });
    expect(costOf(amounts)).toBeCloseTo(30 * PRICES.kmsRequests.usd + 10 * PRICES.secretMonths.usd);
  });
});

it.each([[['--nothing']], [['--json', '--markdown']], [['word']]])(
  'npm run cost does not take %j',
  (args) => {
    expect(() => parseCostOptions(args)).toThrow();
  },
);
