import { dirname, resolve } from 'node:path';
import { ACCOUNT, REGION } from '../names.ts';
import { resolveVariables } from './variables.ts';
import { childOf, isTreeList, isTreeObject, readYaml, type Tree, type TreeObject } from './yaml.ts';

export interface ServiceFileOptions {
  readonly stage: string;
  /** Values for `${param:…}` that win over the file's own, as `--param` does. */
  readonly params?: Readonly<Record<string, string>>;
  /** What stands in the place of files that `${file(…)}` names. */
  readonly files?: Readonly<Record<string, Tree>>;
}

/** serverless.yml with its variables resolved; CloudFormation's intrinsic functions are still in it. */
export interface ServiceFile {
  readonly directory: string;
  readonly name: string;
  readonly stage: string;
  readonly tree: TreeObject;
  /** Every `resources:` template merged, by logical id. */
  readonly resources: Readonly<Record<string, Tree>>;
}

/** Sections of a template that do not change what runs locally. */
const IGNORED_SECTIONS = new Set([
  'Resources',
  'Outputs',
  'Description',
  'AWSTemplateFormatVersion',
  // What is added to resources that the Serverless Framework makes itself: the API's throttles.
  'extensions',
]);

/**
 * Reads the service file and everything that `${file(…)}` includes.
 *
 * @throws Error naming the place of whatever the local runner does not know
 */
export function readServiceFile(path: string, options: ServiceFileOptions): ServiceFile {
  const file = resolve(path);
  const root = readYaml(file);
  const tree = resolveVariables(root, '', {
    root,
    directory: dirname(file),
    stage: options.stage,
    region: REGION,
    accountId: ACCOUNT,
    params: options.params ?? {},
    files: options.files ?? {},
  });
  if (!isTreeObject(tree)) throw new Error(`${path}: a mapping expected`);
  const name = childOf(tree, 'service');
  if (typeof name !== 'string') throw new Error(`${path}: service: a name expected`);
  return {
    directory: dirname(file),
    name,
    stage: options.stage,
    tree,
    resources: mergeTemplates(childOf(tree, 'resources')),
  };
}

function mergeTemplates(templates: Tree): Record<string, Tree> {
  const merged: Record<string, Tree> = {};
  for (const template of isTreeList(templates) ? templates : [templates ?? {}]) {
    if (!isTreeObject(template)) throw new Error('resources: a template expected');
    const unknown = Object.keys(template).find((section) => !IGNORED_SECTIONS.has(section));
    if (unknown !== undefined) throw new Error(`resources: the local runner does not know ${unknown}`);
    const resources = template['Resources'] ?? {};
    if (!isTreeObject(resources)) throw new Error('resources.Resources: a mapping expected');
    for (const [logicalId, resource] of Object.entries(resources)) {
      if (Object.hasOwn(merged, logicalId)) throw new Error(`resources.Resources.${logicalId} stands twice`);
      merged[logicalId] = resource;
    }
  }
  return merged;
}
