import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';
import * as z from 'zod';

/** What is wrong with a template, for a person to mend. */
export interface Finding {
  readonly rule: string;
  /** Logical id and, where known, the property. */
  readonly where: string;
  readonly problem: string;
  readonly cure: string;
}

/** W3030: a value that is none of those the property takes, which CloudFormation would refuse. */
const REFUSED_WARNINGS = new Set(['W3030']);

/** Findings of AWS's own validator: what CloudFormation would refuse to create. */
export function validatorFindings(templatePath: string): Finding[] {
  const engine = new CelEngine();
  try {
    return engine
      .validateDetailed(new TemplateFile(templatePath))
      .diagnostics.filter(
        ({ severity, ruleId }) =>
          severity === 'ERROR' || severity === 'FATAL' || REFUSED_WARNINGS.has(ruleId),
      )
      .map(({ ruleId, message, suggestedFix, entity, propertyPath }) => ({
        rule: ruleId,
        where: [entity?.logicalId ?? 'the template', propertyPath].filter(Boolean).join('.'),
        problem: message,
        cure: suggestedFix ?? 'See the resource in the CloudFormation reference',
      }));
  } finally {
    engine.free();
  }
}

const BINARY_FOLDERS: Readonly<Record<string, string>> = { linux: 'ubuntu', darwin: 'macos' };
const BINARY_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

const guardReport = z.array(
  z.object({
    not_compliant: z.array(z.object({ Rule: z.object({ name: z.string(), checks: z.array(z.json()) }) })),
  }),
);

/** cfn-guard's exit codes: 0 all held, 19 some did not; anything else is a fault of rules or template. */
const HELD_OR_NOT = [0, 19];

/**
 * Findings of our own rules.
 *
 * @param root where node_modules is
 * @throws Error when cfn-guard cannot run on this machine or does not understand the rules
 */
export function policyFindings(root: string, templatePath: string, rulesPath: string): Finding[] {
  const folder = BINARY_FOLDERS[process.platform];
  const architecture = BINARY_ARCHITECTURES[process.arch];
  if (folder === undefined || architecture === undefined) {
    throw new Error(`there is no cfn-guard for ${process.platform} on ${process.arch}`);
  }
  const binary = join(
    root,
    'node_modules/@cdklabs/cdk-validator-cfnguard/bin',
    folder,
    architecture,
    'cfn-guard',
  );
  const { status, stdout, stderr, error } = spawnSync(
    binary,
    ['validate', '--structured', '--show-summary', 'none', '--output-format', 'json'].concat(
      ['--data', templatePath],
      ['--rules', rulesPath],
    ),
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (error !== undefined) throw error;
  if (status === null || !HELD_OR_NOT.includes(status)) {
    throw new Error(`cfn-guard failed with ${String(status)}: ${stderr || stdout}`);
  }
  return guardReport
    .parse(JSON.parse(stdout))
    .flatMap(({ not_compliant: broken }) => broken)
    .flatMap(({ Rule: { name, checks } }) => checks.flatMap((check) => guardFindings(name, check)));
}

/** cfn-guard's report is a tree; each clause that failed has its words. */
function guardFindings(rule: string, check: z.core.util.JSONType): Finding[] {
  if (typeof check !== 'object' || check === null) return [];
  if (Array.isArray(check)) return check.flatMap((one) => guardFindings(rule, one));
  const { messages } = check;
  if (typeof messages !== 'object' || messages === null || Array.isArray(messages)) {
    return Object.values(check).flatMap((one) => guardFindings(rule, one));
  }
  const { custom_message: cure, error_message: problem } = messages;
  const path = /"path":"\/Resources\/([^"]+)"/.exec(JSON.stringify(check))?.[1];
  return [
    {
      rule,
      where: (path ?? 'the template').replaceAll('/', '.'),
      problem: textOf(check['context']) ?? textOf(problem) ?? 'it does not hold',
      cure: textOf(cure) ?? 'See infra/aws/policy.guard',
    },
  ];
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value.trim() : undefined);
