import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byPhase, makeResources, type ResourceMaker } from '../../../infra/local/runner/resources.ts';
import { functionReferences, readService } from '../../../infra/local/runner/service.ts';
import { readServiceFile } from '../../../infra/local/runner/service-file.ts';
import { bundleFunctions } from '../../../infra/package/bundle.ts';
import { MADE_TYPES } from '../../integration/runner/fixture-stack.ts';
import type { Bench, Measure } from '../bench.ts';
import { interleave } from '../rounds.ts';
import type { MeasuredRow } from '../row.ts';
import { timeFreshNode } from '../workers.ts';

/** Names what CloudFormation would make after itself. */
const nameAll: ResourceMaker = async ({ logicalId }) => ({
  ref: logicalId,
  attributes: { Arn: logicalId, QueueName: logicalId, Id: logicalId, Version: logicalId },
});

/** The variables that serverless.yml gives a function. */
async function environmentsOf(root: string): Promise<(key: string) => NodeJS.ProcessEnv> {
  const file = readServiceFile(join(root, 'serverless.yml'), {
    stage: 'local',
    params: { oidcIssuer: 'https://issuer.example' },
  });
  const { beforeFunctions } = byPhase(file.resources);
  const makers = Object.fromEntries(MADE_TYPES.map((type) => [type, nameAll]));
  const service = readService(file, await makeResources(beforeFunctions, makers, functionReferences(file)));
  return (key) => {
    const found = service.functions.find((one) => one.key === key);
    if (found === undefined) throw new Error(`serverless.yml has no function ${key}`);
    return { AWS_REGION: 'eu-west-1', ...found.environment };
  };
}

async function measureBundles(bench: Bench): Promise<MeasuredRow[]> {
  const bundles = await bundleFunctions(bench.root, ['gate', 'issue-certificate'], bench.directory);
  const empty = join(bench.directory, 'empty.mjs');
  writeFileSync(empty, 'export const handler = async () => ({ statusCode: 204 });\n');
  const environmentOf = await environmentsOf(bench.root);
  const load = (key: string): Promise<number> =>
    timeFreshNode(join(bench.directory, `functions/${key}/index.mjs`), environmentOf(key));
  const loadEmpty = (): Promise<number> => timeFreshNode(empty, environmentOf('gate'));
  const sides = { empty: loadEmpty, gate: () => load('gate'), issuer: () => load('issue-certificate') };
  // Once for the file cache.
  for (const side of Object.values(sides)) await side();
  const rounds = await interleave(bench.rounds(31, 9), sides, (round) =>
    bench.progress(`bundles, round ${round}`),
  );
  const row = (name: 'gate' | 'issuer', key: string, must: number, aim: number): MeasuredRow => ({
    name: `bundle-${name}`,
    title: `bundle of ${key}: process wall of a fresh import, ${bundles.find((one) => one.functionName === key)?.octets.toLocaleString('en-US') ?? '?'} octets`,
    value: rounds.ratio(name, 'empty'),
    unit: 'x',
    better: 'lower',
    must,
    aim,
    peer: 'an empty handler',
    figures: `${rounds.of(name).toFixed(0)} ms : ${rounds.of('empty').toFixed(0)} ms`,
  });
  return [row('gate', 'gate', 2.6, 1.5), row('issuer', 'issue-certificate', 3.4, 2.5)];
}

export const BUNDLE_MEASURES: readonly Measure[] = [{ name: 'bundle', measure: measureBundles }];
