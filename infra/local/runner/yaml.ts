import { readFileSync } from 'node:fs';
import { CORE_SCHEMA, load, Type } from 'js-yaml';

/** A node of a YAML document after parsing. */
export type Tree =
  string | number | boolean | null | undefined | readonly Tree[] | { readonly [key: string]: Tree };
export type TreeObject = { readonly [key: string]: Tree };

const shortForm = (tag: string, key: string): Type =>
  new Type(`!${tag}`, { kind: 'scalar', construct: (data: string) => ({ [key]: data }) });

const shortListForm = (tag: string, key: string): Type =>
  new Type(`!${tag}`, { kind: 'sequence', construct: (data: Tree[]) => ({ [key]: data }) });

/** `<<: *anchor`, which YAML 1.2's core schema left out. */
const mergeKey = new Type('tag:yaml.org,2002:merge', {
  kind: 'scalar',
  resolve: (data: unknown) => data === '<<' || data === null,
});

/**
 * YAML as CloudFormation means it: the core schema, because the default one would turn a policy's
 * `Version: 2012-10-17` into a Date; short forms become the long ones.
 */
const cloudFormationSchema = CORE_SCHEMA.extend({
  implicit: [mergeKey],
  explicit: [
    shortForm('Ref', 'Ref'),
    shortForm('GetAtt', 'Fn::GetAtt'),
    shortListForm('GetAtt', 'Fn::GetAtt'),
    shortForm('Sub', 'Fn::Sub'),
    shortListForm('Sub', 'Fn::Sub'),
  ],
});

/** @throws Error that names the file, when it is absent or not YAML */
export function readYaml(path: string): Tree {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`${path}: cannot be read`, { cause });
  }
  return load(text, { schema: cloudFormationSchema, filename: path }) as Tree;
}

export const isTreeObject = (value: Tree): value is TreeObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isTreeList = (value: Tree): value is readonly Tree[] => Array.isArray(value);

/** The value under dotted keys, undefined where the road ends early. */
export function childOf(value: Tree, key: string): Tree {
  if (isTreeList(value)) return value[Number(key)];
  return isTreeObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
