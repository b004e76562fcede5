import { fileURLToPath } from 'node:url';
import { terminal, type Terminal } from '../local/terminal.ts';
import { packageStage } from '../package/package-stage.ts';
import { ParameterError } from '../package/parameters.ts';
import { deployPackage, type DeployOutcome } from './deploy-package.ts';
import { parseDeployOptions, USAGE, UsageError, type DeployOptions } from './options.ts';

/** `npm run deploy -- --stage prod`: parameters, package, change set, judgement, and only then the stack. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const screen = terminal({ stream: process.stderr });
const isJson = process.argv.includes('--json');

try {
  const options = parseDeployOptions(process.argv.slice(2));
  if (options.help) screen.plain(USAGE);
  else finish(await deploy(options, screen));
} catch (error) {
  process.exitCode = 1;
  let code = 'failed';
  let faults = [error instanceof Error ? error.message : String(error)];
  if (error instanceof ParameterError) {
    code = 'wrongParameters';
    faults = [...error.faults];
    process.exitCode = 2;
    screen.failed('Nothing was made: the parameters are not right.');
    for (const fault of faults) screen.plain(`    ${fault}`);
  } else {
    screen.failed(faults.join('\n'));
    if (error instanceof UsageError) {
      code = 'wrongUsage';
      process.exitCode = 2;
      screen.plain(`\n${USAGE}`);
    }
  }
  if (isJson) print({ ok: false, code, faults });
}

async function deploy(options: DeployOptions, to: Terminal): Promise<DeployOutcome> {
  const { serviceDirectory, region } = await packageStage(ROOT, options.stage, options.given, to);
  const { stage, dryRun, allowReplacement, adoptions } = options;
  to.title(`${dryRun ? 'Looking at' : 'Deploying'} ${stage} in ${region}`);
  for (const id of allowReplacement) to.warn(`${id} may be removed or replaced: you said so.`);
  return deployPackage({
    root: ROOT,
    serviceDirectory,
    stage,
    dryRun,
    allowReplacement,
    adoptions,
    stream: process.stderr,
  });
}

function finish({ outcome, verdict }: DeployOutcome): void {
  const isFine = outcome === 'deployed' || outcome === 'shown';
  if (outcome === 'deployed') screen.done('Deployed. What is left to do by hand: docs/deploy.md');
  else if (outcome === 'shown') screen.done('Nothing was changed.');
  else if (outcome === 'refused') screen.failed('Nothing was changed.');
  else screen.failed('The deploy failed; what happened stands above. It can be run again as it was.');
  if (!isFine) process.exitCode = 1;
  if (isJson) print({ ok: isFine, code: outcome, ...verdict });
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
