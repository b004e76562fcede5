import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isSystemError } from './failure.ts';

/**
 * Writes a file that only its owner can read, as a whole or not at all, and through to the disk.
 *
 * @param isReplacing false leaves a file of that name alone
 * @returns false when there was one and it was left alone
 */
export function writePrivateFile(
  path: string,
  text: string,
  { isReplacing }: { isReplacing: boolean },
): boolean {
  const next = `${path}.${randomUUID()}.part`;
  try {
    const descriptor = openSync(next, 'wx', 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return putInPlace(next, path, { isReplacing });
  } finally {
    rmSync(next, { force: true });
  }
}

/**
 * Gives a file that is whole its name.
 *
 * @returns false when there was one of that name and it was left alone
 */
export function putInPlace(from: string, path: string, { isReplacing }: { isReplacing: boolean }): boolean {
  try {
    if (isReplacing) renameSync(from, path);
    else linkOrRename(from, path);
    return true;
  } catch (error) {
    if (!isReplacing && isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
}

/** A link fails where the name is taken, which a rename does not; some file systems know no links. */
function linkOrRename(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (isSystemError(error, 'EEXIST') || existsSync(to)) throw error;
    renameSync(from, to);
  }
}

/** @returns undefined where there is none */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export const makePrivateDirectoryOf = (path: string): void =>
  void mkdirSync(dirname(path), { recursive: true, mode: 0o700 });

export const removeFile = (path: string): void => rmSync(path, { force: true });
