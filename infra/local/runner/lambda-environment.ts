/** What a function may see beside its own variables: the machine's basics, Node's and the AWS SDK's. */
const KEPT =
  /^(?:PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|NODE_\w+|JEST_\w+|AWS_\w+|XDG_\w+|NO_COLOR|FORCE_COLOR|TERM)$/;

let tail: Promise<unknown> = Promise.resolve();

/**
 * Runs `load` while `process.env` is the function's: its own variables and the machine's basics, nothing of other
 * functions, so that a variable missing in serverless.yml is missing here too. One at a time, since the
 * environment is the process's.
 */
export function withEnvironment<T>(
  environment: Readonly<Record<string, string>>,
  load: () => Promise<T>,
): Promise<T> {
  const run = async (): Promise<T> => {
    const before = { ...process.env };
    const kept = Object.fromEntries(Object.entries(before).filter(([name]) => KEPT.test(name)));
    setEnvironment({ ...kept, ...environment });
    try {
      return await load();
    } finally {
      setEnvironment(before);
    }
  };
  const result = tail.then(run, run);
  tail = result.catch(() => undefined);
  return result;
}

function setEnvironment(wanted: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(wanted, name)) delete process.env[name];
  }
  Object.assign(process.env, wanted);
}
