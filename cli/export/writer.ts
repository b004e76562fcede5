import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { csvLine } from './csv.ts';
import type { Columns } from './columns.ts';
import { localFailure, usageFailure, type Failure } from '../failure.ts';
import { putInPlace } from '../private-file.ts';
import type { World } from '../world.ts';
import { filePath } from '../world.ts';

/** Where an export goes, piece by piece. */
export interface Output {
  write(text: string): void;
  /** Everything was written. @returns the file, undefined for standard output */
  finish(): string | undefined;
  /** Leaves nothing half written under the file's name. */
  abandon(): void;
}

/**
 * A file that only its owner can read and that appears only when it is whole; or standard output.
 *
 * @throws Failure where a file of that name must not be replaced
 */
export function openOutput(
  world: World,
  name: string | undefined,
  { isReplacing }: { readonly isReplacing: boolean },
): Output {
  if (name === undefined) {
    return {
      write: (text) => void world.stdout.write(text),
      finish: () => undefined,
      abandon: () => undefined,
    };
  }
  const path = filePath(world, name);
  // Looked at first: it may take minutes until there is something to put there.
  if (!isReplacing && existsSync(path)) throw fileExists(path);
  const part = `${path}.${randomUUID()}.part`;
  const descriptor = openPart(part);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  return {
    write: (text) => void writeSync(descriptor, text),
    finish() {
      fsyncSync(descriptor);
      close();
      if (putInPlace(part, path, { isReplacing })) return path;
      throw fileExists(path);
    },
    abandon() {
      close();
      rmSync(part, { force: true });
    },
  };
}

const fileExists = (path: string): Failure =>
  localFailure('fileExists', 'There is a file of that name already', path, [
    { words: 'give --force to replace it, or another name' },
  ]);

function openPart(part: string): number {
  try {
    return openSync(part, 'wx', 0o600);
  } catch (error) {
    throw usageFailure('The file cannot be written', error instanceof Error ? error.message : part);
  }
}

/** Writes records as they come. */
export interface RecordWriter<Value> {
  write(record: Value): void;
  end(): void;
}

/** With a line of headings; each record is one line, unless a cell has line ends in it. */
export function csvWriter<Value>(
  output: Pick<Output, 'write'>,
  columns: Columns<Value>,
): RecordWriter<Value> {
  output.write(csvLine(Object.keys(columns)));
  return {
    write: (record) => output.write(csvLine(Object.values(columns).map((cellOf) => cellOf(record)))),
    end: () => undefined,
  };
}

/** One array, a record to a line, each as the API gives it. */
export function jsonWriter(output: Output): RecordWriter<object> {
  let isFirst = true;
  return {
    write(record) {
      output.write(`${isFirst ? '[' : ','}\n${JSON.stringify(record)}`);
      isFirst = false;
    },
    end: () => output.write(isFirst ? '[]\n' : '\n]\n'),
  };
}
