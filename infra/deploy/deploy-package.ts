import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOsls } from '../package/service-directory.ts';
import { REQUEST_FILE, VERDICT_FILE, type DeployRequest } from './osls-plugin.ts';
import type { Verdict } from './verdict.ts';

export interface PackageToDeploy extends DeployRequest {
  readonly root: string;
  readonly serviceDirectory: string;
  readonly stage: string;
  readonly stream: { write(text: string): unknown };
}

export interface DeployOutcome {
  readonly outcome: 'deployed' | 'shown' | 'refused' | 'failed';
  /** Undefined where no change set was reached. */
  readonly verdict: Omit<Verdict, 'outcome'> | undefined;
}

/** Hands to osls exactly what was packaged; our plugin in it judges the change set (osls-plugin.ts). */
export async function deployPackage({
  root,
  serviceDirectory,
  stage,
  stream,
  allowReplacement,
  adoptions,
  dryRun,
}: PackageToDeploy): Promise<DeployOutcome> {
  const verdictFile = join(serviceDirectory, VERDICT_FILE);
  rmSync(verdictFile, { force: true });
  const request: DeployRequest = { allowReplacement, adoptions, dryRun };
  writeFileSync(join(serviceDirectory, REQUEST_FILE), JSON.stringify(request));
  cpSync(join(root, '.serverless'), join(serviceDirectory, '.serverless'), { recursive: true });
  const { code } = await runOsls({
    root,
    serviceDirectory,
    // Every resource as it comes: a deploy takes a quarter of an hour.
    args: ['deploy', '--stage', stage, '--package', '.serverless', '--verbose'],
    stream,
  });
  if (!existsSync(verdictFile)) return { outcome: code === 0 ? 'deployed' : 'failed', verdict: undefined };
  const { outcome, ...verdict } = JSON.parse(readFileSync(verdictFile, 'utf8')) as Verdict;
  if (outcome !== 'passed') return { outcome, verdict };
  return { outcome: code === 0 ? 'deployed' : 'failed', verdict };
}
