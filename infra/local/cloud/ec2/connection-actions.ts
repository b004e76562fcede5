import type { Connection, ConnectionStatus } from './connection-table.ts';
import { endpointOf, type Action } from './context.ts';
import { Ec2Error, invalidValue, missingParameter } from './ec2-error.ts';
import { pageOf } from './page.ts';
import type { Query } from './query.ts';
import { ec2Time } from './time.ts';
import type { XmlValue } from './xml.ts';

const FILTERS = ['connection-id', 'username'];

/** About the size of a full packet: the management interface counts octets only. */
const OCTETS_PER_PACKET = 1_000;

export const describeConnections: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId', 'Filter', 'MaxResults', 'NextToken']);
  const endpoint = endpointOf(query, context);
  endpoint.endOldSessions();
  const { items, nextToken } = pageOf(endpoint.connections.list().filter(filterOf(query)), query);
  // Of a SAML provider's users AWS tells no name here.
  const tellsNames = endpoint.record.secondFactor?.kind === 'directory';
  return { connections: items.map((one) => described(one, tellsNames, context.now())), nextToken };
};

/** There is no filter for the common name: whoever wants one person's connections lists them all. */
function filterOf(query: Query): (connection: Connection) => boolean {
  const filters = query.structures('Filter').map((filter) => {
    const name = filter.required('Name');
    if (!FILTERS.includes(name)) throw invalidValue(`The filter '${name}' is invalid`);
    return { name, values: filter.list('Value') };
  });
  return ({ connectionId, username }) =>
    filters.every(({ name, values }) => values.includes(name === 'connection-id' ? connectionId : username));
}

function described(connection: Connection, tellsNames: boolean, now: number): XmlValue {
  const { endedAtMilliseconds, ingressOctets, egressOctets } = connection;
  return {
    clientVpnEndpointId: connection.endpointId,
    timestamp: ec2Time(now),
    connectionId: connection.connectionId,
    username: tellsNames ? connection.username : '',
    connectionEstablishedTime: ec2Time(connection.establishedAtMilliseconds),
    ingressBytes: String(ingressOctets),
    egressBytes: String(egressOctets),
    ingressPackets: String(Math.ceil(ingressOctets / OCTETS_PER_PACKET)),
    egressPackets: String(Math.ceil(egressOctets / OCTETS_PER_PACKET)),
    clientIp: connection.clientIp,
    commonName: connection.commonName,
    status: { code: connection.status },
    connectionEndTime: endedAtMilliseconds === undefined ? '-' : ec2Time(endedAtMilliseconds),
    postureComplianceStatusSet: [],
  };
}

export const terminateConnections: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId', 'ConnectionId', 'Username']);
  const endpoint = endpointOf(query, context);
  const connectionId = query.text('ConnectionId');
  const username = query.text('Username');
  if (connectionId === undefined && username === undefined)
    throw missingParameter('ConnectionId or Username');
  if (connectionId === undefined) {
    throw new Ec2Error('InvalidClientVpnConnection.UserNotFound', `User ${username} has no connection`);
  }
  const connection = endpoint.connections.find(connectionId);
  if (!connection) {
    throw new Ec2Error(
      'InvalidClientVpnConnection.IdNotFound',
      `The connection ${connectionId} does not exist for the endpoint ${endpoint.record.endpointId}`,
    );
  }
  const previousStatus: ConnectionStatus = connection.status;
  if (previousStatus !== 'terminated') {
    const { terminateStatus } = context.lies;
    if (terminateStatus) connection.status = terminateStatus;
    else endpoint.terminate(connection);
  }
  return {
    clientVpnEndpointId: endpoint.record.endpointId,
    connectionStatuses: [
      {
        connectionId,
        previousStatus: { code: previousStatus },
        currentStatus: { code: connection.status },
      },
    ],
  };
};
