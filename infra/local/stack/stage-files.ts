import * as z from 'zod';
import { join } from 'node:path';
import { authoritiesFile, firstNetworks } from '../../package/authorities.ts';
import { choicesFile } from '../../package/choices.ts';
import { endpointFaults } from '../../package/endpoint-parameters.ts';
import { PARAMETERS } from '../../package/parameters.ts';
import { secretsFile } from '../../package/webhook-sources.ts';
import { childOf, isTreeObject, readYaml, type Tree } from '../runner/yaml.ts';

/** What a laptop's stage is made of, by the path that serverless.yml includes it by. */
export type StageFiles = Readonly<Record<string, Tree>>;

/**
 * The files that a deployment makes of its parameters, for a laptop that is given some; without any they are as they
 * stand in infra/aws.
 *
 * @param given `--param name=value`
 * @throws Error naming every fault
 */
export function stageFiles(directory: string, given: Readonly<Record<string, string>>): StageFiles {
  const file = readYaml(join(directory, 'infra/aws/parameters.yml'));
  const sections = ['default', 'local'].map((name) => childOf(file, name));
  const values: Record<string, string> = {};
  for (const section of sections) {
    for (const [name, value] of Object.entries(isTreeObject(section) ? section : {})) {
      if (typeof value === 'string') values[name] = value;
    }
  }
  Object.assign(values, given);
  const faults = Object.entries(given).flatMap(([name, value]) => {
    const known = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (known === undefined) return [`${name} is not a parameter`];
    const parsed = z.safeParse(known.schema, value);
    return parsed.success ? [] : [`${name} cannot be "${value}". A good one: ${known.example}`];
  });
  if (faults.length === 0) faults.push(...endpointFaults(values));
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const { associations, template } = firstNetworks(values);
  return {
    'infra/aws/choices.yml': choicesFile(values) as Tree,
    'infra/aws/secrets.yml': secretsFile(values['offboardingSources'] ?? '') as Tree,
    'infra/aws/authorities.yml': authoritiesFile(values, (path) => readYaml(join(directory, path))),
    'infra/aws/networks.yml': {
      dnsServers: { Ref: 'AWS::NoValue' },
      associations,
      template: template as Tree,
    },
  };
}
