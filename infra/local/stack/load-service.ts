import { readServiceFile } from '../runner/service-file.ts';
import { functionReferences, readService, type Service } from '../runner/service.ts';
import { makeResources } from '../runner/resources.ts';
import { resourceMakers } from './resource-makers.ts';
import type { StandIns } from './stand-ins.ts';

const STAGE = 'local';

/** Reads the service file and makes its resources in the stand-ins. */
export async function loadService(
  path: string,
  { cloud, dynamoDbEndpoint, openIdProvider, audience }: StandIns,
): Promise<{ service: Service; secretNames: readonly string[] }> {
  const file = readServiceFile(path, {
    stage: STAGE,
    params: {
      oidcIssuer: openIdProvider.issuer,
      oidcAudience: audience,
      // A refusal reaches a TCP client at once, where a UDP client would hang.
      vpnTransport: 'tcp',
    },
  });
  const secretNames: string[] = [];
  const makers = resourceMakers({
    cloud,
    dynamoDbEndpoint,
    stackName: `${file.name}-${file.stage}`,
    madeSecret: (name) => void secretNames.push(name),
  });
  const lookup = await makeResources(file.resources, makers, functionReferences(file));
  return { service: readService(file, lookup), secretNames };
}
