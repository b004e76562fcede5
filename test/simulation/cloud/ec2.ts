import type { VpnConnections, VpnCrl, VpnEndpoints } from '../../../shared/ports/client-vpn.ts';
import type { Invocation } from '../invocation.ts';
import { InjectedFault, type Machine } from '../machine.ts';
import type { Watch } from '../watch.ts';
import type { SimulatedEndpoint } from './endpoint.ts';

/** The calls of EC2, as one invocation makes them. */
export function ec2For(
  invocation: Invocation,
  machine: Machine,
  endpoints: readonly SimulatedEndpoint[],
  watch: Watch,
): { connections: VpnConnections; vpnCrl: VpnCrl; vpnEndpoints: VpnEndpoints } {
  const ask = <T>(
    endpointId: string,
    words: string,
    run: (endpoint: SimulatedEndpoint) => T,
    isRepeatable = true,
  ): Promise<T> =>
    invocation.effect(
      'ec2',
      () => `${words} ${endpointId}`,
      () => {
        const endpoint = endpoints.find((one) => one.endpointId === endpointId);
        if (endpoint === undefined || endpoint.isBroken) throw new InjectedFault('EC2 does not answer');
        return run(endpoint);
      },
      { isRepeatable },
    );
  return {
    connections: {
      list: (endpointId) =>
        ask(endpointId, 'lists the connections of', (endpoint) => {
          watch.listed(endpoint, invocation);
          return endpoint.list();
        }),
      terminate: (endpointId, connectionId) =>
        ask(endpointId, `terminates ${connectionId} at`, (endpoint) => {
          const tunnel = endpoint.tunnels.find((one) => one.connectionId === connectionId);
          if (tunnel !== undefined) watch.terminated(endpoint, tunnel, invocation);
          return endpoint.terminate(connectionId);
        }),
    },
    vpnCrl: {
      // Its client never sends an import twice by itself.
      import: (endpointId, crlPem) =>
        ask(
          endpointId,
          'imports a list at',
          (endpoint) => {
            const shownBefore = endpoint.shown?.list;
            const list = endpoint.import(crlPem);
            machine.tell(invocation.name, `list ${list.crlNumber} has ${list.serialNumbers.size} entries`);
            watch.imported({ endpoint, list, invocation, shownBefore });
          },
          false,
        ),
      export: (endpointId) => ask(endpointId, 'exports the list of', (endpoint) => endpoint.export()),
    },
    vpnEndpoints: {
      describe: (endpointId) => ask(endpointId, 'describes', (endpoint) => endpoint.describe()),
      exportClientConfiguration: async () => 'client\n',
    },
  };
}
