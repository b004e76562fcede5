import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { terminal } from '../local/terminal.ts';
import { coldStartFindings } from './cold-start.ts';
import { policyFindings, validatorFindings, type Finding } from './judge.ts';
import { packageStage } from './package-stage.ts';
import { PARAMETERS } from './parameters.ts';
import { TEMPLATE } from './service-directory.ts';

/** `npm run check:infra`: packages with the parameters' examples, and judges what would be deployed. Offline. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const screen = terminal({ stream: process.stderr });

try {
  const examples = Object.entries(PARAMETERS)
    .filter(([, { isChoice = false }]) => !isChoice)
    .map(([name, { example }]) => [name, example] as const);
  await packageStage(ROOT, 'prod', Object.fromEntries(examples), screen);
  const templatePath = join(ROOT, TEMPLATE);
  const findings = [
    ...(await judged('what CloudFormation would refuse', () => validatorFindings(templatePath))),
    ...(await judged('what infra/aws/policy.guard asks', () =>
      policyFindings(ROOT, templatePath, join(ROOT, 'infra/aws/policy.guard')),
    )),
    ...(await judged('cold starts', () => coldStartFindings(join(ROOT, '.build/service'), templatePath))),
  ];
  for (const { rule, where, problem, cure } of findings) {
    screen.plain(`\n  ${rule}\n    where    ${where}\n    problem  ${problem}\n    cure     ${cure}`);
  }
  if (findings.length > 0) process.exitCode = 1;
} catch (error) {
  screen.failed(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function judged(what: string, judge: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  const started = performance.now();
  const findings = await judge();
  const took = performance.now() - started;
  if (findings.length === 0) screen.done(what, took);
  else screen.failed(`${what}: ${findings.length} found`);
  return findings;
}
