import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { assumedRole } from '../shared/adapters/assumed-role.ts';
import { acmServerCertificates } from '../shared/adapters/acm-server-certificates.ts';
import { cloudFormationStack } from '../shared/adapters/cloudformation-stack.ts';
import { codeDeployTrafficShift } from '../shared/adapters/codedeploy-traffic-shift.ts';
import { bestEffortWake } from '../shared/adapters/best-effort-wake.ts';
import { dynamoAuditStore } from '../shared/adapters/dynamo/audit-store.ts';
import { dynamoCertificateStore } from '../shared/adapters/dynamo/certificate-store.ts';
import { dynamoCrlStore } from '../shared/adapters/dynamo/crl-store.ts';
import { dynamoEndpointStore } from '../shared/adapters/dynamo/endpoint-store.ts';
import { dynamoExportStore } from '../shared/adapters/dynamo/export-store.ts';
import { dynamoGateProbeStore } from '../shared/adapters/dynamo/gate-probe-store.ts';
import { dynamoGateStore } from '../shared/adapters/dynamo/gate-store.ts';
import { dynamoJournalStore } from '../shared/adapters/dynamo/journal-store.ts';
import { dynamoLookupStore } from '../shared/adapters/dynamo/lookup-store.ts';
import { dynamoNoticeStore } from '../shared/adapters/dynamo/notice-store.ts';
import { dynamoOffboardingStore } from '../shared/adapters/dynamo/offboarding-store.ts';
import { dynamoPersonStore } from '../shared/adapters/dynamo/person-store.ts';
import { dynamoSurgeStore } from '../shared/adapters/dynamo/surge-store.ts';
import { dynamoReconciliationStore } from '../shared/adapters/dynamo/reconciliation-store.ts';
import { dynamoRevocationStore } from '../shared/adapters/dynamo/revocation-store.ts';
import { dynamoScimUserStore } from '../shared/adapters/dynamo/scim-user-store.ts';
import { dynamoServerCertificateStore } from '../shared/adapters/dynamo/server-certificate-store.ts';
import { directoryCredentials } from '../shared/adapters/directories/credentials.ts';
import { entraDirectory, ENTRA_NAMES } from '../shared/adapters/directories/entra.ts';
import { fileDirectory, FILE_NAMES } from '../shared/adapters/directories/file.ts';
import { oktaDirectory, OKTA_NAMES } from '../shared/adapters/directories/okta.ts';
import { scimDirectory, SCIM_NAMES } from '../shared/adapters/directories/scim.ts';
import { vendorCredentials } from '../shared/adapters/directories/vendor-credentials.ts';
import { vendorDirectory } from '../shared/adapters/directories/vendor.ts';
import { documentClientFrom, type DynamoTable } from '../shared/adapters/dynamo/table.ts';
import { clientsByPlace, type Ec2Access } from '../shared/adapters/ec2/clients.ts';
import { ec2Connections } from '../shared/adapters/ec2/connections.ts';
import { ec2Crl } from '../shared/adapters/ec2/crl.ts';
import { ec2Endpoints } from '../shared/adapters/ec2/endpoints.ts';
import { kmsSigner } from '../shared/adapters/kms-signer.ts';
import { lambdaGateUnderTest } from '../shared/adapters/lambda-gate-under-test.ts';
import { nodeKeyPairs } from '../shared/adapters/node-key-pairs.ts';
import { powertoolsAudit } from '../shared/adapters/powertools-audit.ts';
import { s3Journal } from '../shared/adapters/s3-journal.ts';
import { s3DirectoryFile } from '../shared/adapters/s3-directory-file.ts';
import { s3LeaversFiles } from '../shared/adapters/s3-leavers-files.ts';
import { sqsDeadLetters } from '../shared/adapters/sqs-dead-letters.ts';
import { secretsManagerSourceVerifications } from '../shared/adapters/secrets-manager-source-verifications.ts';
import { secretsManagerWebhookSecrets } from '../shared/adapters/secrets-manager-webhook-secrets.ts';
import { secretsManagerBearerTokens } from '../shared/adapters/secrets-manager-bearer-tokens.ts';
import { snsNotices } from '../shared/adapters/sns-notices.ts';
import { sqsLookupQueue } from '../shared/adapters/sqs-lookup-queue.ts';
import { sqsWake } from '../shared/adapters/sqs-wake.ts';
import { systemClock } from '../shared/adapters/system-clock.ts';
import { systemRandom } from '../shared/adapters/system-random.ts';
import {
  breakGlassSlice,
  parseConfig,
  queuesSlice,
  surgeSlice,
  tableSlice,
  type DirectoryKind,
  type Slice,
} from '../shared/config.ts';
import { RECONCILIATION, type NameMapping } from '../shared/domain/reconciliation.ts';
import type { VendorRecord } from '../shared/domain/lookup.ts';
import type { LookupSource } from '../shared/http/webhooks/lookup-sources.ts';
import { vendorRecordFrom } from '../shared/http/webhooks/vendor-record.ts';
import type { Observability } from '../shared/http/observability.ts';
import type { Audit } from '../shared/ports/audit.ts';
import type { BearerTokens } from '../shared/ports/bearer-tokens.ts';
import type { VpnConnections, VpnCrl, VpnEndpoints } from '../shared/ports/client-vpn.ts';
import type { DeadLetters } from '../shared/ports/dead-letters.ts';
import type { LookupQueue, VendorDirectory } from '../shared/ports/directory-lookup.ts';
import type { Directory } from '../shared/ports/directory.ts';
import type { DeploymentStack } from '../shared/ports/deployment-stack.ts';
import type { GateUnderTest, TrafficShift } from '../shared/ports/gate-probe.ts';
import type { JournalArchive } from '../shared/ports/journal.ts';
import type { LeaversFiles } from '../shared/ports/leavers-files.ts';
import type { Notices } from '../shared/ports/notices.ts';
import type { EndpointStore } from '../shared/ports/endpoint-store.ts';
import type { Signer } from '../shared/ports/signer.ts';
import type { Wake } from '../shared/ports/wake.ts';
import type { ServerCertificates } from '../shared/ports/server-certificates.ts';
import type { SourceVerifications } from '../shared/ports/source-verifications.ts';
import type { WebhookSecrets } from '../shared/ports/webhook-secrets.ts';
import type { AliasKind, SourceId } from '../shared/domain/identity.ts';
import type { SurgeStore } from '../shared/ports/surge-store.ts';
import type { ReceiveEventDeps } from '../shared/use-cases/receive-event.ts';

