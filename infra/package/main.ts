import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { terminal } from '../local/terminal.ts';
import { pairOf } from '../deploy/options.ts';
import { packageStage } from './package-stage.ts';
import { ParameterError } from './parameters.ts';

/** `npm run package -- --stage prod --param name=value …`: what a deploy would upload, into .serverless/. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const USAGE = 'npm run package -- --stage prod --param oidcIssuer=https://login.example.com …';

const screen = terminal({ stream: process.stderr });

try {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string', default: 'prod' },
      param: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    screen.plain(`${USAGE}\nParameters, and what they mean: infra/aws/parameters.yml, docs/deploy.md`);
  } else await packageStage(ROOT, values.stage, Object.fromEntries(values.param.map(pairOf)), screen);
} catch (error) {
  if (error instanceof ParameterError) {
    screen.failed('Nothing was packaged: the parameters are not right.');
    for (const fault of error.faults) screen.plain(`    ${fault}`);
  } else screen.failed(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
