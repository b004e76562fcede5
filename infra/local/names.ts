/** The account and Region that the stand-ins are in. AWS uses this account in its own examples. */
export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

export const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