/*
 * The one place that reads the environment and makes clients. It exports functions only; each function's `index.ts`
 * calls those it needs when it is loaded, and a bundler drops the rest: the gate carries no EC2 client.
 */

/** @throws z.core.$ZodError naming every bad or missing variable, when the function is loaded */
export const configure = <S extends Readonly<Record<string, Slice<unknown>>>>(
  slices: S,
): ReturnType<typeof parseConfig<S>> => parseConfig(process.env, slices);

export const observability = (): Observability => ({ logger: new Logger(), metrics: new Metrics() });
export const audit = ({ logger, metrics }: Observability): Audit => powertoolsAudit(logger, metrics);
export const clock = systemClock;
export const random = systemRandom;

/** A service that does not answer is given up before the function is, so that the caller gets an answer of ours. */
const within = (timeoutMilliseconds: number) => ({
  requestTimeout: timeoutMilliseconds,
  connectionTimeout: 1_000,
  throwOnRequestTimeout: true,
});

/** @param attempts and their time limit: the gate gives up early and denies, others may wait */
export function table(
  { tableName }: { tableName: string },
  { logger }: Observability,
  { attempts, timeoutMilliseconds }: { attempts: number; timeoutMilliseconds: number } = {
    attempts: 3,
    timeoutMilliseconds: 2_000,
  },
): DynamoTable {
  const client = new DynamoDBClient({
    maxAttempts: attempts,
    requestHandler: within(timeoutMilliseconds),
  });
  return tableOver(client, tableName, logger);
}

