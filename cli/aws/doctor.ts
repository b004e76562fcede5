import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { dynamoCertificateStore } from '../../shared/adapters/dynamo/certificate-store.ts';
import { dynamoEndpointStore } from '../../shared/adapters/dynamo/endpoint-store.ts';
import { dynamoJournalStore } from '../../shared/adapters/dynamo/journal-store.ts';
import { dynamoOffboardingStore } from '../../shared/adapters/dynamo/offboarding-store.ts';
import { dynamoPersonStore } from '../../shared/adapters/dynamo/person-store.ts';
import { dynamoRevocationStore } from '../../shared/adapters/dynamo/revocation-store.ts';
import { documentClientFrom } from '../../shared/adapters/dynamo/table.ts';
import { clientsByPlace } from '../../shared/adapters/ec2/clients.ts';
import { ec2Crl } from '../../shared/adapters/ec2/crl.ts';
import { classifyAwsError } from '../../shared/adapters/inspection/classify.ts';
import { inspectClientVpn } from '../../shared/adapters/inspection/client-vpn.ts';
import { inspectDeployment } from '../../shared/adapters/inspection/deployment.ts';
import { inspectLambda } from '../../shared/adapters/inspection/lambda.ts';
import { observeServerTime } from '../../shared/adapters/inspection/server-time.ts';
import { inspectTable } from '../../shared/adapters/inspection/table.ts';
import { inspectTrust } from '../../shared/adapters/inspection/trust.ts';
import { inspectWatching } from '../../shared/adapters/inspection/watching.ts';
import { s3Journal } from '../../shared/adapters/s3-journal.ts';
import { examine } from '../../shared/domain/doctor/examine.ts';
import type { Place, PortalFacts } from '../../shared/domain/doctor/facts.ts';
import type { Finding } from '../../shared/domain/doctor/finding.ts';
import type { Inspection } from '../../shared/ports/inspection.ts';
import { attemptsWith, type Attempts } from '../../shared/use-cases/doctor/attempts.ts';
import type { DoctorStores } from '../../shared/use-cases/doctor/gather-endpoint.ts';
import { gatherFacts } from '../../shared/use-cases/doctor/gather.ts';
import { partsAmong, type PortalParts } from '../../shared/use-cases/doctor/parts.ts';
import { DOCTOR_POLICY, READS } from '../../shared/use-cases/doctor/reads.ts';
import { usageFailure } from '../failure.ts';
import type { World } from '../world.ts';
import { operatorPlaces } from './places.ts';
import { listStackResources, type AwsTarget } from './target.ts';

export { DOCTOR_POLICY };

export interface DoctorRequest {
  readonly target: AwsTarget;
  readonly stage: string | undefined;
  readonly endpointId: string | undefined;
  readonly tableName: string | undefined;
}

export interface Diagnosis {
  /** In the order in which somebody has to care. */
  readonly findings: readonly Finding[];
  readonly caller: PortalFacts['caller'];
}

/** Somebody sits before it at night: better a service that did not answer than a minute of silence. */
const PATIENCE = {
  maxAttempts: 2,
  requestHandler: { requestTimeout: 8_000, connectionTimeout: 2_000, throwOnRequestTimeout: true },
} as const;

/**
 * Looks at everything and judges it.
 *
 * @throws Failure where no Region is known
 */
export async function diagnose(world: World, request: DoctorRequest): Promise<Diagnosis> {
  const { target } = request;
  const clients = clientsOf(target);
  const ended: { destroy(): void }[] = Object.values(clients);
  try {
    const region = await regionOf(clients.ec2);
    const attempts = attemptsWith(classifyAwsError);
    const parts = await partsOf(request, attempts, placeOf(request, region));
    const now = (): number => world.now();
    const stores = storesOf(clients.dynamoDb, parts.tableName);
    const there = clientsThere(target, clients, stores);
    ended.push(there);
    const facts = await gatherFacts(
      {
        inspection: inspectionOf(clients, there, now),
        vpnCrl: ec2Crl(there.ec2),
        clock: { now },
        stores,
        archive:
          parts.journalBucket === undefined
            ? undefined
            : s3Journal({ client: clients.s3, bucket: parts.journalBucket }),
      },
      attempts,
      parts,
    );
    return { findings: examine(facts), caller: facts.caller };
  } finally {
    for (const client of ended) client.destroy();
  }
}

function clientsOf(target: AwsTarget) {
  const any = { ...target.clientOptions('any'), ...PATIENCE };
  return {
    cloudFormation: new CloudFormationClient(any),
    cloudWatch: new CloudWatchClient(any),
    dynamoDb: new DynamoDBClient({ ...target.clientOptions('dynamodb'), ...PATIENCE }),
    ec2: new EC2Client(any),
    kms: new KMSClient(any),
    lambda: new LambdaClient({ ...target.clientOptions('lambda'), ...PATIENCE }),
    secretsManager: new SecretsManagerClient(any),
    s3: new S3Client(any),
    sns: new SNSClient(any),
    sqs: new SQSClient(any),
    sts: new STSClient(any),
  };
}
type Clients = ReturnType<typeof clientsOf>;

