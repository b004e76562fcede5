import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { localFailure, usageFailure } from '../failure.ts';
import { writePrivateFile } from '../private-file.ts';
import { filePath, type World } from '../world.ts';

const taken = (path: string) =>
  localFailure('fileExists', `${path} is there already`, 'give --force to replace it, or another --out');

/** A place for a profile that can be written to, found out before anything is asked of the portal. @throws Failure */
export function profilePath(world: World, name: string, isReplacing: boolean): string {
  const path = filePath(world, name);
  if (!existsSync(dirname(path))) throw usageFailure(`There is no directory ${dirname(path)}`);
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) throw usageFailure(`${path} is a directory`, 'name a file in it');
    if (!isReplacing) throw taken(path);
  }
  return path;
}

/** Writes a profile for its owner alone. @returns its path @throws Failure */
export function saveProfile(
  world: World,
  { name, text, isReplacing }: { name: string; text: string; isReplacing: boolean },
): string {
  const path = profilePath(world, name, isReplacing);
  if (!writePrivateFile(path, text, { isReplacing })) throw taken(path);
  return path;
}