/** Longer than others': each renewal is a moment in which STS must answer, or nobody connects. */
const READER_SESSION_SECONDS = 3_600;

/** The same for a function in another account or Region: through a role where the table is. */
export function tableAtHome(
  {
    tableName,
    region,
    readerRoleArn,
    externalId,
  }: {
    readonly tableName: string;
    readonly region: string;
    readonly readerRoleArn: string;
    readonly externalId: string;
  },
  { logger }: Observability,
  { attempts, timeoutMilliseconds }: { attempts: number; timeoutMilliseconds: number },
): DynamoTable {
  const options = { maxAttempts: attempts, requestHandler: within(timeoutMilliseconds) };
  // STS of the function's own Region: another's may be what is down.
  const sts = new STSClient(options);
  const credentials = assumedRole({
    sts: () => sts,
    roleArn: readerRoleArn,
    externalId,
    sessionSeconds: READER_SESSION_SECONDS,
  });
  return tableOver(new DynamoDBClient({ ...options, region, credentials }), tableName, logger);
}

function tableOver(client: DynamoDBClient, tableName: string, logger: Observability['logger']): DynamoTable {
  // One broken item must not keep the others from being looked at, and somebody must look at it.
  const onBroken = (error: Error): void => logger.error('stored item is broken', { error });
  return { client: documentClientFrom(client), tableName, onBroken };
}

export const people = dynamoPersonStore;
export const certificates = dynamoCertificateStore;
export const gateStore = dynamoGateStore;
export const scimUsers = dynamoScimUserStore;
export const gateProbeStore = dynamoGateProbeStore;
export const revocations = dynamoRevocationStore;
export const crls = dynamoCrlStore;
export const endpoints = dynamoEndpointStore;
export const offboardings = dynamoOffboardingStore;
export const serverCertificateStore = dynamoServerCertificateStore;
export const journalStore = dynamoJournalStore;
export const auditStore = dynamoAuditStore;
export const exportStore = dynamoExportStore;
export const surges = dynamoSurgeStore;
export const lookups = dynamoLookupStore;
export const reconciliations = dynamoReconciliationStore;
export const noticeStore = dynamoNoticeStore;

export const signer = (): Signer =>
  kmsSigner({ client: new KMSClient({ maxAttempts: 3, requestHandler: within(2_000) }) });
export const serverCertificates = (): ServerCertificates =>
  acmServerCertificates({ client: new ACMClient({ requestHandler: within(4_000) }) });
export const keyPairs = nodeKeyPairs;

/** What a function asks of EC2, in the account and Region where each endpoint is. */
export const ec2 = (places: Pick<EndpointStore, 'find'>): Ec2Access => ec2At(places, within(4_000));
const ec2At = (
  places: Pick<EndpointStore, 'find'>,
  requestHandler: ReturnType<typeof within>,
  maxAttempts = 3,
): Ec2Access =>
  clientsByPlace({
    placeOf: (endpointId) => places.find(endpointId),
    sts: () => new STSClient({ requestHandler: within(2_000) }),
    make: (options) => new EC2Client({ ...options, maxAttempts, requestHandler }),
  });
export const vpnConnections = (access: Ec2Access): VpnConnections => ec2Connections(access);
/** Its own client, which never sends an import again by itself: each one resets every user's connection. */
export const vpnCrl = (places: Pick<EndpointStore, 'find'>): VpnCrl =>
  ec2Crl(ec2At(places, within(20_000), 1));
export const vpnEndpoints = (access: Ec2Access): VpnEndpoints => ec2Endpoints(access);

