import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DataDirectoryInUseError,
  findRunningStack,
  lockDataDirectory,
  saveStackState,
} from '../../../infra/local/stack/data-directory.ts';
import { choosePorts, PortInUseError } from '../../../infra/local/stack/ports.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'data-directory-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a data directory', () => {
  const running = {
    pid: process.pid,
    apiUrl: 'http://127.0.0.1:4000',
    issuer: 'http://127.0.0.1:4001',
    audience: 'a',
    lambdaUrl: 'http://127.0.0.1:4002',
    cloudUrl: 'http://127.0.0.1:4003',
    endpointId: 'cvpn-endpoint-1',
  };

  it('has one owner at a time, and says who', () => {
    const unlock = lockDataDirectory(directory);
    expect(() => lockDataDirectory(directory)).toThrow(DataDirectoryInUseError);
    expect(() => lockDataDirectory(directory)).toThrow(`as process ${process.pid}`);
    unlock();
    lockDataDirectory(directory)();
  });

  it('is free after its owner was ended by force', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    writeFileSync(join(directory, 'stack.lock'), JSON.stringify({ pid: child.pid }));
    lockDataDirectory(directory)();
  });

  it("is free after its owner's number was given to another process", () => {
    writeFileSync(join(directory, 'stack.lock'), JSON.stringify({ pid: process.pid, startedTicks: '1' }));
    lockDataDirectory(directory)();
  });

  it('tells of a stack only while that stack runs', () => {
    saveStackState(directory, { ports: {}, running });
    expect(findRunningStack(directory)).toBeUndefined();
    const unlock = lockDataDirectory(directory);
    expect(findRunningStack(directory)).toEqual(running);
    saveStackState(directory, { ports: {}, running: { ...running, pid: 1 } });
    expect(findRunningStack(directory)).toBeUndefined();
    unlock();
  });
});

describe('ports', () => {
  const listen = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { port: address.port, close: () => server.close() };
  };

  it('are chosen once and kept', async () => {
    const first = await choosePorts({}, { one: true, two: false });
    expect(new Set(Object.values(first)).size).toBe(2);
    expect(await choosePorts(first, { one: true, two: false })).toEqual(first);
  });

  it('are replaced where others have taken them, unless something remembers them', async () => {
    const other = await listen();
    const chosen = await choosePorts({ two: other.port }, { two: false });
    expect(chosen.two).not.toBe(other.port);
    await expect(choosePorts({ one: other.port }, { one: true })).rejects.toThrow(PortInUseError);
    other.close();
  });
});
