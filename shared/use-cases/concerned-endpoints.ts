import type { EndpointStore } from '../ports/endpoint-store.ts';

/**
 * The endpoints that trust a CA. Each must have on its list who is revoked, whether or not the certificate is for it:
 * without its gate it would let in whatever the CA has signed.
 */
export const endpointIdsTrusting = async (
  endpoints: Pick<EndpointStore, 'list'>,
  caId: string,
): Promise<string[]> =>
  (await endpoints.list()).filter((endpoint) => endpoint.caId === caId).map(({ endpointId }) => endpointId);
