import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitLines } from './process.ts';

/** The kernel's limit for the path of a Unix socket is 108 octets with the closing NUL. */
const SOCKET_PATH_OCTETS = 107;

const CONNECT_TIMEOUT_MS = 10_000;

/** A process's management connection. It ends when either side goes away. */
export interface ManagementLink {
  /** @param command one line, its texts quoted */
  send(command: string): void;
  close(): void;
}

export interface ManagementListener {
  /** What makes openvpn come to us. As it comes as a client, it ends by itself when we are gone, even by SIGKILL. */
  readonly configuration: readonly string[];
  /** Resolves when openvpn has come; nothing is left in the file system then. */
  readonly connected: Promise<ManagementLink>;
  close(): Promise<void>;
}

/** Listens on a Unix socket in a directory of our own for one openvpn process. */
export async function listenForManagement(onLine: (line: string) => void): Promise<ManagementListener> {
  const directory = await socketDirectory();
  const path = join(directory, 's');
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  let link: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    link?.destroy();
    server.close();
    await rm(directory, { recursive: true, force: true });
  };
  const connected = new Promise<ManagementLink>((resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('openvpn did not come to its management socket'));
    }, CONNECT_TIMEOUT_MS);
    server.once('connection', (socket) => {
      clearTimeout(timer);
      link = socket;
      socket.on('error', () => undefined);
      splitLines(socket, onLine);
      server.close();
      void rm(directory, { recursive: true, force: true }).then(() => resolve(linkOver(socket)));
    });
  });
  // Whoever waits for it sees the failure; whoever has already given up must not crash of it.
  connected.catch(() => undefined);
  return { configuration: [`management ${path} unix`, 'management-client'], connected, close };
}

function linkOver(socket: Socket): ManagementLink {
  return {
    send(command) {
      if (/[\r\n]/.test(command)) throw new Error('a management command is one line');
      if (!socket.destroyed) socket.write(`${command}\n`);
    },
    close: () => socket.destroy(),
  };
}

/** mkdtemp makes it for its owner alone. */
async function socketDirectory(): Promise<string> {
  const name = 'cvpn-m-';
  const fits = Buffer.byteLength(join(tmpdir(), `${name}XXXXXX`, 's')) <= SOCKET_PATH_OCTETS;
  return mkdtemp(join(fits ? tmpdir() : '/tmp', name));
}
