import { randomUUID } from 'node:crypto';
import {
  CreateClientVpnEndpointCommand,
  DescribeClientVpnEndpointsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { arn } from '../names.ts';
import type { InvocationResult } from '../runner/lambda-functions.ts';
import { makeResources, type ResourceMaker, type ResourceRequest } from '../runner/resources.ts';
import type { LoadedService } from './load-service.ts';

/*
 * The part of CloudFormation in a deployment that comes after the functions: it asks our function for the custom
 * resources, and makes the endpoint of what that answered. The same template, function and order as at AWS.
 */

type Invoke = (functionArn: string, event: unknown) => Promise<InvocationResult>;

/**
 * Makes what needs functions, and leaves what an earlier start made.
 *
 * @returns the endpoints by their logical ids
 * @throws Error with the words of whoever refused
 */
export async function deploy(
  { service, afterFunctions, lookup }: LoadedService,
  invoke: Invoke,
): Promise<Readonly<Record<string, string>>> {
  const endpoints: Record<string, string> = {};
  const client = new EC2Client({});
  const makers: Record<string, ResourceMaker> = {
    'Custom::*': (request) => customResource(request, `${service.name}-local`, invoke),
    'AWS::EC2::ClientVpnEndpoint': async ({ logicalId, properties }) => {
      const ref = await ensureEndpoint(client, endpointProperties.parse(properties));
      endpoints[logicalId] = ref;
      return { ref, attributes: {} };
    },
    // No packet is filtered here.
    'AWS::EC2::SecurityGroup': async ({ logicalId }) => ({
      ref: logicalId,
      attributes: { GroupId: 'sg-00000000' },
    }),
  };
  try {
    await makeResources(afterFunctions, makers, lookup);
  } finally {
    client.destroy();
  }
  return endpoints;
}

const answer = z.object({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.string().optional(),
  PhysicalResourceId: z.string(),
  Data: z.record(z.string(), z.string()),
});

async function customResource(
  { logicalId, type, properties }: ResourceRequest,
  stackName: string,
  invoke: Invoke,
): ReturnType<ResourceMaker> {
  const { payload, functionError } = await invoke(z.string().parse(properties['ServiceToken']), {
    RequestType: 'Create',
    RequestId: randomUUID(),
    StackId: arn('cloudformation', `stack/${stackName}/local`),
    LogicalResourceId: logicalId,
    ResourceType: type,
    ResourceProperties: properties,
  });
  if (functionError !== undefined) throw new Error(`${logicalId} failed: ${JSON.stringify(payload)}`);
  const { Status: status, Reason: reason, PhysicalResourceId: ref, Data } = answer.parse(payload);
  if (status === 'FAILED') throw new Error(`${logicalId} failed: ${reason ?? 'it does not say why'}`);
  return { ref, attributes: Data };
}

/** A template's values are text where they were parameters. */
const flag = z.union([z.boolean(), z.stringbool()]);

const authenticationOption = z.discriminatedUnion('Type', [
  z.strictObject({
    Type: z.literal('certificate-authentication'),
    MutualAuthentication: z.strictObject({ ClientRootCertificateChainArn: z.string() }),
  }),
  z.strictObject({
    Type: z.literal('directory-service-authentication'),
    ActiveDirectory: z.strictObject({ DirectoryId: z.string() }),
  }),
  z.strictObject({
    Type: z.literal('federated-authentication'),
    FederatedAuthentication: z.strictObject({
      SAMLProviderArn: z.string(),
      SelfServiceSAMLProviderArn: z.string().optional(),
    }),
  }),
]);

/** CloudFormation's properties have the names of EC2's own parameters. */
const endpointProperties = z.strictObject({
  Description: z.string(),
  ServerCertificateArn: z.string(),
  AuthenticationOptions: z.array(authenticationOption),
  ClientCidrBlock: z.string(),
  ClientConnectOptions: z.strictObject({ Enabled: flag, LambdaFunctionArn: z.string() }),
  ConnectionLogOptions: z.strictObject({ Enabled: flag, CloudwatchLogGroup: z.string() }),
  DisconnectOnSessionTimeout: flag,
  DnsServers: z.array(z.string()).optional(),
  SecurityGroupIds: z.array(z.string()),
  SessionTimeoutHours: z.coerce.number(),
  SelfServicePortal: z.enum(['enabled', 'disabled']),
  SplitTunnel: flag,
  TransportProtocol: z.enum(['tcp', 'udp']),
  VpcId: z.string(),
  VpnPort: z.coerce.number(),
});
type EndpointProperties = z.infer<typeof endpointProperties>;

/** One endpoint for one server certificate, whose ARN never changes. */
async function ensureEndpoint(client: EC2Client, properties: EndpointProperties): Promise<string> {
  const { DnsServers: dnsServers, ...rest } = properties;
  const { ClientVpnEndpoints: known = [] } = await client.send(new DescribeClientVpnEndpointsCommand({}));
  const earlier = known.find((one) => one.ServerCertificateArn === properties.ServerCertificateArn);
  if (earlier?.ClientVpnEndpointId !== undefined) return earlier.ClientVpnEndpointId;
  const { ClientVpnEndpointId: endpointId } = await client.send(
    new CreateClientVpnEndpointCommand({ ...rest, ...(dnsServers && { DnsServers: dnsServers }) }),
  );
  if (endpointId === undefined) throw new Error('EC2 made an endpoint without an id');
  return endpointId;
}
