import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { types } from 'node:util';
import type { Context } from 'aws-lambda';
import { REGION } from '../names.ts';
import { withOutput, type OutputSink } from './function-output.ts';
import { withEnvironment } from './lambda-environment.ts';
import type { FunctionDefinition } from './service.ts';

export interface InvocationResult {
  /** The function's result after JSON, or `{ errorType, errorMessage }` beside `functionError`. */
  readonly payload: unknown;
  readonly functionError?: 'Unhandled';
}

export interface Configuration {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface LambdaFunctions {
  /**
   * Imports every function's module, so that a missing variable is found at start.
   *
   * @throws Error naming each function that could not be loaded, and why
   */
  load(): Promise<void>;
  /**
   * Invokes as Lambda does, synchronously.
   *
   * @param nameOrArn key in serverless.yml, name, or ARN, with a version or an alias or without
   * @throws FunctionNotFoundError
   */
  invoke(nameOrArn: string, payload: unknown): Promise<InvocationResult>;
  /**
   * What GetFunctionConfiguration tells of it.
   *
   * @throws FunctionNotFoundError
   */
  configuration(nameOrArn: string): Configuration;
  /** How many invocations run. */
  readonly running: number;
}

export class FunctionNotFoundError extends Error {
  override readonly name = 'FunctionNotFoundError';
}

export interface LambdaFunctionsOptions {
  readonly directory: string;
  readonly definitions: readonly FunctionDefinition[];
  /** What functions write, and each function error with its stack; nobody else sees them. */
  readonly output?: OutputSink;
  /** Told of each invocation that ended. */
  readonly onInvocation?: (functionKey: string, milliseconds: number) => void;
}

type Handler = (event: unknown, context: Context) => unknown;

/** The largest answer of a synchronous invocation, 6 MB. */
const ANSWER_LIMIT_OCTETS = 6 * 1024 * 1024;

let stacks = 0;

/** The functions of one stack, each imported once, with module instances of its own. */
export function lambdaFunctions(options: LambdaFunctionsOptions): LambdaFunctions {
  stacks += 1;
  const stack = stacks;
  const handlers = new Map<string, Promise<Handler>>();
  const output = options.output ?? (() => undefined);
  let running = 0;

  const handlerOf = (definition: FunctionDefinition): Promise<Handler> => {
    const known = handlers.get(definition.key);
    if (known) return known;
    const loading = withOutput(definition.key, output, () =>
      importHandler(options.directory, definition, stack),
    );
    handlers.set(definition.key, loading);
    return loading;
  };

  const definitionOf = (nameOrArn: string): FunctionDefinition => {
    const name =
      /^arn:[^:]+:lambda:[^:]*:\d*:function:([^:]+)/.exec(nameOrArn)?.[1] ?? nameOrArn.split(':')[0];
    const found = options.definitions.find((one) => one.key === nameOrArn || one.name === name);
    if (!found) throw new FunctionNotFoundError(`Function not found: ${nameOrArn}`);
    return found;
  };

  return {
    async load() {
      const results = await Promise.allSettled(options.definitions.map(handlerOf));
      const faults = results.flatMap((result) =>
        result.status === 'rejected' ? [messageOf(result.reason)] : [],
      );
      if (faults.length > 0) throw new Error(faults.join('\n'));
    },
    async invoke(nameOrArn, payload) {
      const definition = definitionOf(nameOrArn);
      running += 1;
      const began = performance.now();
      try {
        const handler = await handlerOf(definition);
        const run = () => runHandler(handler, definition, nameOrArn, payload);
        return { payload: await withOutput(definition.key, output, run) };
      } catch (error) {
        output(
          definition.key,
          `${types.isNativeError(error) ? (error.stack ?? error.message) : String(error)}\n`,
        );
        return { payload: describeError(error), functionError: 'Unhandled' };
      } finally {
        running -= 1;
        options.onInvocation?.(definition.key, performance.now() - began);
      }
    },
    configuration: (nameOrArn) => configurationOf(definitionOf(nameOrArn)),
    get running() {
      return running;
    },
  };
}

const configurationOf = ({ name, environment }: FunctionDefinition): Configuration => ({
  name,
  variables: environment,
});

async function importHandler(
  directory: string,
  definition: FunctionDefinition,
  stack: number,
): Promise<Handler> {
  const dot = definition.handler.lastIndexOf('.');
  const base = resolve(directory, definition.handler.slice(0, dot));
  const file = ['.ts', '.mjs', '.js'].map((ending) => base + ending).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`functions.${definition.key}: no file for ${definition.handler}`);
  // The query gives each stack a module of its own; a path, since jest drops the query of a file: URL.
  const specifier = `${file}?stack=${stack}`;
  const module = await withEnvironment(environmentOf(definition), async () => {
    try {
      return (await import(specifier)) as Record<string, unknown>;
    } catch (cause) {
      throw new Error(`functions.${definition.key}: ${messageOf(cause)}`, { cause });
    }
  });
  const handler = module[definition.handler.slice(dot + 1)];
  if (typeof handler !== 'function') {
    throw new Error(`functions.${definition.key}: ${definition.handler} is not a function`);
  }
  return handler as Handler;
}

const environmentOf = (definition: FunctionDefinition): Record<string, string> => ({
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memorySizeMegabytes),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
  _HANDLER: definition.handler,
  ...definition.environment,
});

/** Event and result pass through JSON, as they do at Lambda. */
async function runHandler(
  handler: Handler,
  definition: FunctionDefinition,
  invokedAs: string,
  payload: unknown,
): Promise<unknown> {
  const awsRequestId = randomUUID();
  const endsAt = performance.now() + definition.timeoutSeconds * 1000;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new TimeoutError(
          `${awsRequestId} Task timed out after ${definition.timeoutSeconds.toFixed(2)} seconds`,
        ),
      );
    }, definition.timeoutSeconds * 1000);
  });
  const context = lambdaContext(definition, invokedAs, awsRequestId, endsAt);
  try {
    const event: unknown = JSON.parse(JSON.stringify(payload ?? null));
    const result: unknown = await Promise.race([
      Promise.resolve().then(() => handler(event, context)),
      timeout,
    ]);
    const answer = JSON.stringify(result ?? null);
    if (Buffer.byteLength(answer) > ANSWER_LIMIT_OCTETS) {
      throw new ResponseSizeError(
        'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      );
    }
    return JSON.parse(answer);
  } finally {
    clearTimeout(timer);
  }
}

class TimeoutError extends Error {
  override readonly name = 'Sandbox.Timedout';
}

class ResponseSizeError extends Error {
  override readonly name = 'Function.ResponseSizeTooLarge';
}

/** Not instanceof: an error of Node itself is of another realm than a test's. */
const messageOf = (error: unknown): string => (types.isNativeError(error) ? error.message : String(error));

const describeError = (error: unknown): { errorType: string; errorMessage: string } =>
  types.isNativeError(error)
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: 'string', errorMessage: String(error) };

function lambdaContext(
  definition: FunctionDefinition,
  invokedAs: string,
  awsRequestId: string,
  endsAt: number,
): Context {
  const notSupported = (): never => {
    throw new Error('Node 24 functions answer by their promise');
  };
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: definition.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: invokedAs.startsWith('arn:') ? invokedAs : definition.arn,
    memoryLimitInMB: String(definition.memorySizeMegabytes),
    awsRequestId,
    logGroupName: `/aws/lambda/${definition.name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
    done: notSupported,
    fail: notSupported,
    succeed: notSupported,
  };
}
