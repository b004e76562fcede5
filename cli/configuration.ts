import { join, resolve } from 'node:path';
import * as z from 'zod';
import { Failure, EXIT_CODE, usageFailure } from './failure.ts';
import { readTextFile } from './private-file.ts';
import type { World } from './world.ts';

/** What `npm start` says of a stack that runs; the client is the one that its provider knows. */
const localAws = z.object({
  cloudUrl: z.string(),
  lambdaUrl: z.string(),
  dynamoDbUrl: z.string(),
  resources: z.record(z.string(), z.string()),
});
/** Where the stand-ins for AWS of this machine's stack are, and what CloudFormation would call physical ids. */
export type LocalAws = z.infer<typeof localAws>;
const stackState = z.object({
  running: z.object({ apiUrl: z.string(), issuer: z.string(), aws: localAws.optional() }).optional(),
});
const LOCAL_CLIENT_ID = 'vpn-cli';

const DEFAULT_SCOPES = 'openid vpn vpn.admin';

/** Which portal, and where its people sign in. */
export interface Configuration {
  /** Without a slash at its end. */
  readonly portalUrl: string;
  /** Undefined where only a token was given. */
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  readonly scopes: string;
  /** VPN_PORTAL_TOKEN. */
  readonly token: string | undefined;
}

/**
 * The configuration by the environment, else that of the local stack.
 *
 * @throws Failure when no portal is named, or by an address to which nobody should send a token
 */
export function readConfiguration(world: World): Configuration {
  const { env } = world;
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const url = given('VPN_PORTAL_URL');
  const stack = findLocalStack(world);
  if (url === undefined && stack === undefined) {
    throw usageFailure('No portal is named', 'set VPN_PORTAL_URL, or start a portal on this machine', [
      { words: 'a portal on this machine', command: 'npm start' },
    ]);
  }
  const portalUrl = (url ?? stack?.running?.apiUrl)?.replace(/\/+$/, '');
  if (portalUrl === undefined) throw localStackStopped();
  // Another portal's people do not sign in here.
  const local = stack?.running?.apiUrl === portalUrl ? stack.running : undefined;
  const issuer = given('VPN_PORTAL_ISSUER') ?? local?.issuer;
  return {
    portalUrl: assertSafe('VPN_PORTAL_URL', portalUrl),
    issuer: issuer === undefined ? undefined : assertSafe('VPN_PORTAL_ISSUER', issuer),
    clientId: given('VPN_PORTAL_CLIENT_ID') ?? (local === undefined ? undefined : LOCAL_CLIENT_ID),
    scopes: given('VPN_PORTAL_SCOPES') ?? DEFAULT_SCOPES,
    token: given('VPN_PORTAL_TOKEN'),
  };
}

/** @returns undefined where no stack runs on this machine. @throws Failure */
export const findLocalAws = (world: World): LocalAws | undefined => findLocalStack(world)?.running?.aws;

function findLocalStack({ env, workingDirectory }: World): z.infer<typeof stackState> | undefined {
  const dataDirectory = env['DATA_DIR'] === undefined || env['DATA_DIR'] === '' ? '.local' : env['DATA_DIR'];
  const path = join(resolve(workingDirectory, dataDirectory), 'stack.json');
  const text = readTextFile(path);
  if (text === undefined) return undefined;
  try {
    return stackState.parse(JSON.parse(text));
  } catch {
    throw usageFailure(`${path} cannot be read as what npm start writes`);
  }
}

const localStackStopped = (): Failure =>
  new Failure({
    exitCode: EXIT_CODE.unreachable,
    code: 'unreachable',
    title: 'The portal of this machine does not run',
    next: [{ words: 'start it', command: 'npm start' }],
  });

/** An address that leads to this machine itself (RFC 6890). */
export const isLoopback = (url: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(URL.parse(url)?.hostname ?? '');

/**
 * Tokens travel encrypted, or not beyond this machine.
 *
 * @throws Failure
 */
export function assertSafe(name: string, text: string): string {
  const url = URL.parse(text);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(text));
  if (url === null || !isSafe || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw usageFailure(`${name} is not an https address`, text);
  }
  return text;
}
