import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../local/runner/yaml.ts';
import type { Terminal } from '../local/terminal.ts';
import { authoritiesFile, firstNetworks } from './authorities.ts';
import { choicesFile } from './choices.ts';
import { ParameterError, readParameters } from './parameters.ts';
import { lookupFaults, readMappings, secretsFile } from './webhook-sources.ts';
import { layOutService, packageService, TEMPLATE } from './service-directory.ts';

/**
 * Packages a stage into `.serverless`: parameters first, so that a wrong one stops before anything is made.
 *
 * @param given `--param` values that win over infra/aws/parameters.yml
 * @returns where osls runs for it
 * @throws ParameterError, or Error in words for the operator
 */
export async function packageStage(
  root: string,
  stage: string,
  given: Readonly<Record<string, string>>,
  screen: Terminal,
): Promise<{ serviceDirectory: string; region: string }> {
  if (!/^[a-z][a-z0-9]{0,15}$/.test(stage) || stage === 'local' || stage === 'default') {
    throw new Error(`"${stage}" cannot be a stage: small letters and digits, such as prod`);
  }
  const parameters = readParameters(readYaml(join(root, 'infra/aws/parameters.yml')), stage, given);
  const { offboardingSources = '' } = parameters;
  const { mappings, faults } = readMappings(root, offboardingSources);
  if (faults.length === 0) faults.push(...lookupFaults(parameters, mappings));
  if (faults.length > 0) throw new ParameterError(faults);
  const started = performance.now();
  const { path, bundles } = await layOutService(root);
  const authorities = authoritiesFile(parameters, (file) => readYaml(join(root, file)));
  // JSON is YAML too.
  writeFileSync(join(path, 'infra/aws/networks.yml'), JSON.stringify(firstNetworks(parameters), null, 2));
  writeFileSync(join(path, 'infra/aws/authorities.yml'), JSON.stringify(authorities, null, 2));
  // As a file and not as `--param`, which takes no empty value.
  writeFileSync(join(path, 'infra/aws/parameters.yml'), JSON.stringify({ [stage]: parameters }, null, 2));
  writeFileSync(
    join(path, 'infra/aws/choices.yml'),
    JSON.stringify(choicesFile(parameters, mappings), null, 2),
  );
  writeFileSync(
    join(path, 'infra/aws/secrets.yml'),
    JSON.stringify(secretsFile(offboardingSources), null, 2),
  );
  screen.done(`${bundles.length} bundles, each with what it needs`, performance.now() - started);
  screen.table(bundles.map(({ functionName, octets }) => [functionName, `${Math.ceil(octets / 1024)} KB`]));
  const packaging = performance.now();
  await packageService({ root, serviceDirectory: path, stage });
  screen.done(`packaged for ${stage}: ${TEMPLATE}`, performance.now() - packaging);
  return { serviceDirectory: path, region: parameters['region'] ?? '' };
}
