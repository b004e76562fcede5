import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startOpenVpnServer } from '../../../infra/local/openvpn/server.ts';
import type { VpnServerEvents } from '../../../infra/local/cloud/ec2/vpn-server.ts';
import { testBackends } from '../../support/vpn-client.ts';
import { createVpnPki, type VpnPki } from '../../support/vpn-pki.ts';

const PATIENCE_MS = 20_000;
const isOpenVpnHere = (await testBackends()).some(({ backend }) => backend === 'openvpn');

let pki: VpnPki;
let directory: string;
const died: string[] = [];

const events: VpnServerEvents = {
  judge: async () => ({ allow: true }),
  established: () => undefined,
  disconnected: () => undefined,
  transferred: () => undefined,
  refused: () => undefined,
  died: (reason) => died.push(reason),
};

beforeAll(async () => {
  pki = await createVpnPki();
  directory = await mkdtemp(join(tmpdir(), 'vpn "server" '));
});

afterAll(async () => {
  await pki.close();
  await rm(directory, { recursive: true });
});

async function settingsFor(port: number) {
  const { certificatePem, privateKeyPem } = await pki.server();
  return {
    port,
    directory,
    serverCertificatePem: certificatePem,
    serverPrivateKeyPem: privateKeyPem,
    serverChainPem: pki.caPem,
    clientCaPem: pki.caPem,
    asksForSignIn: false,
    crlPem: await pki.crl(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const managementDirectories = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('cvpn-m-'));

(isOpenVpnHere ? describe : describe.skip)('a process of openvpn', () => {
  it(
    'ends when its server is stopped, and leaves no socket and no key in a file',
    async () => {
      const port = await freePort();
      const before = await managementDirectories();
      const server = await startOpenVpnServer(await settingsFor(port), events);
      expect(await isListening(port)).toBe(true);
      expect(await readdir(directory)).toEqual(['openvpn.crl.pem']);
      await server.stop();
      expect(await isListening(port)).toBe(false);
      // Others may be starting at this moment: what counts is that none stays.
      const left = (await managementDirectories()).filter((name) => !before.includes(name));
      await setTimeout(left.length === 0 ? 0 : 1_000);
      expect((await managementDirectories()).filter((name) => left.includes(name))).toEqual([]);
      expect(died).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'ends when the process that started it is killed',
    async () => {
      const port = await freePort();
      const parent = spawn(
        process.execPath,
        ['test/support/vpn-parent.ts', JSON.stringify(await settingsFor(port))],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(parent.stdout, 'data');
      expect(await isListening(port)).toBe(true);
      parent.kill('SIGKILL');
      for (let tries = 0; tries < 50 && (await isListening(port)); tries += 1) await setTimeout(50);
      expect(await isListening(port)).toBe(false);
    },
    PATIENCE_MS,
  );

  it(
    'that cannot start says why',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      await expect(startOpenVpnServer(await settingsFor(port), events)).rejects.toThrow(
        /Address already in use/,
      );
      taken.close();
    },
    PATIENCE_MS,
  );
});
