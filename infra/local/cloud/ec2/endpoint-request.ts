import { isIP } from 'node:net';
import { invalidValue, missingParameter } from './ec2-error.ts';
import type { EndpointRecord, SecondFactor } from './endpoint-record.ts';
import type { Query } from './query.ts';

const HANDLER_NAME_PREFIX = 'AWSClientVPN-';
const SESSION_HOURS = [8, 10, 12, 24];
const PORTS = [443, 1194];
const DEFAULT_SESSION_HOURS = 24;

/** Parameters that creation and modification share. */
export const MODIFIABLE = [
  'ServerCertificateArn',
  'ConnectionLogOptions',
  'DnsServers',
  'VpnPort',
  'Description',
  'SplitTunnel',
  'SecurityGroupId',
  'VpcId',
  'SelfServicePortal',
  'ClientConnectOptions',
  'SessionTimeoutHours',
  'ClientLoginBannerOptions',
  'ClientRouteEnforcementOptions',
  'DisconnectOnSessionTimeout',
];

/** These can be set once; `ModifyClientVpnEndpoint` does not know them. */
export const CREATE_ONLY = [
  'Authentication',
  'ClientCidrBlock',
  'TransportProtocol',
  'ClientToken',
  'TagSpecification',
  'EndpointIpAddressType',
  'TrafficIpAddressType',
];

type Modifiable = Pick<
  EndpointRecord,
  | 'serverCertificateArn'
  | 'vpnPort'
  | 'splitTunnel'
  | 'connectHandler'
  | 'connectionLog'
  | 'sessionTimeoutHours'
  | 'disconnectOnSessionTimeout'
  | 'description'
>;

/** What a call sets; what it does not name stays as `current` has it. */
export function modifiableOf(query: Query, current: Modifiable): Modifiable {
  const description = query.text('Description') ?? current.description;
  const connectionLog = connectionLogOf(query) ?? current.connectionLog;
  return {
    serverCertificateArn: query.text('ServerCertificateArn') ?? current.serverCertificateArn,
    vpnPort: oneOf('VpnPort', query.integer('VpnPort') ?? current.vpnPort, PORTS),
    splitTunnel: query.flag('SplitTunnel') ?? current.splitTunnel,
    connectHandler: connectHandlerOf(query) ?? current.connectHandler,
    sessionTimeoutHours: oneOf(
      'SessionTimeoutHours',
      query.integer('SessionTimeoutHours') ?? current.sessionTimeoutHours,
      SESSION_HOURS,
    ),
    disconnectOnSessionTimeout:
      query.flag('DisconnectOnSessionTimeout') ?? current.disconnectOnSessionTimeout,
    ...(description !== undefined && { description }),
    ...(connectionLog !== undefined && { connectionLog }),
  };
}

/** What creation asks for, with AWS's defaults. */
export function creationOf(
  query: Query,
): Modifiable &
  Pick<
    EndpointRecord,
    'clientCidrBlock' | 'clientRootCertificateChainArn' | 'secondFactor' | 'transportProtocol' | 'tags'
  > {
  if (!query.has('ConnectionLogOptions')) throw missingParameter('ConnectionLogOptions');
  const transportProtocol = query.text('TransportProtocol') ?? 'udp';
  if (transportProtocol !== 'udp' && transportProtocol !== 'tcp') {
    throw invalidValue(`Invalid value '${transportProtocol}' for TransportProtocol`);
  }
  return {
    ...modifiableOf(query, {
      serverCertificateArn: query.required('ServerCertificateArn'),
      vpnPort: 443,
      splitTunnel: false,
      connectHandler: { enabled: false },
      sessionTimeoutHours: DEFAULT_SESSION_HOURS,
      disconnectOnSessionTimeout: true,
    }),
    clientCidrBlock: cidrBlockOf(query),
    ...authenticationOf(query),
    transportProtocol,
    tags: tagsOf(query),
  };
}

/** Certificates are always asked for here, and at most one kind of sign-in beside them, as AWS allows. */
function authenticationOf(
  query: Query,
): Pick<EndpointRecord, 'clientRootCertificateChainArn' | 'secondFactor'> {
  const kinds = query.structures('Authentication');
  if (kinds.length === 0) throw missingParameter('Authentication');
  const [certificates] = kinds.filter((kind) => kind.text('Type') === 'certificate-authentication');
  const [beside, ...more] = kinds.filter((kind) => kind !== certificates);
  if (certificates === undefined || more.length > 0) {
    throw invalidValue('Only certificate-authentication, alone or with one other kind, is supported here');
  }
  return {
    clientRootCertificateChainArn: certificates.required(
      'MutualAuthentication.ClientRootCertificateChainArn',
    ),
    ...(beside && { secondFactor: secondFactorOf(beside) }),
  };
}

function secondFactorOf(kind: Query): SecondFactor {
  switch (kind.text('Type')) {
    case 'directory-service-authentication':
      return { kind: 'directory', directoryId: kind.required('ActiveDirectory.DirectoryId') };
    case 'federated-authentication': {
      const selfService = kind.text('FederatedAuthentication.SelfServiceSAMLProviderArn');
      return {
        kind: 'saml',
        samlProviderArn: kind.required('FederatedAuthentication.SAMLProviderArn'),
        ...(selfService !== undefined && { selfServiceSamlProviderArn: selfService }),
      };
    }
    default:
      throw invalidValue(`Invalid value '${kind.text('Type') ?? ''}' for Authentication.Type`);
  }
}

/** @returns the block; AWS takes masks of 12 to 22 bits */
function cidrBlockOf(query: Query): string {
  const block = query.required('ClientCidrBlock');
  const [address = '', mask = ''] = block.split('/');
  if (isIP(address) !== 4 || !/^\d+$/.test(mask) || Number(mask) < 12 || Number(mask) > 22) {
    throw invalidValue(`Invalid value '${block}' for ClientCidrBlock. It must be between /12 and /22.`);
  }
  return block;
}

function connectHandlerOf(query: Query): EndpointRecord['connectHandler'] | undefined {
  if (!query.has('ClientConnectOptions')) return undefined;
  const enabled = query.flag('ClientConnectOptions.Enabled') ?? false;
  const functionArn = query.text('ClientConnectOptions.LambdaFunctionArn');
  if (!enabled) return { enabled, ...(functionArn !== undefined && { functionArn }) };
  if (functionArn === undefined) throw missingParameter('ClientConnectOptions.LambdaFunctionArn');
  const name = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:([^:]+)(?::[^:]+)?$/.exec(functionArn)?.[1];
  if (!name?.startsWith(HANDLER_NAME_PREFIX)) {
    throw invalidValue(
      `The name of the Lambda function ${functionArn} must start with ${HANDLER_NAME_PREFIX}`,
    );
  }
  return { enabled, functionArn };
}

function connectionLogOf(query: Query): EndpointRecord['connectionLog'] {
  if (!query.has('ConnectionLogOptions')) return undefined;
  const enabled = query.flag('ConnectionLogOptions.Enabled') ?? false;
  if (!enabled) return { enabled };
  return { enabled, group: query.required('ConnectionLogOptions.CloudwatchLogGroup') };
}

const tagsOf = (query: Query): EndpointRecord['tags'] =>
  query
    .structures('TagSpecification')
    .flatMap((specification) => specification.structures('Tag'))
    .map((tag) => ({ key: tag.required('Key'), value: tag.text('Value') ?? '' }));

function oneOf(name: string, value: number, allowed: readonly number[]): number {
  if (!allowed.includes(value))
    throw invalidValue(`Invalid value '${value}' for ${name}. Must be one of ${allowed.join(', ')}`);
  return value;
}
