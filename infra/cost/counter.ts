import { createFaults, type FaultyService, type Faults } from '../local/cloud/faults.ts';
import type { StackLogEntry } from '../local/stack.ts';
import type { Counted } from './jobs.ts';
import type { Amounts } from './prices.ts';

/** Everything that a stack does, counted. */
export interface Counter {
  /** Spoils nothing; each call passes here. */
  readonly faults: Faults;
  readonly onInvocation: (functionKey: string, milliseconds: number) => void;
  readonly log: (entry: StackLogEntry) => void;
  /** What happened since the beginning. */
  readonly look: () => Counted;
}

/**
 * @param units as the meter of DynamoDB counts them
 * @param logOctets how long the functions' log is
 */
export function counter(units: () => { read: number; write: number }, logOctets: () => number): Counter {
  const calls = new Map<string, number>();
  const invocations = new Map<string, { times: number; milliseconds: number }>();
  let apiRequests = 0;
  return {
    faults: {
      ...createFaults(),
      match(service: FaultyService, action: string) {
        const name = `${service}:${action}`;
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return undefined;
      },
    },
    onInvocation(functionKey, milliseconds) {
      const before = invocations.get(functionKey) ?? { times: 0, milliseconds: 0 };
      invocations.set(functionKey, {
        times: before.times + 1,
        milliseconds: before.milliseconds + milliseconds,
      });
    },
    log(entry) {
      if (entry.kind === 'answered') apiRequests += 1;
    },
    look: () => ({
      calls: Object.fromEntries(calls),
      invocations: Object.fromEntries([...invocations].map(([key, value]) => [key, { ...value }])),
      apiRequests,
      readUnits: units().read,
      writeUnits: units().write,
      logOctets: logOctets(),
    }),
  };
}

/** `later` without what had happened `earlier`, divided by `share`. */
export function between(earlier: Counted, later: Counted, share = 1): Counted {
  const per = (value: number): number => Math.max(0, value) / share;
  const calls = Object.entries(later.calls).map(
    ([name, count]) => [name, per(count - (earlier.calls[name] ?? 0))] as const,
  );
  const invocations = Object.entries(later.invocations).map(([key, { times, milliseconds }]) => {
    const before = earlier.invocations[key] ?? { times: 0, milliseconds: 0 };
    return [
      key,
      { times: per(times - before.times), milliseconds: per(milliseconds - before.milliseconds) },
    ] as const;
  });
  return {
    calls: Object.fromEntries(calls.filter(([, count]) => count > 0)),
    invocations: Object.fromEntries(
      invocations.filter(([, { times, milliseconds }]) => times + milliseconds > 0),
    ),
    apiRequests: per(later.apiRequests - earlier.apiRequests),
    readUnits: per(later.readUnits - earlier.readUnits),
    writeUnits: per(later.writeUnits - earlier.writeUnits),
    logOctets: per(later.logOctets - earlier.logOctets),
  };
}

/** Both together. */
export function together(one: Counted, other: Counted): Counted {
  const nothing = { times: 0, milliseconds: 0 };
  const names = new Set([...Object.keys(one.calls), ...Object.keys(other.calls)]);
  const keys = new Set([...Object.keys(one.invocations), ...Object.keys(other.invocations)]);
  return {
    calls: Object.fromEntries(
      [...names].map((name) => [name, (one.calls[name] ?? 0) + (other.calls[name] ?? 0)]),
    ),
    invocations: Object.fromEntries(
      [...keys].map((key) => {
        const [a, b] = [one.invocations[key] ?? nothing, other.invocations[key] ?? nothing];
        return [key, { times: a.times + b.times, milliseconds: a.milliseconds + b.milliseconds }];
      }),
    ),
    apiRequests: one.apiRequests + other.apiRequests,
    readUnits: one.readUnits + other.readUnits,
    writeUnits: one.writeUnits + other.writeUnits,
    logOctets: one.logOctets + other.logOctets,
  };
}

/** How a call of a service is paid; EC2's, ACM's and the others' are free. */
const PAID: Readonly<Record<string, keyof Amounts>> = {
  kms: 'kmsRequests',
  sqs: 'sqsRequests',
  sns: 'snsRequests',
  s3: 'objectRequests',
  'secrets-manager': 'secretRequests',
};
const FREE = new Set(['ec2', 'acm', 'sts', 'cloudformation', 'dynamodb']);

/** Milliseconds that a call takes at AWS and not here. Assumed, on the slow side. */
const ROUND_TRIP_MILLISECONDS: Readonly<Record<string, number>> = { dynamodb: 10, ec2: 300, acm: 100 };
const OTHER_ROUND_TRIP_MILLISECONDS = 30;

/** A start of a function from nothing, which is paid too. Assumed for each that somebody asks, as if none was warm. */
const COLD_START_MILLISECONDS = 400;

/** What Lambda itself writes for an invocation, and the API and the endpoint for a request. Assumed. */
const PLATFORM_LOG_OCTETS = 350;
const ACCESS_LOG_OCTETS = 450;

const GIGABYTE = 1024 ** 3;

/**
 * What was counted, in the units that are paid.
 *
 * @param megabytesOf a function's memory
 * @param startsCold whether each invocation of it is taken to start from nothing
 * @throws Error for a service of which nobody said how it is paid
 */
export function amountsOf(
  counted: Counted,
  megabytesOf: (functionKey: string) => number,
  startsCold: (functionKey: string) => boolean,
): Amounts {
  const amounts: { -readonly [Name in keyof Amounts]: Amounts[Name] } = {};
  const add = (name: keyof Amounts, amount: number): void => {
    amounts[name] = (amounts[name] ?? 0) + amount;
  };
  let awayMilliseconds = 0;
  for (const [name, count] of Object.entries(counted.calls)) {
    const service = name.slice(0, name.indexOf(':'));
    const paid = PAID[service];
    if (paid !== undefined) add(paid, count);
    else if (!FREE.has(service)) throw new Error(`nobody said what a call of ${service} costs`);
    awayMilliseconds += count * (ROUND_TRIP_MILLISECONDS[service] ?? OTHER_ROUND_TRIP_MILLISECONDS);
  }
  const invocations = Object.entries(counted.invocations);
  const times = invocations.reduce((total, [, one]) => total + one.times, 0);
  for (const [key, one] of invocations) {
    const share = times === 0 ? 0 : one.times / times;
    const coldMilliseconds = startsCold(key) ? one.times * COLD_START_MILLISECONDS : 0;
    const seconds = (one.milliseconds + coldMilliseconds + awayMilliseconds * share) / 1000;
    add('lambdaRequests', one.times);
    add('lambdaGigabyteSeconds', (seconds * megabytesOf(key)) / 1024);
  }
  const octets = counted.logOctets + times * PLATFORM_LOG_OCTETS + counted.apiRequests * ACCESS_LOG_OCTETS;
  add('logGigabytes', octets / GIGABYTE);
  // Kept for a year, and so twelve months of each octet.
  add('logGigabyteMonths', (12 * octets) / GIGABYTE);
  add('apiRequests', counted.apiRequests);
  add('readUnits', counted.readUnits);
  add('writeUnits', counted.writeUnits);
  return amounts;
}
