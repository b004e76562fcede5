import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { installClock, moveClock, uninstallClock } from './clock.ts';
import type { Faults } from './cloud/faults.ts';
import type { Cloud } from './cloud/server.ts';
import type { LocalDirectory } from './openid-provider/directory.ts';
import type { LocalPerson } from './openid-provider/people.ts';
import type { TokenOptions } from './openid-provider/tokens.ts';
import type { InvocationResult } from './runner/lambda-functions.ts';
import { startRunner, type Runner } from './runner/runner.ts';
import type { Service } from './runner/service.ts';
import { useLocalAws } from './stack/aws-environment.ts';
import { Closers } from './stack/closers.ts';
import {
  clearDataDirectory,
  FUNCTION_LOG,
  loadStackState,
  lockDataDirectory,
  saveStackState,
} from './stack/data-directory.ts';
import { functionLog } from './stack/function-log.ts';
import { loadService } from './stack/load-service.ts';
import { deploy } from './stack/deployment.ts';
import { choosePorts, isPortFree, PortInUseError } from './stack/ports.ts';
import { startStandIns, type StandIns } from './stack/stand-ins.ts';
import { vpnBackend, type VpnBackend } from './stack/vpn-backend.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The portal's own service file. */
const SERVICE_FILE = join(ROOT, 'serverless.yml');

export interface StackOptions {
  /** Where everything is kept; without it a temporary directory, which is removed at the end. */
  readonly dataDir?: string;
  /** The API's; 0, which takes a free one, when absent. */
  readonly port?: number;
  /** Removes what earlier stacks kept. */
  readonly fresh?: boolean;
  readonly schedules: 'timers' | 'manual';
  /** `auto` takes OpenVPN where it can run, else mutual TLS; or what is given. */
  readonly vpn: 'auto' | 'tls' | VpnBackend;
  /** Who works here; `LOCAL_PEOPLE` when absent. */
  readonly people?: readonly LocalPerson[];
  /** Put into every stand-in, the DynamoDB among them. */
  readonly faults?: Faults;
  /** Told what has been started, and of each answer of the API. */
  readonly log?: (entry: StackLogEntry) => void;
  /** Parameters that win over those of infra/aws/parameters.yml, as `--param` does at a deployment. */
  readonly params?: Readonly<Record<string, string>>;
  /** Another service than the portal, for tests of the stack itself. */
  readonly serviceFile?: string;
  /** How long a message that failed stays away; 1 when absent. */
  readonly redeliverySeconds?: number;
  /** Told of each invocation that ended, for whoever counts them. */
  readonly onInvocation?: (functionKey: string, milliseconds: number) => void;
}

export type StackLogEntry =
  | {
      readonly kind: 'started';
      readonly what: string;
      readonly where: string;
      readonly milliseconds: number;
    }
  | { readonly kind: 'answered'; readonly line: string }
  | { readonly kind: 'vpn'; readonly text: string }
  /** A notice that went to a topic. */
  | { readonly kind: 'notice'; readonly to: string; readonly subject: string };

/** The whole portal on loopback, in this process and its children. */
export interface Stack {
  readonly apiUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly lambdaUrl: string;
  readonly cloud: Cloud;
  /** What the EC2 stand-in can be made to say against the truth, and to do without its API. */
  readonly ec2: StandIns['ec2'];
  readonly dynamoDbEndpoint: string;
  readonly service: Service;
  /** What stands behind the endpoints. */
  readonly vpn: VpnBackend;
  /** The first endpoint that was made or found; empty for a service without one. */
  readonly endpointId: string;
  /** All of them, by logical id: `EndpointOfCa2` is that of the CA `ca2`. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** The HR system's webhook secret, `whsec_…`; undefined for a service without secrets. */
  readonly hrSecret: string | undefined;
  /** Another webhook source's secret; undefined where it has none. */
  webhookSecret(source: string): string | undefined;
  /** The token that an identity provider shows to SCIM; undefined likewise. */
  readonly scimToken: string | undefined;
  /** The company's directory, with which the portal is compared. */
  readonly directory: Pick<LocalDirectory, 'remove'>;
  readonly dataDirectory: string;
  /** What functions wrote. */
  readonly functionLogPath: string;
  /** @param nameOrArn key in serverless.yml, function name or ARN */
  invoke(nameOrArn: string, payload: unknown): Promise<InvocationResult>;
  /** Fires a function's schedules now. @throws Error when it has none, or fails */
  fireSchedule(functionKey: string): Promise<readonly InvocationResult[]>;
  /** An access token as the person would get it by signing in now. @throws Error for an unknown name */
  tokenFor(name: string, options?: TokenOptions): Promise<string>;
  /** Moves time for this process. OpenVPN does not see it. */
  moveTime(bySeconds: number): void;
  /** Waits until no message waits and no function runs. @throws Error after so many milliseconds, 30,000 when absent */
  settled(withinMilliseconds?: number): Promise<void>;
  close(): Promise<void>;
}

