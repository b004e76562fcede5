import * as z from 'zod';
import { arn } from '../names.ts';
import { resolveIntrinsics, type ReferenceLookup } from './intrinsics.ts';
import { parseRate } from './rate.ts';
import { parseRoute, type Route } from './routes.ts';
import type { ServiceFile } from './service-file.ts';
import { childOf, isTreeObject, type Tree } from './yaml.ts';

export interface FunctionDefinition {
  /** The key in serverless.yml. */
  readonly key: string;
  /** The name at Lambda. */
  readonly name: string;
  readonly arn: string;
  /** File without its ending, and export: `functions/gate/index.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memorySizeMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly queues: readonly QueueEvent[];
  readonly schedules: readonly ScheduleEvent[];
}

export interface QueueEvent {
  readonly queueArn: string;
  readonly batchSize: number;
  readonly reportBatchItemFailures: boolean;
}

export interface ScheduleEvent {
  readonly everyMilliseconds: number;
  readonly expression: string;
  readonly enabled: boolean;
  /** What the function gets; undefined for the scheduler's own event. */
  readonly input: unknown;
}

export interface RouteDefinition {
  readonly route: Route;
  readonly functionKey: string;
  readonly authorizer?: { readonly name: string; readonly scopes: readonly string[] };
}

export interface AuthorizerDefinition {
  readonly identitySource: string;
  readonly issuerUrl: string;
  readonly audience: readonly string[];
}

