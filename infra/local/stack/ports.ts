import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which Linux gives ports to outgoing connections, which would take ours now and then. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const ATTEMPTS = 50;

/** A port that somebody else has. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly port: number;

  constructor(port: number, what: string) {
    super(`port ${port} on 127.0.0.1, for ${what}, is in use by another program`);
    this.port = port;
  }
}

/** Whether somebody could listen on 127.0.0.1:port now. */
export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * The ports kept from an earlier start, and new ones for what has none. A kept one that others have taken is
 * replaced, unless something outside remembers it.
 *
 * @param names what needs a port; `true` where tokens or profiles carry it
 * @throws PortInUseError
 */
export async function choosePorts<Name extends string>(
  kept: Readonly<Record<string, number>>,
  names: Readonly<Record<Name, boolean>>,
): Promise<Record<Name, number>> {
  const chosen: Record<string, number> = {};
  for (const [name, isRemembered] of Object.entries<boolean>(names)) {
    const before = kept[name];
    if (before !== undefined && (await isPortFree(before))) chosen[name] = before;
    else if (before !== undefined && isRemembered) throw new PortInUseError(before, name);
    else chosen[name] = await newPort(Object.values(chosen));
  }
  return chosen;
}

async function newPort(taken: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (!taken.includes(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT}`);
}