/** Ports that tokens or bookmarks carry must stay; the others may change between starts. */
const PORTS = { openIdProvider: true, cloud: false, lambda: false } as const;

/**
 * Starts everything on 127.0.0.1: DynamoDB, the AWS stand-ins, the OpenID provider, the functions of serverless.yml,
 * and what a deployment makes with them. One stack at a time in a process, since its functions share
 * the process's environment and time.
 *
 * @throws DataDirectoryInUseError, PortInUseError, or Error; then everything is stopped again
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
}

async function start(options: StackOptions, closers: Closers): Promise<Stack> {
  const dataDirectory = takeDataDirectory(options, closers);
  const port = options.port ?? 0;
  if (port !== 0 && !(await isPortFree(port))) throw new PortInUseError(port, 'the API');
  const ports = await choosePorts(loadStackState(dataDirectory).ports, PORTS);
  const steps = stepLog(options.log);

  installClock();
  closers.add(uninstallClock);
  const vpn = await vpnBackend(options.vpn);
  // The endpoints ask the gate, and the functions need the endpoints' address: one of them comes later.
  const late: { runner?: Runner } = {};
  const standIns = await startStandIns(
    {
      dataDirectory,
      isTemporary: options.dataDir === undefined,
      ports,
      vpn,
      faults: options.faults,
      people: options.people,
      invoke: async (functionArn, payload) => {
        if (late.runner === undefined) throw new Error('no function runs yet');
        return late.runner.invoke(functionArn, payload);
      },
      note: (text) => options.log?.({ kind: 'vpn', text }),
    },
    closers,
    steps,
  );
  standIns.cloud.sns.onMessage(({ topicArn, subject = '', attributes }) => {
    const to = attributes['email'] ?? attributes['personId'] ?? topicArn.slice(topicArn.lastIndexOf(':') + 1);
    options.log?.({ kind: 'notice', to, subject });
  });
  const lambdaUrl = `http://127.0.0.1:${ports.lambda}`;
  closers.add(
    useLocalAws({ dynamoDb: standIns.dynamoDbEndpoint, cloud: standIns.cloud.url, lambda: lambdaUrl }),
  );
  const loaded = await loadService(options.serviceFile ?? SERVICE_FILE, standIns, options.params);
  const { service, secretNames, resources } = loaded;
  const runner = await runService(options, { service, standIns, dataDirectory, ports }, closers);
  late.runner = runner;
  steps(`${service.functions.length} functions`, runner.apiUrl);

  await standIns.ec2.start();
  const endpoints = await deploy(loaded, (functionArn, event) => runner.invoke(functionArn, event));
  steps('CA, server certificate, endpoint', Object.values(endpoints).join(' '));
  const parts = {
    runner,
    standIns,
    service,
    vpn,
    endpoints,
    dataDirectory,
    closers,
    secretNames,
    resources,
  };
  remember(parts, ports);
  return stackOf(parts);
}

const firstOf = (endpoints: Readonly<Record<string, string>>): string =>
  endpoints['Endpoint'] ?? Object.values(endpoints)[0] ?? '';

const functionLogPath = (dataDirectory: string): string => join(dataDirectory, FUNCTION_LOG);

async function runService(
  options: StackOptions,
  parts: Pick<Parts, 'service' | 'standIns' | 'dataDirectory'> & {
    readonly ports: { readonly lambda: number };
  },
  closers: Closers,
): Promise<Runner> {
  const output = functionLog(functionLogPath(parts.dataDirectory));
  closers.add(() => output.close());
  const runner = await startRunner({
    service: parts.service,
    queues: queueSource(parts.standIns.cloud),
    schedules: options.schedules,
    port: options.port ?? 0,
    lambdaPort: parts.ports.lambda,
    output: output.sink,
    logRequest: (line) => options.log?.({ kind: 'answered', line }),
    ...(options.onInvocation === undefined ? {} : { onInvocation: options.onInvocation }),
    ...(options.redeliverySeconds === undefined ? {} : { redeliverySeconds: options.redeliverySeconds }),
  });
  closers.add(() => runner.close());
  return runner;
}

/** Lets other programs of this machine find the stack while it runs. */
function remember(parts: Parts, ports: Readonly<Record<string, number>>): void {
  const { runner, standIns, endpoints, dataDirectory, closers } = parts;
  const hrSecret = firstSecret(standIns.cloud, parts.secretNames, WEBHOOK_SECRET);
  const running = {
    pid: process.pid,
    apiUrl: runner.apiUrl,
    issuer: standIns.openIdProvider.issuer,
    audience: standIns.audience,
    lambdaUrl: runner.lambdaUrl,
    cloudUrl: standIns.cloud.url,
    aws: {
      cloudUrl: standIns.cloud.url,
      lambdaUrl: runner.lambdaUrl,
      dynamoDbUrl: standIns.dynamoDbEndpoint,
      resources: { ...parts.resources, ...endpoints },
    },
    endpointId: firstOf(endpoints),
    ...(hrSecret === undefined ? {} : { hrSecret }),
  };
  saveStackState(dataDirectory, { ports, running });
  closers.add(() => saveStackState(dataDirectory, { ports }));
}

