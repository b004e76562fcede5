import { REGION } from '../names.ts';

export interface LocalEndpoints {
  readonly dynamoDb: string;
  /** KMS, ACM, S3, SNS, SQS, Secrets Manager and EC2. */
  readonly cloud: string;
  readonly lambda: string;
}

/**
 * Points every AWS SDK client of this process at the stand-ins, and at no account: keys are dummies, and a
 * developer's profiles, sessions and instance roles are out of reach.
 *
 * @returns brings the environment back
 */
export function useLocalAws(endpoints: LocalEndpoints): () => void {
  const wanted: Readonly<Record<string, string>> = {
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: endpoints.cloud,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    ...Object.fromEntries(
      ['KMS', 'ACM', 'S3', 'SNS', 'SQS', 'SECRETS_MANAGER', 'EC2'].map((name) => [
        `AWS_ENDPOINT_URL_${name}`,
        endpoints.cloud,
      ]),
    ),
  };
  const before = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  for (const [name] of before) delete process.env[name];
  Object.assign(process.env, wanted);
  return () => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, Object.fromEntries(before));
  };
}
