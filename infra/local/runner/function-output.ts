import { AsyncLocalStorage } from 'node:async_hooks';

/** Where the output of the function that is running goes. */
export type OutputSink = (functionKey: string, text: string) => void;

const current = new AsyncLocalStorage<{ functionKey: string; sink: OutputSink }>();
let installed = false;

/**
 * Runs `work` with everything that it writes to standard output or error (powertools writes there past `console`)
 * going to `sink`: to CloudWatch at AWS, to a file here, never between the lines of the terminal.
 */
export function withOutput<T>(functionKey: string, sink: OutputSink, work: () => T): T {
  if (!installed) {
    installed = true;
    divert(process.stdout);
    divert(process.stderr);
  }
  return current.run({ functionKey, sink }, work);
}

function divert(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  const diverted = (...args: unknown[]): boolean => {
    const store = current.getStore();
    if (store === undefined) return write(...args);
    const [chunk] = args;
    store.sink(
      store.functionKey,
      chunk instanceof Uint8Array ? Buffer.from(chunk).toString('utf8') : String(chunk),
    );
    const done = args.at(-1);
    if (isCallback(done)) queueMicrotask(done);
    return true;
  };
  stream.write = diverted;
}

const isCallback = (value: unknown): value is () => void => typeof value === 'function';
