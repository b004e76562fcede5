import { parseArgs } from 'node:util';
import type { Adoption } from './adopt.ts';

export const USAGE = `npm run deploy -- --stage prod --param oidcIssuer=https://login.example.com …
  --stage NAME            which deployment; prod where nothing is said
  --param name=value      wins over infra/aws/parameters.yml; docs/deploy.md has them all
  --dry-run               shows the change set and changes nothing
  --allow-replacement ID  DANGEROUS: lets this one resource be removed or replaced, though it ends the VPN for those
                          who use it. ID is the logical id that the refusal names; once for each
  --adopt ID=NAME         takes a table, key or secret that an earlier stack left into this one, before anything is
                          made: --adopt Table=vpn-portal-prod-Table-ABC; once for each
  --json                  one line of JSON last on standard output; the words go to standard error
  --help
Exit code 0: deployed, or shown; 1: refused or failed; 2: wrong options or parameters.`;

export interface DeployOptions {
  readonly stage: string;
  readonly given: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
  readonly allowReplacement: readonly string[];
  readonly adoptions: readonly Adoption[];
  readonly json: boolean;
  readonly help: boolean;
}

/** What was typed is not a command line of ours. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseDeployOptions(args: readonly string[]): DeployOptions {
  const values = valuesOf(args);
  for (const id of values['allow-replacement']) {
    // No pattern, no list: each resource is meant by its own name.
    if (!/^[A-Za-z0-9]+$/.test(id)) {
      throw new UsageError(`--allow-replacement wants one logical id, such as Endpoint, not "${id}"`);
    }
  }
  return {
    stage: values.stage,
    given: Object.fromEntries(values.param.map(pairOf)),
    dryRun: values['dry-run'],
    allowReplacement: values['allow-replacement'],
    adoptions: values.adopt.map(adoptionOf),
    json: values.json,
    help: values.help,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        stage: { type: 'string', default: 'prod' },
        param: { type: 'string', multiple: true, default: [] },
        'dry-run': { type: 'boolean', default: false },
        'allow-replacement': { type: 'string', multiple: true, default: [] },
        adopt: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function adoptionOf(text: string): Adoption {
  const [, logicalId, physicalId] = /^([A-Za-z0-9]+)=(\S+)$/.exec(text) ?? [];
  if (logicalId === undefined || physicalId === undefined) {
    throw new UsageError(
      `--adopt wants LogicalId=name, such as Table=vpn-portal-prod-Table-ABC, not "${text}"`,
    );
  }
  return { logicalId, physicalId };
}

/** @throws UsageError */
export const pairOf = (pair: string): readonly [string, string] => {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new UsageError(`--param wants name=value, not "${pair}"`);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
};
