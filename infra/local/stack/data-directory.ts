import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { stateFile } from '../state-file.ts';

/** Where a stack is kept unless somebody says otherwise. */
export const DEFAULT_DATA_DIRECTORY = fileURLToPath(new URL('../../../.local', import.meta.url));

/** What functions write, in a data directory. */
export const FUNCTION_LOG = 'functions.log';

/** @param option of the command line, which wins over DATA_DIR */
export function dataDirectoryFrom(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const given = option ?? env['DATA_DIR'] ?? '';
  return given === '' ? DEFAULT_DATA_DIRECTORY : resolve(given);
}

const stackState = z.object({
  /** Chosen once, so that profiles, tokens and bookmarks of yesterday still fit. */
  ports: z.record(z.string(), z.number()),
  /** There while a stack runs, or if it was ended by force. */
  running: z
    .object({
      pid: z.number(),
      apiUrl: z.string(),
      issuer: z.string(),
      audience: z.string(),
      lambdaUrl: z.string(),
      cloudUrl: z.string(),
      /** For programs that speak to the stand-ins themselves; physical ids are by logical id, as in CloudFormation. */
      aws: z
        .object({
          cloudUrl: z.string(),
          lambdaUrl: z.string(),
          dynamoDbUrl: z.string(),
          resources: z.record(z.string(), z.string()),
        })
        .optional(),
      endpointId: z.string(),
      /** The HR system's webhook secret, for whoever plays the HR system. */
      hrSecret: z.string().optional(),
    })
    .optional(),
});
export type StackState = z.infer<typeof stackState>;
export type RunningStack = NonNullable<StackState['running']>;

const file = (dataDirectory: string) => stateFile(join(dataDirectory, 'stack.json'), stackState);

export const loadStackState = (dataDirectory: string): StackState =>
  file(dataDirectory).load() ?? { ports: {} };

export const saveStackState = (dataDirectory: string, state: StackState): void =>
  file(dataDirectory).save(state);

/** What a stack keeps, and nothing else of a directory that may be somebody's own. */
const KEPT_NAMES = ['stack.json', FUNCTION_LOG, 'dynamodb', 'cloud', 'openid-provider', 'vpn'];

/** Removes everything that earlier stacks kept. */
export function clearDataDirectory(dataDirectory: string): void {
  for (const name of KEPT_NAMES) rmSync(join(dataDirectory, name), { recursive: true, force: true });
}

/** The stack that runs on a data directory, for programs beside it. */
export function findRunningStack(dataDirectory: string): RunningStack | undefined {
  const owner = ownerOf(dataDirectory);
  const { running } = loadStackState(dataDirectory);
  return owner !== undefined && running?.pid === owner.pid ? running : undefined;
}

/** Another stack has the data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
  readonly pid: number;

  constructor(dataDirectory: string, pid: number) {
    super(`a stack runs on ${dataDirectory} already, as process ${pid}`);
    this.pid = pid;
  }
}

/**
 * Takes a data directory for this process.
 *
 * @returns gives it back
 * @throws DataDirectoryInUseError
 */
export function lockDataDirectory(dataDirectory: string): () => void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const path = lockPath(dataDirectory);
  const mine = JSON.stringify({ pid: process.pid, startedTicks: startedTicksOf(process.pid) });
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    const owner = ownerOf(dataDirectory);
    if (owner !== undefined) throw new DataDirectoryInUseError(dataDirectory, owner.pid);
    // Whoever wrote it was ended by force.
    rmSync(path, { force: true });
  }
}

const lockPath = (dataDirectory: string): string => join(resolve(dataDirectory), 'stack.lock');

const lockContent = z.object({ pid: z.number().int().positive(), startedTicks: z.string().optional() });

/** The process that has the directory, if it still lives. */
function ownerOf(dataDirectory: string): { pid: number } | undefined {
  let text: string;
  try {
    text = readFileSync(lockPath(dataDirectory), 'utf8');
  } catch {
    return undefined;
  }
  const lock = lockContent.safeParse(parseJson(text)).data;
  if (lock === undefined || !isAlive(lock.pid)) return undefined;
  // A number is used again by and by: then the start time differs.
  return lock.startedTicks === startedTicksOf(lock.pid) ? { pid: lock.pid } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** proc(5), field 22 of stat, counted after the name in brackets; undefined where there is no /proc. */
function startedTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  // Not instanceof: Node's own errors are of another realm than a test's.
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
