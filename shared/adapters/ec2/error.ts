import { EC2ServiceException } from '@aws-sdk/client-ec2';

/** EC2's errors have no classes of their own: their names are the codes of its documentation. */
export const isEc2Error = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof EC2ServiceException && codes.includes(error.name);

export const ENDPOINT_NOT_FOUND = 'InvalidClientVpnEndpointId.NotFound';
export const CONNECTION_NOT_FOUND = 'InvalidClientVpnConnection.IdNotFound';
