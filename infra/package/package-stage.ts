import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../local/runner/yaml.ts';
import type { Terminal } from '../local/terminal.ts';
import { authoritiesFile, firstNetworks } from './authorities.ts';
import { bundleFaults } from './bundle-contents.ts';
import { bundleFunctions } from './bundle.ts';
import { choicesFile } from './choices.ts';
import { gateElsewhereTemplate } from './elsewhere.ts';
import { ParameterError, readParameters } from './parameters.ts';
import { sourceFaults, readMappings, secretsFile } from './webhook-sources.ts';
import { layOutService, packageService, TEMPLATE } from './service-directory.ts';

/** The gate with the wiring that it has elsewhere. */
const GATE_ELSEWHERE = 'gate/elsewhere';

/** As in serverless.yml. */
const SERVICE = 'vpn-portal';

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
  if (faults.length === 0) faults.push(...sourceFaults(parameters, mappings));
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
  await packageGateElsewhere(root, { portal: `${SERVICE}-${stage}`, values: parameters });
  return { serviceDirectory: path, region: parameters['region'] ?? '' };
}

/** What a stack or StackSet in other accounts and Regions is made of: a template, and the code beside it. */
async function packageGateElsewhere(
  root: string,
  stage: { readonly portal: string; readonly values: Readonly<Record<string, string>> },
): Promise<void> {
  const built = join(root, '.build/gate-elsewhere');
  const target = join(root, '.serverless/gate-elsewhere');
  const faults = (await bundleFunctions(root, [GATE_ELSEWHERE], built)).flatMap(bundleFaults);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  mkdirSync(join(target, 'code'), { recursive: true });
  const code = readFileSync(join(built, `functions/${GATE_ELSEWHERE}/index.mjs`));
  writeFileSync(join(target, 'code/index.mjs'), code);
  const template = readYaml(join(root, 'infra/aws/elsewhere/gate.yml'));
  writeFileSync(
    join(target, 'template.json'),
    JSON.stringify(gateElsewhereTemplate(template, { ...stage, code }), null, 2),
  );
}