/** Clients for what is in other accounts and Regions, as far as the table knows it; else the caller's own. */
function clientsThere(target: AwsTarget, clients: Clients, stores: DoctorStores | undefined) {
  const any = { ...target.clientOptions('any'), ...PATIENCE };
  const lambda = { ...target.clientOptions('lambda'), ...PATIENCE };
  // What cannot be read is said once, by who asks for it.
  const list = async () => (await stores?.endpoints.list().catch(() => [])) ?? [];
  const places = operatorPlaces({ list, sts: () => clients.sts });
  const made: { destroy(): void }[] = [];
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    made.push(client);
    return client;
  };
  return {
    destroy: () => made.forEach((client) => client.destroy()),
    ec2: clientsByPlace({
      placeOf: (endpointId) => places.placeOf(endpointId),
      sts: () => clients.sts,
      make: (options) =>
        Object.keys(options).length === 0 ? clients.ec2 : kept(new EC2Client({ ...any, ...options })),
    }),
    lambdaFor: async (arn: string) =>
      kept(new LambdaClient({ ...lambda, ...(await places.optionsFor(arn)) })),
    acmFor: async (arn: string) => kept(new ACMClient({ ...any, ...(await places.optionsFor(arn)) })),
  };
}
type ClientsThere = ReturnType<typeof clientsThere>;

const inspectionOf = (clients: Clients, there: ClientsThere, now: () => number): Inspection => ({
  ...inspectClientVpn(there.ec2),
  ...inspectTrust({ ...clients, acmFor: there.acmFor }),
  ...inspectLambda({ client: clients.lambda, clientFor: there.lambdaFor, now }),
  ...inspectDeployment(clients),
  ...inspectWatching(clients),
  ...inspectTable({ client: clients.dynamoDb }),
  clockAheadMilliseconds: observeServerTime(clients.ec2, now),
});

/** @throws Failure */
async function regionOf(client: EC2Client): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    throw usageFailure('No Region is named', 'give --region, or set AWS_REGION', [
      { words: 'for example: --region eu-west-1' },
    ]);
  }
}

function placeOf({ target, stage }: DoctorRequest, region: string): Place {
  return {
    ...(stage === undefined ? {} : { stage }),
    ownOptions: stage === undefined ? '' : ` --stage ${stage} --region ${region}`,
    awsOptions(service) {
      const own = service === 'dynamodb' || service === 'lambda' ? service : 'any';
      const { endpoint } = target.clientOptions(own);
      return ` --region ${region}${endpoint === undefined ? '' : ` --endpoint-url ${endpoint}`}`;
    },
  };
}

/** The runner makes functions, and no resources of them. */
const LOCAL_FUNCTIONS: readonly (readonly [string, string])[] = [
  ['IssueDashcertificateLambdaFunction', 'issue-certificate'],
  ['DirectoryDashlookupLambdaFunction', 'directory-lookup'],
  ['ReconciliationLambdaFunction', 'reconciliation'],
];

/** What was said wins over what CloudFormation says, which may not be asked or not be there. */
async function partsOf(
  { target, stage, endpointId, tableName }: DoctorRequest,
  attempts: Attempts,
  place: Place,
): Promise<PortalParts> {
  const { stackName } = target;
  const listed = target.isThisMachine
    ? { value: await target.resources() }
    : stackName === undefined
      ? undefined
      : await attempts.attempt(READS.resources, () =>
          listStackResources(stackName, target.clientOptions('any')),
        );
  return {
    ...partsAmong(new Map([...(listed?.value ?? []), ...(target.isThisMachine ? LOCAL_FUNCTIONS : [])])),
    place,
    ...(stage === undefined || stackName === undefined ? {} : { stackName }),
    ...(endpointId === undefined ? {} : { onlyEndpointId: endpointId }),
    ...(tableName === undefined ? {} : { tableName }),
  };
}

function storesOf(client: DynamoDBClient, tableName: string | undefined): DoctorStores | undefined {
  if (tableName === undefined) return undefined;
  const table = { client: documentClientFrom(client), tableName };
  return {
    tableName,
    endpoints: dynamoEndpointStore(table),
    certificates: dynamoCertificateStore(table),
    people: dynamoPersonStore(table),
    revocations: dynamoRevocationStore(table),
    offboardings: dynamoOffboardingStore(table),
    journal: dynamoJournalStore(table),
  };
}
