import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfiguration } from '../../../cli/configuration.ts';
import { Failure } from '../../../cli/failure.ts';
import { worldOf, type World } from '../../../cli/world.ts';
import { fakeMachine, type FakeMachine } from './fake-world.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = fakeMachine();
});
afterEach(() => machine.remove());

const world = (env: Record<string, string> = {}): World => ({
  ...worldOf(process),
  env,
  workingDirectory: machine.directory,
});

function stackIs(content: unknown, directory = '.local'): void {
  mkdirSync(join(machine.directory, directory), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(machine.directory, directory, 'stack.json'), text);
}
const RUNNING = {
  ports: {},
  running: { pid: 1, apiUrl: 'http://127.0.0.1:4000', issuer: 'http://127.0.0.1:5' },
};

function failureOf(env: Record<string, string> = {}): Failure['facts'] {
  try {
    readConfiguration(world(env));
  } catch (error) {
    if (error instanceof Failure) return error.facts;
    throw error;
  }
  throw new Error('it was configured');
}

describe('the configuration', () => {
  it('is that of the environment', () => {
    const env = {
      VPN_PORTAL_URL: 'https://vpn.example.com/prod/',
      VPN_PORTAL_ISSUER: 'https://id.example.com',
      VPN_PORTAL_CLIENT_ID: 'abc',
      VPN_PORTAL_SCOPES: 'openid vpn',
      VPN_PORTAL_TOKEN: 'token',
    };
    expect(readConfiguration(world(env))).toEqual({
      portalUrl: 'https://vpn.example.com/prod',
      issuer: 'https://id.example.com',
      clientId: 'abc',
      scopes: 'openid vpn',
      token: 'token',
    });
  });

  it.each([
    ['', {}],
    ['elsewhere', { DATA_DIR: 'elsewhere' }],
  ])('is that of the stack on this machine otherwise, in %s', (directory, env) => {
    stackIs(RUNNING, directory || '.local');
    expect(readConfiguration(world(env))).toMatchObject({
      portalUrl: 'http://127.0.0.1:4000',
      issuer: 'http://127.0.0.1:5',
      clientId: 'vpn-cli',
      token: undefined,
    });
  });

  it('does not send people of another portal to the local sign-in', () => {
    stackIs(RUNNING);
    expect(readConfiguration(world({ VPN_PORTAL_URL: 'https://vpn.example.com' }))).toMatchObject({
      issuer: undefined,
      clientId: undefined,
    });
  });

  it('is missing, in words', () => {
    expect(failureOf()).toMatchObject({ exitCode: 2, title: 'No portal is named' });
    stackIs({ ports: {} });
    expect(failureOf()).toMatchObject({ exitCode: 3, next: [{ command: 'npm start' }] });
    stackIs('not JSON');
    expect(failureOf()).toMatchObject({ exitCode: 2 });
  });

  it.each([
    ['http://vpn.example.com', 'anybody on the way'],
    ['http://127.0.0.1.example.com', 'a name that only looks like this machine'],
    ['https://user:secret@vpn.example.com', 'a secret in an address'],
    ['ftp://vpn.example.com', 'another protocol'],
    ['vpn.example.com', 'no protocol'],
  ])('sends no token to %s: %s', (url) => {
    expect(failureOf({ VPN_PORTAL_URL: url })).toMatchObject({ exitCode: 2 });
  });
});
