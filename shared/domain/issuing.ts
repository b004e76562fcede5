import type { Endpoint } from './endpoint.ts';

/**
 * The CA that new certificates come from, of those that a deployment names in the order in which they issue: the first
 * that an endpoint trusts. So one that is being set up takes over once there is something to connect to, and not
 * before; which endpoints a certificate is for decides its issuer, and nothing that a caller sends.
 *
 * @param endpoints those that the portal looks after
 */
export const issuingCaIdOf = (
  issuingCaIds: readonly string[],
  endpoints: readonly Pick<Endpoint, 'caId'>[],
): string | undefined => issuingCaIds.find((caId) => endpoints.some((endpoint) => endpoint.caId === caId));
