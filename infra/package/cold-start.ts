import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import type { Finding } from './judge.ts';

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});
/** Stands for every name that only CloudFormation knows: it is long enough for any, and an address where one is due. */
const PLACEHOLDER = 'https://placeholder.example.com/made-by-cloudformation';

const lambdaProperties = z.object({
  Handler: z.string(),
  Environment: z.object({
    Variables: z.record(
      z.string(),
      z
        .union([z.string(), z.number(), z.boolean()])
        .transform(String)
        .or(z.looseObject({}).transform(() => PLACEHOLDER)),
    ),
  }),
});

const LOAD = `
  const module = await import(process.argv[1]);
  if (typeof module.handler !== 'function') throw new Error('it exports no handler');
`;

/**
 * Loads each bundle as Lambda would, with the variables that the template gives it and no others: whatever would
 * end a cold start ends here.
 */
export async function coldStartFindings(serviceDirectory: string, templatePath: string): Promise<Finding[]> {
  const { Resources } = template.parse(JSON.parse(readFileSync(templatePath, 'utf8')));
  const findings: Finding[] = [];
  for (const [logicalId, { Type, Properties }] of Object.entries(Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const { Handler, Environment } = lambdaProperties.parse(Properties);
    const file = join(serviceDirectory, Handler.replace(/\.handler$/, '.mjs'));
    const said = await load(pathToFileURL(file).href, Environment.Variables);
    if (said === undefined) continue;
    findings.push({
      rule: 'loads at a cold start',
      where: logicalId,
      problem: said,
      cure: "Compare its environment in serverless.yml with its configuration's slices",
    });
  }
  return findings;
}

/** @returns what Node said, undefined when the module could be loaded */
async function load(url: string, environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', LOAD, url], {
    env: { AWS_REGION: 'eu-west-1', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return code === 0 ? undefined : said.trim().slice(-2_000);
}
