import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { STSClient } from '@aws-sdk/client-sts';
import { dynamoCertificateStore } from '../../shared/adapters/dynamo/certificate-store.ts';
import { dynamoCrlStore } from '../../shared/adapters/dynamo/crl-store.ts';
import { dynamoEndpointStore } from '../../shared/adapters/dynamo/endpoint-store.ts';
import { dynamoOffboardingStore } from '../../shared/adapters/dynamo/offboarding-store.ts';
import { dynamoRevocationStore } from '../../shared/adapters/dynamo/revocation-store.ts';
import { documentClientFrom } from '../../shared/adapters/dynamo/table.ts';
import { clientsByPlace, type PlaceOptions } from '../../shared/adapters/ec2/clients.ts';
import { ec2Crl } from '../../shared/adapters/ec2/crl.ts';
import { ec2Endpoints } from '../../shared/adapters/ec2/endpoints.ts';
import { ec2Gate } from '../../shared/adapters/operator/ec2-gate.ts';
import { kmsSigner } from '../../shared/adapters/kms-signer.ts';
import { lambdaGateUnderTest } from '../../shared/adapters/lambda-gate-under-test.ts';
import { systemRandom } from '../../shared/adapters/system-random.ts';
import { DEFAULT_PUBLICATION_POLICY } from '../../shared/domain/publication.ts';
import type { Audit } from '../../shared/ports/audit.ts';
import type { GateUnderTest } from '../../shared/ports/gate-probe.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { World } from '../world.ts';
import { operatorPlaces, regionOf, type OperatorPlaces } from './places.ts';
import type { AwsTarget } from './target.ts';

/** A service that does not answer within this is given up. */
const within = (requestTimeout: number) => ({
  requestHandler: { requestTimeout, connectionTimeout: 3_000, throwOnRequestTimeout: true },
});

const clockOf = (world: World): Clock => ({
  now: () => world.now(),
  sleep: (milliseconds) => world.sleep(milliseconds),
});

const stsOf = (target: AwsTarget) => (): STSClient =>
  new STSClient({ ...target.clientOptions('any'), ...within(5_000) });

/** The account and Region of each endpoint, as the table has it; without a table, the caller's own. */
function ec2Of(
  target: AwsTarget,
  places: OperatorPlaces | undefined,
  options: { requestTimeout: number; maxAttempts: number },
) {
  const any = target.clientOptions('any');
  const make = (place: PlaceOptions): EC2Client =>
    new EC2Client({ ...any, ...place, ...within(options.requestTimeout), maxAttempts: options.maxAttempts });
  return places === undefined
    ? { client: make({}) }
    : clientsByPlace({
        placeOf: (endpointId) => places.placeOf(endpointId),
        sts: stsOf(target),
        make,
      });
}

/** What EC2, KMS and Lambda do for an operator: enough to switch the gate without the store. */
export function operatorServices(target: AwsTarget, world: World, places?: OperatorPlaces) {
  const ec2 = ec2Of(target, places, { requestTimeout: 10_000, maxAttempts: 3 });
  // A gate is where its endpoint is.
  const lambdaAt = async (functionArn: string): Promise<LambdaClient> =>
    new LambdaClient({
      ...target.clientOptions('lambda'),
      ...(places === undefined ? regionOf(functionArn) : await places.optionsFor(functionArn)),
      ...within(10_000),
      maxAttempts: 1,
    });
  return {
    clock: clockOf(world),
    // An import is never sent again by itself: each one resets every user's connection.
    vpnCrl: ec2Crl(ec2Of(target, places, { requestTimeout: 30_000, maxAttempts: 1 })),
    vpnEndpoints: ec2Endpoints(ec2),
    vpnGate: ec2Gate(ec2),
    signer: kmsSigner({ client: new KMSClient({ ...target.clientOptions('any'), ...within(5_000) }) }),
    gateAt: (versionArn: string): GateUnderTest => ({
      ask: async (event) =>
        lambdaGateUnderTest({ client: await lambdaAt(versionArn), versionArn }).ask(event),
    }),
  };
}

/** What the publisher has, with the operator's own rights. @param tableName the portal's one table */
export function operatorDeps(target: AwsTarget, world: World, tableName: string, audit: Audit) {
  const client = new DynamoDBClient({ ...target.clientOptions('dynamodb'), ...within(5_000) });
  const table = { client: documentClientFrom(client), tableName };
  const endpoints = dynamoEndpointStore(table);
  const offboardings = dynamoOffboardingStore(table);
  return {
    ...operatorServices(target, world, operatorPlaces({ list: () => endpoints.list(), sts: stsOf(target) })),
    endpoints,
    crls: dynamoCrlStore(table),
    revocations: dynamoRevocationStore(table),
    certificates: dynamoCertificateStore(table),
    offboardings,
    incidents: offboardings,
    random: systemRandom,
    audit,
    // Who switches the gate off says how long lists live; nothing else of it counts then.
    policy: DEFAULT_PUBLICATION_POLICY,
  };
}
