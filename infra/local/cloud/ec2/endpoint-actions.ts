import { clientConfiguration } from './client-configuration.ts';
import { endpointOf, type Action, type Ec2Context } from './context.ts';
import { Ec2Error, invalidValue, noSuchEndpoint } from './ec2-error.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointRecord, SecondFactor } from './endpoint-record.ts';
import { CREATE_ONLY, MODIFIABLE, creationOf, modifiableOf } from './endpoint-request.ts';
import { pageOf } from './page.ts';
import type { Query } from './query.ts';
import { clientRootPem, usableServerCertificate } from './server-certificate.ts';
import { ec2Time } from './time.ts';
import type { XmlValue } from './xml.ts';

/** No subnet is ever associated here, and yet clients can connect; AWS would say `pending-associate`. */
const STATUS = { code: 'available' };

const dnsNameOf = (endpointId: string): string => `*.${endpointId}.prod.clientvpn.eu-west-1.amazonaws.com`;

export const createEndpoint: Action = async (query, context) => {
  query.allowOnly([...MODIFIABLE, ...CREATE_ONLY]);
  // Taken first: from here to the new endpoint's place among the others nothing is awaited, so that two calls with
  // one token make one endpoint.
  const localPort = await context.findPort();
  const clientToken = query.text('ClientToken');
  const clientTokenRequest = query.canonical(['ClientToken']);
  const earlier = clientToken === undefined ? undefined : withToken(context, clientToken);
  if (earlier) {
    if (earlier.record.clientTokenRequest !== clientTokenRequest) {
      throw new Ec2Error('IdempotentParameterMismatch', 'The client token was used with other parameters');
    }
    return created(earlier.record);
  }
  const request = creationOf(query);
  usableServerCertificate(context.certificates, request.serverCertificateArn);
  clientRootPem(context.certificates, request.clientRootCertificateChainArn);
  const record: EndpointRecord = {
    ...request,
    endpointId: context.newId('cvpn-endpoint'),
    sequence: Math.max(0, ...[...context.endpoints.values()].map((other) => other.record.sequence)) + 1,
    createdAtMilliseconds: context.now(),
    localPort,
    ...(clientToken !== undefined && { clientToken, clientTokenRequest }),
  };
  const endpoint = context.newEndpoint(record);
  context.endpoints.set(record.endpointId, endpoint);
  try {
    await context.files.save(record);
    await endpoint.start(context.files.directoryOf(record.endpointId), undefined);
  } catch (error) {
    context.endpoints.delete(record.endpointId);
    await context.files.remove(record.endpointId);
    throw error;
  }
  return created(record);
};

const withToken = (context: Ec2Context, clientToken: string): Endpoint | undefined =>
  [...context.endpoints.values()].find(({ record }) => record.clientToken === clientToken);

const created = ({ endpointId }: EndpointRecord): Record<string, XmlValue> => ({
  clientVpnEndpointId: endpointId,
  status: STATUS,
  dnsName: dnsNameOf(endpointId),
});

export const describeEndpoints: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId', 'MaxResults', 'NextToken', 'Filter']);
  const wanted = query.list('ClientVpnEndpointId');
  for (const endpointId of wanted) if (!context.endpoints.has(endpointId)) throw noSuchEndpoint(endpointId);
  const ids = filteredIds(query);
  const records = [...context.endpoints.values()]
    .map(({ record }) => record)
    .filter(({ endpointId }) => wanted.length === 0 || wanted.includes(endpointId))
    .filter(({ endpointId }) => ids?.includes(endpointId) ?? true)
    .sort((a, b) => a.sequence - b.sequence);
  const { items, nextToken } = pageOf(records, query);
  return { clientVpnEndpoint: items.map(described), nextToken };
};

function filteredIds(query: Query): string[] | undefined {
  const [filter] = query.structures('Filter');
  if (!filter) return undefined;
  if (filter.required('Name') !== 'endpoint-id') throw invalidValue('The filter is not supported here');
  return filter.list('Value');
}

const described = (record: EndpointRecord): XmlValue => ({
  clientVpnEndpointId: record.endpointId,
  description: record.description ?? '',
  status: STATUS,
  creationTime: ec2Time(record.createdAtMilliseconds).replace(' ', 'T'),
  dnsName: dnsNameOf(record.endpointId),
  clientCidrBlock: record.clientCidrBlock,
  dnsServer: [],
  splitTunnel: record.splitTunnel,
  vpnProtocol: 'openvpn',
  transportProtocol: record.transportProtocol,
  vpnPort: record.vpnPort,
  associatedTargetNetwork: [],
  serverCertificateArn: record.serverCertificateArn,
  authenticationOptions: [
    {
      type: 'certificate-authentication',
      mutualAuthentication: { clientRootCertificateChain: record.clientRootCertificateChainArn },
    },
    ...(record.secondFactor === undefined ? [] : [describedSecondFactor(record.secondFactor)]),
  ],
  connectionLogOptions: {
    Enabled: record.connectionLog?.enabled ?? false,
    CloudwatchLogGroup: record.connectionLog?.group,
  },
  tagSet: record.tags,
  securityGroupIdSet: [],
  clientConnectOptions: {
    enabled: record.connectHandler.enabled,
    lambdaFunctionArn: record.connectHandler.functionArn,
    status: { code: 'applied' },
  },
  sessionTimeoutHours: record.sessionTimeoutHours,
  clientLoginBannerOptions: { enabled: false },
  clientRouteEnforcementOptions: { enforced: false },
  disconnectOnSessionTimeout: record.disconnectOnSessionTimeout,
});

const describedSecondFactor = (secondFactor: SecondFactor): XmlValue =>
  secondFactor.kind === 'directory'
    ? {
        type: 'directory-service-authentication',
        activeDirectory: { directoryId: secondFactor.directoryId },
      }
    : {
        type: 'federated-authentication',
        federatedAuthentication: {
          samlProviderArn: secondFactor.samlProviderArn,
          selfServiceSamlProviderArn: secondFactor.selfServiceSamlProviderArn ?? '',
        },
      };

export const modifyEndpoint: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId', ...MODIFIABLE]);
  const endpoint = endpointOf(query, context);
  const changed = { ...endpoint.record, ...modifiableOf(query, endpoint.record) };
  const changesCertificate = query.text('ServerCertificateArn') !== undefined;
  if (changesCertificate) usableServerCertificate(context.certificates, changed.serverCertificateArn);
  await context.files.save(changed);
  endpoint.record = changed;
  if (changesCertificate) {
    // One of the changes that reset every connection at AWS too.
    await endpoint.stop();
    const { endpointId } = changed;
    await endpoint.start(context.files.directoryOf(endpointId), context.lists.find(endpointId)?.crlPem);
  }
  endpoint.endOldSessions();
  return { return: true };
};

export const deleteEndpoint: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId']);
  const endpoint = endpointOf(query, context);
  const { endpointId } = endpoint.record;
  context.endpoints.delete(endpointId);
  context.lists.forget(endpointId);
  await endpoint.stop();
  await context.files.remove(endpointId);
  return { status: { code: 'deleting' } };
};

export const exportClientConfiguration: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId']);
  const { record } = endpointOf(query, context);
  const certificate = usableServerCertificate(context.certificates, record.serverCertificateArn);
  return { clientConfiguration: clientConfiguration(record.localPort, certificate, record.secondFactor) };
};
