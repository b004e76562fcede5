import { endpointOf, type Action } from './context.ts';

/** The stand-in has no networks behind it: each endpoint has one, and lets everybody go everywhere. */
const NETWORK_CIDR = '10.0.0.0/16';

/** Which destinations people may reach. */
export const describeAuthorizationRules: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId', 'MaxResults', 'NextToken']);
  const { record } = endpointOf(query, context);
  return {
    authorizationRule: (context.lies.authorizedCidrs ?? ['0.0.0.0/0']).map((destinationCidr) => ({
      clientVpnEndpointId: record.endpointId,
      destinationCidr,
      groupId: '',
      accessAll: true,
      status: { code: 'active' },
    })),
  };
};

/** Where the endpoint can send people: the network of its association. */
export const describeRoutes: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId', 'MaxResults', 'NextToken']);
  const { record } = endpointOf(query, context);
  return {
    routes: [
      {
        clientVpnEndpointId: record.endpointId,
        destinationCidr: NETWORK_CIDR,
        targetSubnet: 'subnet-00000000000000000',
        type: 'Nat',
        origin: 'associate',
        status: { code: 'active' },
      },
    ],
  };
};
