import type { EC2Client } from '@aws-sdk/client-ec2';
import type { STSClient } from '@aws-sdk/client-sts';
import type { EndpointPlace } from '../../domain/endpoint.ts';
import { assumedRole, type RoleCredentials } from '../assumed-role.ts';

/** How an adapter finds the client for an endpoint: one for all, or one for the account and Region where it is. */
export type Ec2Access =
  | { readonly client: EC2Client }
  | { readonly clientFor: (endpointId: string, place?: EndpointPlace) => Promise<EC2Client> };

export const clientOf = async (
  access: Ec2Access,
  endpointId: string,
  place?: EndpointPlace,
): Promise<EC2Client> => ('client' in access ? access.client : access.clientFor(endpointId, place));

/** What differs between the clients of two places; the rest is the portal's own. */
export interface PlaceOptions {
  readonly region?: string;
  readonly credentials?: RoleCredentials;
}

/**
 * A client for each account and Region in which there are endpoints, made when it is first needed.
 *
 * @param placeOf where an endpoint is; undefined for one that is not known (yet), which counts as the portal's own place
 */
export function clientsByPlace({
  placeOf,
  sts,
  make,
}: {
  readonly placeOf: (endpointId: string) => Promise<EndpointPlace | undefined>;
  readonly sts: () => STSClient;
  readonly make: (options: PlaceOptions) => EC2Client;
}): Extract<Ec2Access, { clientFor: unknown }> {
  const clients = new Map<string, EC2Client>();
  return {
    async clientFor(endpointId, given) {
      const { region, accessRoleArn } = given ?? (await placeOf(endpointId)) ?? {};
      const key = `${region ?? ''} ${accessRoleArn ?? ''}`;
      const known = clients.get(key);
      if (known !== undefined) return known;
      const client = make({
        ...(region === undefined ? {} : { region }),
        ...(accessRoleArn === undefined ? {} : { credentials: assumedRole({ sts, roleArn: accessRoleArn }) }),
      });
      clients.set(key, client);
      return client;
    },
  };
}
