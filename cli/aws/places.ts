import type { STSClient } from '@aws-sdk/client-sts';
import { assumedRole } from '../../shared/adapters/assumed-role.ts';
import type { PlaceOptions } from '../../shared/adapters/ec2/clients.ts';
import type { Endpoint, EndpointPlace } from '../../shared/domain/endpoint.ts';

/*
 * Endpoints in other accounts and Regions, for whoever has the rights of an operator: through a role there beside the one
 * that the portal has (infra/aws/elsewhere/endpoint-role.yml).
 */

export interface OperatorPlaces {
  /** Where an endpoint is, and the operator's way to it; undefined for one that is here. */
  placeOf(endpointId: string): Promise<EndpointPlace | undefined>;
  /** What differs for a client of whatever has this ARN: its Region and, in another account, credentials there. */
  optionsFor(arn: string): Promise<PlaceOptions>;
}

/** `vpn-portal-operator-…` stands beside `vpn-portal-endpoint-…`. */
const operatorRoleOf = (accessRoleArn: string): string =>
  accessRoleArn.replace(':role/vpn-portal-endpoint-', ':role/vpn-portal-operator-');

const partsOf = (arn: string): { region: string; account: string } => {
  const [, , , region = '', account = ''] = arn.split(':');
  return { region, account };
};

/** What is somewhere is asked there; without a table, with the caller's own rights. */
export function regionOf(arn: string): PlaceOptions {
  const { region } = partsOf(arn);
  return region === '' ? {} : { region };
}

/** @param list the endpoints that the table knows; one that is not there counts as being here */
export function operatorPlaces({
  list,
  sts,
}: {
  readonly list: () => Promise<readonly Pick<Endpoint, 'endpointId' | 'region' | 'accessRoleArn'>[]>;
  readonly sts: () => STSClient;
}): OperatorPlaces {
  const roleAt = async ({ region, account }: ReturnType<typeof partsOf>): Promise<string | undefined> =>
    (await list())
      .filter((endpoint) => endpoint.region === region)
      .flatMap(({ accessRoleArn = '' }) =>
        partsOf(accessRoleArn).account === account ? [accessRoleArn] : [],
      )
      .map(operatorRoleOf)[0];
  return {
    async placeOf(endpointId) {
      const { region, accessRoleArn } = (await list()).find((one) => one.endpointId === endpointId) ?? {};
      return {
        ...(region === undefined ? {} : { region }),
        ...(accessRoleArn === undefined ? {} : { accessRoleArn: operatorRoleOf(accessRoleArn) }),
      };
    },
    async optionsFor(arn) {
      const roleArn = await roleAt(partsOf(arn));
      return {
        ...regionOf(arn),
        ...(roleArn === undefined ? {} : { credentials: assumedRole({ sts, roleArn }) }),
      };
    },
  };
}
