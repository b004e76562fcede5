import { closeSync, openSync, writeSync } from 'node:fs';
import type { OutputSink } from '../runner/function-output.ts';

/** Writes what functions write, one line each with the function's name before it, as CloudWatch keeps it by group. */
export function functionLog(path: string): { sink: OutputSink; close(): void } {
  const file = openSync(path, 'w', 0o600);
  let open = true;
  return {
    sink(functionKey, text) {
      if (!open) return;
      for (const line of text.split('\n')) {
        if (line !== '') writeSync(file, `${functionKey} ${line}\n`);
      }
    },
    close() {
      open = false;
      closeSync(file);
    },
  };
}
