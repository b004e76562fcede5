import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as config from '../../shared/config.ts';
import { RESERVED_CONCURRENCY } from '../../shared/domain/doctor/rules/foundations.ts';
import { byPhase, makeResources, type ResourceMaker } from '../../infra/local/runner/resources.ts';
import { functionReferences, readService } from '../../infra/local/runner/service.ts';
import { readServiceFile } from '../../infra/local/runner/service-file.ts';
import { childOf, isTreeList, isTreeObject, type Tree } from '../../infra/local/runner/yaml.ts';
import { MADE_TYPES } from '../integration/runner/fixture-stack.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const file = readServiceFile(join(ROOT, 'serverless.yml'), {
  stage: 'local',
  params: { oidcIssuer: 'https://issuer.example' },
});
const nameAll: ResourceMaker = async ({ logicalId }) => ({
  ref: logicalId,
  attributes: { Arn: logicalId, QueueName: logicalId, Id: logicalId, Version: logicalId },
});
const makers = Object.fromEntries(MADE_TYPES.map((type) => [type, nameAll]));
const { beforeFunctions } = byPhase(file.resources);
const service = readService(file, await makeResources(beforeFunctions, makers, functionReferences(file)));
const commonNames = Object.keys(
  (() => {
    const environment = childOf(childOf(file.tree, 'provider'), 'environment');
    return isTreeObject(environment) ? environment : {};
  })(),
);

/** Read by powertools and by Node, not by a slice. */
const isForLibraries = (name: string): boolean => /^(?:POWERTOOLS_|NODE_|AWS_)/.test(name);

const source = (key: string, name: string): string =>
  readFileSync(join(ROOT, 'functions', key, name), 'utf8');

/** What functions that hear a source have in common, where one names it. */
const commonTo = (wiring: string): string =>
  wiring.includes('compose.RECEIVING')
    ? (/^export const RECEIVING = \{[^}]*\}/m.exec(source('.', 'composition.ts'))?.[0] ?? '')
    : '';

/** The variables of the slices that a function's wiring names. */
function variablesOf(key: string): string[] {
  const slices: Readonly<Record<string, unknown>> = config;
  const wiring = source(key, 'index.ts');
  const names = [...`${wiring}${commonTo(wiring)}`.matchAll(/\b\w+: (\w+Slice)\b/g)].map(
    ([, name = '']) => name,
  );
  return names.flatMap((name) => {
    const slice = slices[name];
    if (typeof slice !== 'object' || slice === null || !('shape' in slice))
      throw new Error(`no slice ${name}`);
    return Object.keys(slice.shape as object);
  });
}

const keys = service.functions.map(({ key }) => key);

describe('serverless.yml and the code', () => {
  it('have the same functions', () => {
    const folders = readdirSync(join(ROOT, 'functions'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, 'functions', entry.name, 'index.ts')))
      .map(({ name }) => name);
    expect([...keys].sort()).toEqual(folders.sort());
    expect(service.functions.map(({ handler }) => handler)).toEqual(
      keys.map((key) => `functions/${key}/index.handler`),
    );
  });

  it.each(keys)("have the same variables for %s, as its configuration's slices name them", (key) => {
    const declared = Object.keys(service.functions.find((one) => one.key === key)?.environment ?? {});
    const own = declared.filter((name) => !commonNames.includes(name) && !isForLibraries(name));
    const needed = variablesOf(key);
    expect(needed.filter((name) => !declared.includes(name))).toEqual([]);
    expect(own.filter((name) => !needed.includes(name))).toEqual([]);
  });

  it('have no common variable that nobody reads', () => {
    const read = new Set(keys.flatMap(variablesOf));
    expect(commonNames.filter((name) => !isForLibraries(name) && !read.has(name))).toEqual([]);
  });

  it.each(keys)('have the same routes for %s', (key) => {
    const declared = service.routes
      .filter((one) => one.functionKey === key)
      .map(({ route }) => route.routeKey);
    const handled = [
      ...source(key, 'handler.ts').matchAll(/'((?:GET|OPTIONS|POST|PUT|PATCH|DELETE|ANY) \/[^']*)'/g),
    ];
    expect(handled.map(([, routeKey]) => routeKey).sort()).toEqual([...declared].sort());
  });
});

