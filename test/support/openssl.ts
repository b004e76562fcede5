import { spawnSync } from 'node:child_process';

const isInstalled = spawnSync('openssl', ['version']).status === 0;

const notice = (name: string): void =>
  void process.stderr.write(`NOTICE: skipped, because openssl is not installed: ${name}\n`);

/** `describe` where OpenSSL is installed; elsewhere it skips and says so. */
export function describeWithOpenssl(name: string, body: () => void): void {
  if (!isInstalled) notice(name);
  (isInstalled ? describe : describe.skip)(name, body);
}

/** `it` where OpenSSL is installed; elsewhere it skips and says so. */
export function itWithOpenssl(name: string, body: () => Promise<void>): void {
  if (!isInstalled) notice(name);
  (isInstalled ? it : it.skip)(name, body);
}
