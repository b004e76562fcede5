import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childOf, isTreeObject, readYaml } from '../local/runner/yaml.ts';
import { bundleFaults } from './bundle-contents.ts';
import { bundleFunctions, bundlePlugin, type Bundle } from './bundle.ts';

/** What osls reads, relative to the project. */
const SERVICE_FILES = ['serverless.yml', 'infra/aws'];

/** The keys of `functions:` in serverless.yml. */
export function functionNamesIn(root: string): string[] {
  const functions = childOf(readYaml(join(root, 'serverless.yml')), 'functions');
  return isTreeObject(functions) ? Object.keys(functions) : [];
}

export interface ServiceDirectory {
  /** Where osls has to run. */
  readonly path: string;
  readonly bundles: readonly Bundle[];
}

/**
 * Lays out `.build/service`: serverless.yml, its parts, and each function's bundle where its handler is. osls runs
 * there, so that an archive can hold nothing else. Source maps are kept aside, in `.build/source-maps`.
 *
 * @throws Error naming what a bundle holds that it must not
 */
export async function layOutService(root: string): Promise<ServiceDirectory> {
  const path = join(root, '.build/service');
  const sourceMaps = join(root, '.build/source-maps');
  for (const directory of [path, sourceMaps]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }
  for (const file of SERVICE_FILES) cpSync(join(root, file), join(path, file), { recursive: true });
  const names = functionNamesIn(root);
  const bundles = await bundleFunctions(root, names, path);
  const faults = bundles.flatMap(bundleFaults);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  await bundlePlugin(root, path);
  for (const name of names) {
    renameSync(join(path, `functions/${name}/index.mjs.map`), join(sourceMaps, `${name}.mjs.map`));
  }
  return { path, bundles };
}

/** What osls is run with. */
export interface OslsRun {
  readonly root: string;
  readonly serviceDirectory: string;
  readonly args: readonly string[];
  /** Where its words go as they come; else they are told only where it fails. */
  readonly stream?: { write(text: string): unknown };
}

/** @returns how it ended, and what it said */
export async function runOsls({
  root,
  serviceDirectory,
  args,
  stream,
}: OslsRun): Promise<{ code: number | null; said: string }> {
  const osls = join(root, 'node_modules/osls/bin/serverless.js');
  const child = spawn(process.execPath, [osls, ...args], {
    cwd: serviceDirectory,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      stream?.write(chunk.toString());
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, said };
}

export interface Packaging {
  readonly root: string;
  readonly serviceDirectory: string;
  readonly stage: string;
}

/** What `.serverless` holds afterwards, beside one archive for each function. */
export const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

/**
 * Runs `osls package`: archives and CloudFormation templates into `.serverless`. Offline, without credentials.
 *
 * @throws Error with what osls said
 */
export async function packageService({ root, serviceDirectory, stage }: Packaging): Promise<void> {
  const target = join(root, '.serverless');
  rmSync(target, { recursive: true, force: true });
  const { code, said } = await runOsls({ root, serviceDirectory, args: ['package', '--stage', stage] });
  if (code !== 0) throw new Error(`osls package failed:\n${said.trim()}`);
  renameSync(join(serviceDirectory, '.serverless'), target);
}
