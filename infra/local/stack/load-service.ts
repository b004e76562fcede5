import { dirname } from 'node:path';
import { DIRECTORY_PATH } from '../openid-provider/directory.ts';
import { readServiceFile } from '../runner/service-file.ts';
import { functionReferences, readService, type Service } from '../runner/service.ts';
import { byPhase, makeResources } from '../runner/resources.ts';
import type { ReferenceLookup } from '../runner/intrinsics.ts';
import type { Tree } from '../runner/yaml.ts';
import { resourceMakers } from './resource-makers.ts';
import type { StandIns } from './stand-ins.ts';

const STAGE = 'local';

export interface LoadedService {
  readonly service: Service;
  readonly secretNames: readonly string[];
  /** What is left to be made once the functions run, and what they refer to. */
  readonly afterFunctions: Readonly<Record<string, Tree>>;
  readonly lookup: ReferenceLookup;
  /** What was made so far: physical ids by logical id. */
  readonly resources: Readonly<Record<string, string>>;
}

/**
 * Reads the service file and makes in the stand-ins those of its resources that functions need.
 *
 * @param given parameters that win over those of infra/aws/parameters.yml
 */
export async function loadService(
  path: string,
  { cloud, dynamoDbEndpoint, openIdProvider, audience }: StandIns,
  given: Readonly<Record<string, string>> = {},
): Promise<LoadedService> {
  // Only here: what packages a stage takes time to load.
  const files =
    Object.keys(given).length === 0
      ? {}
      : (await import('./stage-files.ts')).stageFiles(dirname(path), given);
  const file = readServiceFile(path, {
    stage: STAGE,
    files,
    params: {
      ...given,
      oidcIssuer: openIdProvider.issuer,
      oidcAudience: audience,
      // Whom the OpenID provider signs in is whom the company has.
      reconciliationDirectory: 'scim',
      reconciliationUrl: `${openIdProvider.issuer}${DIRECTORY_PATH}`,
      // A refusal reaches a TCP client at once, where a UDP client would hang.
      vpnTransport: 'tcp',
    },
  });
  const secretNames: string[] = [];
  const makers = resourceMakers({
    cloud,
    dynamoDbEndpoint,
    stackName: `${file.name}-${file.stage}`,
    directoryToken: openIdProvider.directory.bearerToken,
    madeSecret: (name) => void secretNames.push(name),
  });
  const { beforeFunctions, afterFunctions } = byPhase(file.resources);
  const lookup = await makeResources(beforeFunctions, makers, functionReferences(file));
  const resources = Object.fromEntries(
    Object.keys(beforeFunctions).flatMap((logicalId) => {
      const ref = lookup(logicalId);
      return ref === undefined ? [] : [[logicalId, ref]];
    }),
  );
  return { service: readService(file, lookup), secretNames, afterFunctions, lookup, resources };
}