interface Parts {
  readonly runner: Runner;
  readonly standIns: StandIns;
  readonly service: Service;
  readonly vpn: VpnBackend;
  /** By logical id. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  readonly closers: Closers;
  readonly secretNames: readonly string[];
  readonly resources: Readonly<Record<string, string>>;
}

function stackOf(parts: Parts): Stack {
  const { runner, standIns, closers } = parts;
  const { cloud, openIdProvider, ec2, dynamoDbEndpoint, audience } = standIns;
  let closing: Promise<void> | undefined;
  return {
    apiUrl: runner.apiUrl,
    issuer: openIdProvider.issuer,
    audience,
    lambdaUrl: runner.lambdaUrl,
    cloud,
    ec2,
    dynamoDbEndpoint,
    service: parts.service,
    vpn: parts.vpn,
    endpointId: firstOf(parts.endpoints),
    endpoints: parts.endpoints,
    hrSecret: firstSecret(cloud, parts.secretNames, WEBHOOK_SECRET),
    webhookSecret: (source) => firstSecret(cloud, [`vpn-portal/local/${source}`], WEBHOOK_SECRET),
    directory: openIdProvider.directory,
    scimToken: firstSecret(cloud, parts.secretNames, BEARER_TOKEN),
    dataDirectory: parts.dataDirectory,
    functionLogPath: functionLogPath(parts.dataDirectory),
    invoke: (nameOrArn, payload) => runner.invoke(nameOrArn, payload),
    fireSchedule: (functionKey) => runner.fireSchedule(functionKey),
    tokenFor: (name, tokenOptions) => openIdProvider.tokenFor(name, tokenOptions),
    moveTime(bySeconds) {
      moveClock(bySeconds);
      cloud.sqs.wake();
    },
    settled: (withinMilliseconds = 30_000) => settled(runner, withinMilliseconds),
    close: () => (closing ??= closers.close()),
  };
}

function takeDataDirectory({ dataDir, fresh }: StackOptions, closers: Closers): string {
  if (dataDir === undefined) {
    const temporary = mkdtempSync(join(tmpdir(), 'vpn-stack-'));
    closers.add(() => rmSync(temporary, { recursive: true, force: true }));
    return temporary;
  }
  const dataDirectory = resolve(dataDir);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  closers.add(lockDataDirectory(dataDirectory));
  if (fresh === true) clearDataDirectory(dataDirectory);
  return dataDirectory;
}

/** Times each step from the end of the one before. */
function stepLog(log: StackOptions['log']): (what: string, where: string) => void {
  let since = performance.now();
  return (what, where) => {
    const now = performance.now();
    log?.({ kind: 'started', what, where, milliseconds: now - since });
    since = now;
  };
}

const queueSource = ({ sqs }: Cloud) => ({
  receive: (queueArn: string, max: number) => sqs.receive(queueArn, max),
  delete: (queueArn: string, receiptHandle: string) => sqs.delete(queueArn, receiptHandle),
  release: (queueArn: string, receiptHandle: string, delaySeconds: number) =>
    sqs.release(queueArn, receiptHandle, delaySeconds),
  count(queueArn: string) {
    const { visible, inFlight } = sqs.count(queueArn);
    return visible + inFlight;
  },
  onMessage: (listener: (queueArn: string) => void) => sqs.onMessage(listener),
});

/** Idle twice in a row: a function that ends may just have woken another. */
async function settled(runner: Runner, withinMilliseconds: number): Promise<void> {
  const until = performance.now() + withinMilliseconds;
  for (let idle = 0; idle < 2; idle = runner.isIdle() ? idle + 1 : 0) {
    if (performance.now() > until) throw new Error(`not settled within ${withinMilliseconds} ms`);
    await sleep(10);
  }
}

const WEBHOOK_SECRET = /whsec_[A-Za-z0-9+/=]+/;
const BEARER_TOKEN = /(?<="tokens":\[")[^"]+/;

/** The first of that form. */
function firstSecret(cloud: Cloud, names: readonly string[], form: RegExp): string | undefined {
  return names.map((name) => form.exec(cloud.secrets.get(name) ?? '')?.[0]).find((one) => one !== undefined);
}