export const wake = (
  queues: { connectionsQueueUrl: string; publicationQueueUrl: string },
  { logger }: Observability,
): Wake => {
  // A sender of events waits three seconds for its answer, and a wake may be lost.
  const client = new SQSClient({ maxAttempts: 2, requestHandler: within(1_000) });
  return bestEffortWake(sqsWake({ client, ...queues, randomOctets: systemRandom }), logger);
};

export const deploymentStack = (): DeploymentStack =>
  cloudFormationStack({ client: new CloudFormationClient({ requestHandler: within(4_000) }) });

/** Once: a gate that answers only when it is asked again keeps people out. */
export const gateUnderTest = ({ versionArn }: { versionArn: string }): GateUnderTest =>
  lambdaGateUnderTest({
    client: new LambdaClient({ maxAttempts: 1, requestHandler: within(10_000) }),
    versionArn,
  });
export const trafficShift = (): TrafficShift =>
  codeDeployTrafficShift({
    client: new CodeDeployClient({ maxAttempts: 4, requestHandler: within(4_000) }),
  });

/** An object whose answer was lost is met again, and noted as found. */
export const journalArchive = ({ bucket }: { bucket: string }): JournalArchive =>
  s3Journal({ client: new S3Client({ maxAttempts: 3, requestHandler: within(4_000) }), bucket });

/** Who asks waits for it: the message comes again where it was not put aside. */
export const deadLetters = ({ deadLettersQueueUrl }: { deadLettersQueueUrl: string }): DeadLetters =>
  sqsDeadLetters({
    client: new SQSClient({ maxAttempts: 3, requestHandler: within(2_000) }),
    queueUrl: deadLettersQueueUrl,
  });
export const leaversFiles = (): LeaversFiles =>
  s3LeaversFiles({ client: new S3Client({ maxAttempts: 3, requestHandler: within(10_000) }) });

export const notices = (topics: { holdersTopicArn: string; operatorsTopicArn: string }): Notices =>
  snsNotices({
    client: new SNSClient({ maxAttempts: 2, requestHandler: within(4_000) }),
    ...topics,
    clock: systemClock(),
  });

/** One person's record; the look-up comes again. */
const VENDOR_TIMEOUT_MILLISECONDS = 8_000;

/** A secret that was taken away works for this long. */
const SECRET_CACHE_SECONDS = 60;

export const webhookSecrets = ({ secretIdOf }: { secretIdOf: ReadonlyMap<string, string> }): WebhookSecrets =>
  secretsManagerWebhookSecrets({
    client: new SecretsManagerClient({ maxAttempts: 2, requestHandler: within(1_000) }),
    secretIdOf: (source: SourceId) => secretIdOf.get(source),
    clock: systemClock(),
    cacheSeconds: SECRET_CACHE_SECONDS,
  });

export const sourceVerifications = ({ secretId }: { secretId: string }): SourceVerifications =>
  secretsManagerSourceVerifications({
    client: new SecretsManagerClient({ maxAttempts: 2, requestHandler: within(1_000) }),
    secretId,
  });

export const bearerTokens = ({ secretId }: { secretId: string }): BearerTokens =>
  secretsManagerBearerTokens({
    client: new SecretsManagerClient({ maxAttempts: 2, requestHandler: within(1_000) }),
    secretId,
    clock: systemClock(),
    cacheSeconds: SECRET_CACHE_SECONDS,
  });

/** Its sender waits for the answer, and comes again. */
export const lookupQueue = ({ lookupQueueUrl }: { lookupQueueUrl: string }): LookupQueue =>
  sqsLookupQueue({
    client: new SQSClient({ maxAttempts: 2, requestHandler: within(800) }),
    queueUrl: lookupQueueUrl,
  });

