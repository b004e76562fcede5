import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { childOf, isTreeObject, readYaml, type Tree } from '../../infra/local/runner/yaml.ts';
import { ParameterError, readParameters } from '../../infra/package/parameters.ts';
import { localFailure, usageFailure, type Failure } from '../failure.ts';
import { readTextFile } from '../private-file.ts';
import { hasSection, withSection, type Section } from './stage-section.ts';

/** The file of every stage's parameters, as the deploy reads it. */
export interface ParametersFile {
  readonly path: string;
  hasStage(stage: string): boolean;
  defaultOf(name: string): string | undefined;
  /** What the deploy would say of these values, a line each; empty where they are right. */
  faultsOf(stage: string, values: Section): readonly string[];
  /** Writes the stage's section, and nothing else. @throws Failure with the file as it was */
  write(stage: string, values: Section): void;
}

/** @throws Failure where this is not the portal's own directory */
export function openParametersFile(path: string): ParametersFile {
  const text = readTextFile(path);
  if (text === undefined) throw usageFailure('There is no infra/aws/parameters.yml here', path);
  const tree = readYaml(path);
  return {
    path,
    hasStage: (stage) => hasSection(text, stage),
    defaultOf(name) {
      const value = childOf(childOf(tree, 'default'), name);
      return typeof value === 'object' || value === undefined ? undefined : String(value);
    },
    faultsOf: (stage, values) => faultsOf(() => readParameters(without(tree, stage), stage, values)),
    write(stage, values) {
      const next = `${path}.${randomUUID()}.part`;
      try {
        writeFileSync(next, withSection(text, stage, values), { flag: 'wx' });
        const written = readYaml(next);
        const faults = faultsOf(() => readParameters(written, stage, {}));
        // Nobody else's section may have changed, and this one must be what was meant.
        const isWhole =
          isDeepStrictEqual(without(written, stage), without(tree, stage)) &&
          isDeepStrictEqual(childOf(written, stage), values);
        if (faults.length > 0 || !isWhole) throw notWritable(path, faults);
        renameSync(next, path);
      } finally {
        rmSync(next, { force: true });
      }
    },
  };
}

const without = (tree: Tree, stage: string): Tree =>
  isTreeObject(tree) ? Object.fromEntries(Object.entries(tree).filter(([name]) => name !== stage)) : tree;

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    // Not by instanceof alone: the words are for people either way.
    if (error instanceof ParameterError) return error.faults;
    throw error;
  }
}

const notWritable = (path: string, faults: readonly string[]): Failure =>
  localFailure('notWritten', 'The file is laid out in a way that cannot be edited safely', path, [
    ...faults.map((words) => ({ words })),
    { words: 'write the section by hand; nothing was changed' },
  ]);
