/** How the bench speaks to the embedded DynamoDB, which takes any key. */
export const BENCH_AWS = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

export const TABLE = 'bench';
export const CA_ID = 'ca1';
