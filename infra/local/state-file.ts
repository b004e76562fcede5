import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod';

/** State that a stand-in finds again after a restart. */
export interface StateFile<State> {
  /** @returns undefined where nothing was ever saved */
  load(): State | undefined;
  save(state: State): void;
}

/**
 * One JSON file, replaced as a whole by rename and readable by its owner only, since stand-ins keep private keys
 * in such files. Writing is synchronous: when an answer leaves, what it says is on disk.
 *
 * @param path undefined keeps nothing
 * @throws Error when the file is there but does not have the expected shape
 */
export function stateFile<State>(path: string | undefined, schema: z.ZodType<State>): StateFile<State> {
  if (path === undefined) return { load: () => undefined, save: () => undefined };
  return {
    load() {
      if (!existsSync(path)) return undefined;
      try {
        return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
      } catch (cause) {
        throw new Error(`${path} is damaged; remove it, or start afresh`, { cause });
      }
    },
    save(state) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const next = `${path}.${process.pid}.next`;
      writeFileSync(next, JSON.stringify(state), { mode: 0o600 });
      renameSync(next, path);
    },
  };
}