/** The directories of vendors, each asked with its own credentials. */
export function vendorDirectories(
  sources: ReadonlyMap<SourceId, LookupSource>,
  { secretId }: { readonly secretId: string },
  { timeZone }: { readonly timeZone: string },
): ReadonlyMap<SourceId, VendorDirectory> {
  const client = new SecretsManagerClient({ maxAttempts: 2, requestHandler: within(2_000) });
  const made = systemClock();
  return new Map(
    [...sources].map(([source, { url, mapping, aliasKind }]) => {
      const { path, more, authorization: kind, tokenPath = '' } = mapping;
      const tokenUrl = `${new URL(url).origin}${tokenPath}`;
      const credentials = vendorCredentials({ client, secretId, source, kind, tokenUrl, clock: made });
      const read = (value: unknown, asked: string): VendorRecord =>
        vendorRecordFrom(mapping, value, { asked, aliasKind, timeZone });
      const place = { url, path, read, ...(more === undefined ? {} : { more }) };
      const http = { credentials, clock: made, timeoutMilliseconds: VENDOR_TIMEOUT_MILLISECONDS };
      return [source, vendorDirectory(place, http)];
    }),
  );
}

/** What makes each directory, and the attributes that it has people's names in. */
const DIRECTORIES = {
  okta: { make: oktaDirectory, names: OKTA_NAMES },
  entra: { make: entraDirectory, names: ENTRA_NAMES },
  scim: { make: scimDirectory, names: SCIM_NAMES },
} as const;

/** @returns undefined where there is none */
export function directory({
  kind,
  url,
  names: given,
  secretId,
  bucket,
}: {
  readonly kind: DirectoryKind;
  readonly url: string;
  readonly names: NameMapping;
  readonly secretId: string;
  readonly bucket: string;
}): { readonly directory: Directory; readonly names: NameMapping } | undefined {
  if (kind === 'none') return undefined;
  if (kind === 'file') {
    const names = given.length > 0 ? given : FILE_NAMES;
    const client = new S3Client({ maxAttempts: 3, requestHandler: within(20_000) });
    const read = s3DirectoryFile({ client, bucket });
    return { directory: fileDirectory({ names, read }, { clock: systemClock() }), names };
  }
  const { make, names: usual } = DIRECTORIES[kind];
  const names = given.length > 0 ? given : usual;
  const credentials = directoryCredentials({
    client: new SecretsManagerClient({ maxAttempts: 2, requestHandler: within(2_000) }),
    secretId,
    clock: systemClock(),
    random: systemRandom,
  });
  return { directory: make({ url, names }, { credentials, clock: systemClock() }), names };
}

/** The sources that an administrator may settle: the declared ones, and the comparison with the directory. */
export const knownSources = (
  { aliasKindOf }: { readonly aliasKindOf: ReadonlyMap<SourceId, AliasKind> },
  { hasDirectory }: { readonly hasDirectory: boolean },
): ReadonlyMap<SourceId, AliasKind> =>
  // It knows people by what they are compared by; the kind that is shown decides nothing.
  hasDirectory ? new Map([...aliasKindOf, [RECONCILIATION, 'login' as const]]) : aliasKindOf;

/** What every function has to be told that acts on what a source says, whichever way it hears it. */
export const RECEIVING = {
  table: tableSlice,
  queues: queuesSlice,
  surge: surgeSlice,
  breakGlass: breakGlassSlice,
};

/** And what it is given. */
export const receiving = (
  config: Pick<ReturnType<typeof parseConfig<typeof RECEIVING>>, 'queues' | 'surge' | 'breakGlass'>,
  store: DynamoTable,
  observed: Observability,
): ReceiveEventDeps & Observability & Readonly<{ surges: SurgeStore; endpoints: EndpointStore }> => ({
  ...observed,
  audit: audit(observed),
  clock: clock(),
  random,
  wake: wake(config.queues, observed),
  people: people(store),
  offboardings: offboardings(store),
  surges: surges(store),
  surgePolicy: config.surge,
  breakGlass: config.breakGlass.breakGlass,
  endpoints: endpoints(store),
});
