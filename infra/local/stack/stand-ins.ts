import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InvokeFunction } from '../cloud/ec2/connect-handler.ts';
import { ec2Service, type Ec2Service } from '../cloud/ec2/service.ts';
import { startDynamoDbFaults } from '../cloud/dynamodb-faults.ts';
import type { Faults } from '../cloud/faults.ts';
import { startCloud, type Cloud } from '../cloud/server.ts';
import { startDynamoDb } from '../dynamodb.ts';
import type { LocalPerson } from '../openid-provider/people.ts';
import { startOpenIdProvider, type OpenIdProvider } from '../openid-provider/provider.ts';
import type { Closers } from './closers.ts';
import type { VpnBackend } from './vpn-backend.ts';

/** The `aud` of tokens for the portal's API. */
const AUDIENCE = 'vpn-portal';

export interface StandInsOptions {
  readonly dataDirectory: string;
  /** Whether it goes with the stack. */
  readonly isTemporary: boolean;
  readonly ports: { readonly openIdProvider: number; readonly cloud: number };
  readonly vpn: VpnBackend;
  readonly faults: Faults | undefined;
  /** Whom the OpenID provider knows; its own when undefined. */
  readonly people: readonly LocalPerson[] | undefined;
  /** Asks the gate. */
  readonly invoke: InvokeFunction;
  /** Told what an endpoint would write into its log, and what its server says. */
  readonly note: (text: string) => void;
}

/** What stands in for the services that the portal uses. */
export interface StandIns {
  readonly dynamoDbEndpoint: string;
  readonly cloud: Cloud;
  /** Not started: its endpoints ask the gate. */
  readonly ec2: Ec2Service;
  readonly openIdProvider: OpenIdProvider;
  readonly audience: string;
}

/** Starts them all; each puts its end into `closers`. */
export async function startStandIns(
  options: StandInsOptions,
  closers: Closers,
  started: (what: string, where: string) => void,
): Promise<StandIns> {
  const folder = (name: string): string => {
    const path = join(options.dataDirectory, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const { faults } = options;

  const dynamoDb = await startDynamoDb({ dbPath: join(folder('dynamodb'), 'data.sqlite') });
  closers.add(() => dynamoDb.close());
  const proxy = faults && (await startDynamoDbFaults({ target: dynamoDb.endpoint, faults }));
  if (proxy) closers.add(() => proxy.close());
  started('DynamoDB', dynamoDb.endpoint);

  const openIdProvider = await startOpenIdProvider({
    port: options.ports.openIdProvider,
    dataDir: folder('openid-provider'),
    audience: AUDIENCE,
    ...(options.people === undefined ? {} : { people: options.people }),
  });
  closers.add(() => openIdProvider.close());
  started('OpenID provider', openIdProvider.issuer);

  // Each needs the other: EC2 looks certificates up in ACM, and the cloud's server answers EC2's calls.
  const late: { cloud?: Cloud } = {};
  const ec2 = ec2Service({
    directory: folder('vpn'),
    certificates: { find: (certificateArn) => late.cloud?.acm.find(certificateArn) },
    invoke: options.invoke,
    startVpnServer: options.vpn.startVpnServer,
    note: (endpointId, kind, text) => options.note(`${endpointId} ${kind}: ${text}`),
  });
  const cloud = await startCloud({
    port: options.ports.cloud,
    dataDir: folder('cloud'),
    keepsQueues: !options.isTemporary,
    ec2: (request) => ec2.handle(request),
    ...(faults === undefined ? {} : { faults }),
  });
  late.cloud = cloud;
  closers.add(() => cloud.close());
  closers.add(() => ec2.stop());
  started('KMS, ACM, EC2, S3, SNS, SQS, Secrets Manager', cloud.url);
  return {
    dynamoDbEndpoint: proxy?.url ?? dynamoDb.endpoint,
    cloud,
    ec2,
    openIdProvider,
    audience: AUDIENCE,
  };
}
