import {
  paginateDescribeClientVpnConnections,
  TerminateClientVpnConnectionsCommand,
  type ClientVpnConnection,
} from '@aws-sdk/client-ec2';
import type { VpnConnection, VpnConnections } from '../../ports/client-vpn.ts';
import { clientOf, type Ec2Access } from './clients.ts';
import { CONNECTION_NOT_FOUND, isEc2Error } from './error.ts';
import { parseEc2Time } from './time.ts';

/** The most that one call gives. */
const PAGE_SIZE = 1_000;

const STATUSES = ['active', 'failed-to-terminate', 'terminating', 'terminated'] as const;

export const ec2Connections = (access: Ec2Access): VpnConnections => ({
  async list(endpointId) {
    const connections: VpnConnection[] = [];
    const client = await clientOf(access, endpointId);
    const pages = paginateDescribeClientVpnConnections(
      { client, pageSize: PAGE_SIZE },
      { ClientVpnEndpointId: endpointId },
    );
    for await (const page of pages) connections.push(...(page.Connections ?? []).map(connectionFrom));
    return connections;
  },

  /** True says that the endpoint took the order, not that it carried it out: the next list tells. */
  async terminate(endpointId, connectionId) {
    try {
      const client = await clientOf(access, endpointId);
      await client.send(
        new TerminateClientVpnConnectionsCommand({
          ClientVpnEndpointId: endpointId,
          ConnectionId: connectionId,
        }),
      );
      return true;
    } catch (error) {
      if (isEc2Error(error, CONNECTION_NOT_FOUND)) return false;
      throw error;
    }
  },
});

function connectionFrom(connection: ClientVpnConnection): VpnConnection {
  const { ConnectionId, CommonName, Status, ConnectionEstablishedTime } = connection;
  if (ConnectionId === undefined) throw new Error('EC2 listed a connection without an id');
  const establishedAt = parseEc2Time(ConnectionEstablishedTime);
  return {
    connectionId: ConnectionId,
    commonName: CommonName ?? '',
    // A word that we do not know must not hide a connection that lives.
    status: STATUSES.find((status) => status === Status?.Code) ?? 'active',
    ...(establishedAt !== undefined && { establishedAt }),
  };
}
