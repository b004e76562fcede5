import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { OutputSink } from './function-output.ts';
import { httpApiServer } from './http-api.ts';
import { lambdaApiServer } from './lambda-api.ts';
import { lambdaFunctions, type InvocationResult } from './lambda-functions.ts';
import { startQueuePump, type QueueSource } from './queue-pump.ts';
import { startSchedules } from './schedules.ts';
import type { Service } from './service.ts';

export interface RunnerOptions {
  readonly service: Service;
  readonly queues: QueueSource;
  readonly schedules: 'timers' | 'manual';
  /** The API's port; 0 takes a free one. */
  readonly port: number;
  /** Lambda's own port; 0 takes a free one. */
  readonly lambdaPort?: number;
  readonly integrationTimeoutMilliseconds?: number;
  readonly redeliverySeconds?: number;
  /** One line for each answer of the API. */
  readonly logRequest?: (line: string) => void;
  /** What functions write. */
  readonly output?: OutputSink;
  /** Told of each invocation that ended. */
  readonly onInvocation?: (functionKey: string, milliseconds: number) => void;
}

/** The functions of a service, running. */
export interface Runner {
  readonly apiUrl: string;
  readonly lambdaUrl: string;
  /** @param nameOrArn key in serverless.yml, function name or ARN */
  invoke(nameOrArn: string, payload: unknown): Promise<InvocationResult>;
  /** Fires a function's schedules now. @throws Error when it has none, or fails */
  fireSchedule(functionKey: string): Promise<readonly InvocationResult[]>;
  /** Whether no message waits and no function runs. */
  isIdle(): boolean;
  close(): Promise<void>;
}

/**
 * Serves a service's routes, queues and schedules on 127.0.0.1 with its own handlers.
 *
 * @throws Error when a port is in use or a function cannot be loaded
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { service } = options;
  const functions = lambdaFunctions({
    directory: service.directory,
    definitions: service.functions,
    ...(options.output === undefined ? {} : { output: options.output }),
    ...(options.onInvocation === undefined ? {} : { onInvocation: options.onInvocation }),
  });
  await functions.load();
  const api = httpApiServer({
    service,
    functions,
    ...(options.integrationTimeoutMilliseconds === undefined
      ? {}
      : { integrationTimeoutMilliseconds: options.integrationTimeoutMilliseconds }),
    ...(options.logRequest === undefined ? {} : { log: options.logRequest }),
  });
  const lambda = lambdaApiServer(functions);
  const apiUrl = await listen(api, options.port);
  const lambdaUrl = await listen(lambda, options.lambdaPort ?? 0).catch(async (error: unknown) => {
    await stop(api);
    throw error;
  });
  const pump = startQueuePump({
    definitions: service.functions,
    functions,
    source: options.queues,
    ...(options.redeliverySeconds === undefined ? {} : { redeliverySeconds: options.redeliverySeconds }),
  });
  const schedules = startSchedules({ definitions: service.functions, functions, mode: options.schedules });
  return {
    apiUrl,
    lambdaUrl,
    invoke: (nameOrArn, payload) => functions.invoke(nameOrArn, payload),
    fireSchedule: (functionKey) => schedules.fire(functionKey),
    isIdle: () => pump.isIdle() && functions.running === 0,
    async close() {
      schedules.stop();
      await Promise.all([stop(api), stop(lambda), pump.stop()]);
    },
  };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
