/** What AWS asks for one unit of something, in US dollars. */
export interface Price {
  readonly usd: number;
  readonly unit: string;
  /** Where it was read. */
  readonly source: string;
  /** Whether it was read on a page of AWS itself; else from others who quote it, or not looked up. */
  readonly isConfirmed: boolean;
}

/** When the prices were looked up, and where they hold. Other Regions differ by up to a quarter, Client VPN by half. */
export const PRICES_AT = '2026-11-22';
export const PRICES_REGION = 'us-east-1';

const MILLION = 1_000_000;

/** No free tier is taken off, and no tier of volume. */
export const PRICES = {
  lambdaRequests: {
    usd: 0.2 / MILLION,
    unit: 'request',
    source: 'cloudchipr.com/blog/aws-lambda-pricing',
    isConfirmed: false,
  },
  lambdaGigabyteSeconds: {
    usd: 0.000_013_333_4,
    unit: 'GB-second, arm64',
    source: 'cloudchipr.com/blog/aws-lambda-pricing',
    isConfirmed: false,
  },
  apiRequests: {
    usd: 1 / MILLION,
    unit: 'request of an HTTP API, up to 512 KB',
    source: 'awsforengineers.com/blog/aws-api-gateway-pricing-explained',
    isConfirmed: false,
  },
  readUnits: {
    usd: 0.125 / MILLION,
    unit: 'read request unit of DynamoDB, on demand',
    source: 'airbyte.com/data-engineering-resources/dynamodb-pricing',
    isConfirmed: false,
  },
  writeUnits: {
    usd: 0.625 / MILLION,
    unit: 'write request unit of DynamoDB, on demand',
    source: 'airbyte.com/data-engineering-resources/dynamodb-pricing',
    isConfirmed: false,
  },
  // With point-in-time recovery: 0.25 and 0.20.
  tableGigabyteMonths: {
    usd: 0.45,
    unit: 'GB of DynamoDB with point-in-time recovery, a month',
    source: 'not looked up',
    isConfirmed: false,
  },
  // Third parties say 0.03 or 0.15 for RSA-2048: the dearer.
  kmsRequests: {
    usd: 0.15 / 10_000,
    unit: 'request on an asymmetric key',
    source: 'factualminds.com/blog/aws-kms-pricing-keys-requests-multi-region; wring.co says a fifth of it',
    isConfirmed: false,
  },
  kmsKeyMonths: {
    usd: 1,
    unit: 'key, a month',
    source: 'aws.amazon.com/kms/pricing',
    isConfirmed: true,
  },
  sqsRequests: {
    usd: 0.5 / MILLION,
    unit: 'request to a FIFO queue',
    source: 'not looked up',
    isConfirmed: false,
  },
  snsRequests: {
    usd: 0.5 / MILLION,
    unit: 'message to a topic; what its subscribers cost comes on top',
    source: 'factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols',
    isConfirmed: false,
  },
  objectRequests: {
    usd: 0.005 / 1000,
    unit: 'request to S3; all as if they wrote',
    source: 'not looked up',
    isConfirmed: false,
  },
  secretRequests: {
    usd: 0.05 / 10_000,
    unit: 'read of a secret',
    source: 'not looked up',
    isConfirmed: false,
  },
  secretMonths: { usd: 0.4, unit: 'secret, a month', source: 'not looked up', isConfirmed: false },
  logGigabytes: {
    usd: 0.5,
    unit: 'GB into CloudWatch Logs',
    source: 'factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards',
    isConfirmed: false,
  },
  // Compressed to about a third, which is not taken off.
  logGigabyteMonths: {
    usd: 0.03,
    unit: 'GB kept in CloudWatch Logs, a month',
    source: 'not looked up',
    isConfirmed: false,
  },
  metricMonths: {
    usd: 0.3,
    unit: 'metric of our own, a month',
    source: 'signoz.io/guides/cloudwatch-pricing',
    isConfirmed: false,
  },
  alarmMonths: {
    usd: 0.1,
    unit: 'metric that an alarm looks at, a month',
    source: 'not looked up',
    isConfirmed: false,
  },
  dashboardMonths: {
    usd: 3,
    unit: 'dashboard, a month',
    source: 'factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards',
    isConfirmed: false,
  },
  associationHours: {
    usd: 0.1,
    unit: 'hour of one subnet at an endpoint (Tokyo: 0.15)',
    source: 'not looked up; Tokyo: blog.serverworks.co.jp/client-vpn-disconnection',
    isConfirmed: false,
  },
  connectionHours: {
    usd: 0.05,
    unit: 'hour of one connection (Tokyo: the same)',
    source: 'blog.serverworks.co.jp/client-vpn-disconnection',
    isConfirmed: false,
  },
  privateCaMonths: {
    usd: 400,
    unit: 'AWS Private CA, general purpose, a month',
    source: 'aws.amazon.com/private-ca/pricing',
    isConfirmed: true,
  },
  // Of the first thousand in a month; the next nine thousand cost less.
  privateCaCertificates: {
    usd: 0.75,
    unit: 'certificate of it, the first 1,000 of a month',
    source: 'not looked up',
    isConfirmed: false,
  },
  privateCaMoreCertificates: {
    usd: 0.35,
    unit: 'certificate of it, from 1,001 to 10,000 of a month',
    source: 'not looked up',
    isConfirmed: false,
  },
  shortLivedCaMonths: {
    usd: 50,
    unit: 'AWS Private CA, short-lived mode, a month',
    source: 'aws.amazon.com/private-ca/pricing',
    isConfirmed: true,
  },
  shortLivedCaCertificates: {
    usd: 0.058,
    unit: 'certificate of it, at most 7 days long',
    source: 'not looked up',
    isConfirmed: false,
  },
  serverlessCaYears: {
    usd: 50,
    unit: 'serverless-ca, a year, as its FAQ says',
    source: 'github.com/serverless-ca/terraform-aws-ca, docs/faq.md',
    isConfirmed: true,
  },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** How much of each; what is not named is nothing. */
export type Amounts = Readonly<Partial<Record<PriceName, number>>>;

const names = Object.keys(PRICES) as readonly PriceName[];

/** `factor` times each of them; names with nothing are left out. */
export const times = (amounts: Amounts, factor: number): Amounts =>
  Object.fromEntries(
    names.flatMap((name) => {
      const amount = (amounts[name] ?? 0) * factor;
      return amount === 0 ? [] : [[name, amount]];
    }),
  );

export const sum = (all: readonly Amounts[]): Amounts =>
  Object.fromEntries(
    names.flatMap((name) => {
      const amount = all.reduce((total, amounts) => total + (amounts[name] ?? 0), 0);
      return amount === 0 ? [] : [[name, amount]];
    }),
  );

/** In US dollars. */
export const costOf = (amounts: Amounts): number =>
  names.reduce((total, name) => total + (amounts[name] ?? 0) * PRICES[name].usd, 0);