/** What the runner runs: serverless.yml with every reference resolved to a local name. */
export interface Service {
  readonly directory: string;
  readonly name: string;
  readonly functions: readonly FunctionDefinition[];
  readonly routes: readonly RouteDefinition[];
  readonly authorizers: Readonly<Record<string, AuthorizerDefinition>>;
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const environment = z.record(z.string(), text);
const authorizerUse = z.union([
  z.string().transform((name) => ({ name, scopes: [] as string[] })),
  z.object({ name: z.string(), scopes: z.array(z.string()).default([]), type: z.string().optional() }),
]);

const httpApi = z.union([
  z.string().transform((line) => ({ line, authorizer: undefined })),
  z
    .strictObject({ method: z.string(), path: z.string(), authorizer: authorizerUse.optional() })
    .transform(({ method, path, authorizer }) => ({ line: `${method} ${path}`, authorizer })),
]);

const sqs = z.union([
  z.string().transform((queueArn) => ({ arn: queueArn, batchSize: 10, functionResponseType: undefined })),
  z.strictObject({
    arn: z.string(),
    batchSize: z.number().int().min(1).max(10).default(10),
    functionResponseType: z.literal('ReportBatchItemFailures').optional(),
    // How many run at once changes nothing for one process.
    maximumConcurrency: z.number().optional(),
    enabled: z.boolean().optional(),
  }),
]);

const schedule = z.union([
  z.string().transform((rate) => ({ rate: [rate], enabled: true, input: undefined })),
  z.strictObject({
    rate: z.union([z.string().transform((rate) => [rate]), z.array(z.string())]),
    enabled: z.boolean().default(true),
    input: z.unknown().optional(),
    method: z.enum(['eventBus', 'scheduler']).optional(),
    name: z.string().optional(),
    description: z.string().optional(),
    timezone: z.string().optional(),
  }),
]);

const event = z.union([z.strictObject({ httpApi }), z.strictObject({ sqs }), z.strictObject({ schedule })]);

/** Serverless's own defaults: 6 seconds, 1024 MB. Keys that only matter at AWS are let through. */
const functionEntry = z.object({
  handler: z.string().regex(/^[\w./-]+\.\w+$/),
  name: z.string().optional(),
  timeout: z.number().optional(),
  memorySize: z.number().optional(),
  environment: environment.default({}),
  events: z.array(event).default([]),
});

const provider = z.object({
  timeout: z.number().default(6),
  memorySize: z.number().default(1024),
  environment: environment.default({}),
  httpApi: z
    .object({
      authorizers: z
        .record(
          z.string(),
          z.object({
            type: z.literal('jwt').default('jwt'),
            identitySource: z.string().default('$request.header.Authorization'),
            issuerUrl: z.string(),
            audience: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
          }),
        )
        .default({}),
    })
    .default({ authorizers: {} }),
});

/** Serverless's logical id of a function, to which `Fn::GetAtt: [GateLambdaFunction, Arn]` refers. */
export const functionLogicalId = (key: string): string =>
  `${(key[0] ?? '').toUpperCase()}${key.slice(1)}`.replaceAll('-', 'Dash').replaceAll('_', 'Underscore') +
  'LambdaFunction';

/** Names of functions as `Ref` and ARNs as `Fn::GetAtt`, before anything else is resolved. */
export function functionReferences(file: ServiceFile): ReferenceLookup {
  const functions = childOf(file.tree, 'functions');
  const byId = new Map(
    Object.entries(isTreeObject(functions) ? functions : {}).map(([key, entry]) => [
      functionLogicalId(key),
      functionName(file, key, entry),
    ]),
  );
  return (logicalId, attribute) => {
    const name = byId.get(logicalId);
    if (name === undefined || attribute === undefined) return name;
    return attribute === 'Arn' ? arn('lambda', `function:${name}`) : undefined;
  };
}

function functionName(file: ServiceFile, key: string, entry: Tree): string {
  const own = childOf(entry, 'name');
  return typeof own === 'string' ? own : `${file.name}-${file.stage}-${key}`;
}

/**
 * Resolves references and reads functions, routes and authorizers.
 *
 * @throws Error naming the place of whatever the local runner does not know
 */
export function readService(file: ServiceFile, lookup: ReferenceLookup): Service {
  const section = <T>(place: string, value: Tree, schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(resolveIntrinsics(value, place, lookup));
    if (parsed.success) return parsed.data;
    throw new Error(`${place}: ${z.prettifyError(parsed.error)}`);
  };
  const common = section('provider', providerSubset(file.tree), provider);
  const functionTrees = childOf(file.tree, 'functions');
  const functions: FunctionDefinition[] = [];
  const routes: RouteDefinition[] = [];
  for (const [key, tree] of Object.entries(isTreeObject(functionTrees) ? functionTrees : {})) {
    const place = `functions.${key}`;
    const entry = section(place, functionSubset(tree), functionEntry);
    const name = entry.name ?? functionName(file, key, tree);
    functions.push({
      key,
      name,
      arn: arn('lambda', `function:${name}`),
      handler: entry.handler,
      timeoutSeconds: entry.timeout ?? common.timeout,
      memorySizeMegabytes: entry.memorySize ?? common.memorySize,
      environment: { ...common.environment, ...entry.environment },
      queues: entry.events.flatMap((one) => ('sqs' in one ? [queueEvent(one.sqs)] : [])),
      schedules: entry.events.flatMap((one) =>
        'schedule' in one ? scheduleEvents(one.schedule, place) : [],
      ),
    });
    routes.push(
      ...entry.events.flatMap((one) => ('httpApi' in one ? [routeDefinition(one.httpApi, key, place)] : [])),
    );
  }
  const authorizers = common.httpApi.authorizers;
  const missing = routes.find((one) => one.authorizer && !Object.hasOwn(authorizers, one.authorizer.name));
  if (missing) throw new Error(`functions.${missing.functionKey}: no authorizer ${missing.authorizer?.name}`);
  return { directory: file.directory, name: file.name, functions, routes, authorizers };
}

/** Only what is read: the rest (IAM, tags, logs) may use functions that mean nothing locally. */
const pick = (tree: Tree, keys: readonly string[]): Tree =>
  isTreeObject(tree) ? Object.fromEntries(Object.entries(tree).filter(([key]) => keys.includes(key))) : tree;

const functionSubset = (tree: Tree): Tree =>
  pick(tree, ['handler', 'name', 'timeout', 'memorySize', 'environment', 'events']);

function providerSubset(tree: Tree): Tree {
  const whole = childOf(tree, 'provider');
  const subset = pick(whole, ['timeout', 'memorySize', 'environment']);
  const httpApiSubset = pick(childOf(whole, 'httpApi'), ['authorizers']);
  return httpApiSubset === undefined ? subset : Object.assign({}, subset, { httpApi: httpApiSubset });
}

const queueEvent = (entry: z.infer<typeof sqs>): QueueEvent => ({
  queueArn: entry.arn,
  batchSize: entry.batchSize,
  reportBatchItemFailures: entry.functionResponseType !== undefined,
});

const scheduleEvents = (entry: z.infer<typeof schedule>, place: string): ScheduleEvent[] =>
  entry.rate.map((expression) => ({
    everyMilliseconds: parseRate(expression, place),
    expression,
    enabled: entry.enabled,
    input: entry.input,
  }));

const routeDefinition = (
  entry: z.infer<typeof httpApi>,
  functionKey: string,
  place: string,
): RouteDefinition => ({
  route: parseRoute(entry.line, place),
  functionKey,
  ...(entry.authorizer === undefined
    ? {}
    : { authorizer: { name: entry.authorizer.name, scopes: entry.authorizer.scopes } }),
});