describe('serverless.yml', () => {
  it('puts every route behind the authorizer with a scope, except those that say who they are for', () => {
    const open = service.routes.filter(({ authorizer }) => (authorizer?.scopes ?? []).length === 0);
    expect(open.map(({ route }) => route.routeKey).sort()).toEqual([
      // SCIM: behind a bearer token of its own.
      'ANY /scim/v2/{proxy+}',
      'DELETE /scim/v2/Users/{id}',
      'GET /health',
      'GET /openapi.json',
      'GET /scim/v2/Groups',
      'GET /scim/v2/ResourceTypes',
      'GET /scim/v2/ResourceTypes/{id}',
      'GET /scim/v2/Schemas',
      'GET /scim/v2/Schemas/{id}',
      'GET /scim/v2/ServiceProviderConfig',
      'GET /scim/v2/Users',
      'GET /scim/v2/Users/{id}',
      'GET /v1/ca/{caId}',
      'GET /v1/ca/{caId}/crl',
      'GET /v1/offboarding/{source}',
      'OPTIONS /v1/offboarding/{source}',
      'PATCH /scim/v2/Users/{id}',
      'POST /scim/v2/Users',
      'POST /v1/offboarding/{source}',
      'PUT /scim/v2/Users/{id}',
    ]);
  });

  it('asks the administrative scope of every administrative route, and of no other', () => {
    for (const { route, authorizer } of service.routes) {
      const isAdministrative = route.routeKey.includes('/v1/admin/');
      expect([route.routeKey, authorizer?.scopes.includes('vpn.admin') ?? false]).toEqual([
        route.routeKey,
        isAdministrative,
      ]);
    }
  });

  it('names the gate as AWS Client VPN demands', () => {
    expect(service.functions.find(({ key }) => key === 'gate')?.name).toMatch(/^AWSClientVPN-/);
  });

  it('gives each queue twice the time of its function, and reports partial failures', () => {
    const queues = service.functions.flatMap((one) => one.queues.map((queue) => ({ ...one, queue })));
    expect(queues.length).toBeGreaterThan(0);
    for (const { timeoutSeconds, queue } of queues) {
      const properties = childOf(file.resources[queue.queueArn], 'Properties');
      expect(childOf(properties, 'VisibilityTimeout')).toBe(2 * timeoutSeconds);
      expect(childOf(childOf(properties, 'RedrivePolicy'), 'maxReceiveCount')).toBeGreaterThanOrEqual(5);
      expect(queue.reportBatchItemFailures).toBe(true);
    }
  });
});

describe('concurrency', () => {
  const tree = childOf(file.tree, 'functions');
  const functions = Object.entries(isTreeObject(tree) ? tree : {});
  const reservedBy = (one: Tree): number => Number(childOf(one, 'reservedConcurrency') ?? 0);

  it.each(functions)('%s has a cap, and takes no more messages at once than it may run', (_name, one) => {
    expect(reservedBy(one)).toBeGreaterThan(0);
    const events = childOf(one, 'events');
    for (const event of isTreeList(events) ? events : []) {
      const queue = childOf(event, 'sqs');
      if (queue !== undefined)
        expect(Number(childOf(queue, 'maximumConcurrency'))).toBeLessThan(reservedBy(one));
    }
  });

  it('is as much as doctor asks the account for', () => {
    const reserved = functions.map(([, one]) => reservedBy(one));
    expect(reserved.reduce((total, one) => total + one, 0)).toBe(RESERVED_CONCURRENCY);
  });
});
