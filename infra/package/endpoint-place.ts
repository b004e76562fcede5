import * as z from 'zod';

/** `endpointId` where the endpoint is to be made of what this deployment answers. */
export const LATER = 'later';

/** Client VPN takes /12 to /22 (CreateClientVpnEndpoint, ClientCidrBlock). */
export const clientCidrBlock = z.cidrv4().regex(/\/(?:1[2-9]|2[0-2])$/, 'a block of /12 to /22');

export const endpointIdOrLater = z
  .literal(LATER)
  .or(z.string().regex(/^cvpn-endpoint-[0-9a-f]{17}$/, `an endpoint that is there, or "${LATER}"`));
