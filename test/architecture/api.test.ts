import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readServiceFile } from '../../infra/local/runner/service-file.ts';
import { childOf, isTreeList, isTreeObject, type Tree } from '../../infra/local/runner/yaml.ts';
import { OPERATIONS, type Operation } from '../../shared/http/api/operations.ts';
import { PROBLEMS } from '../../shared/http/problem.ts';

/*
 * What serverless.yml routes, what the handlers answer and what OpenAPI describes are one list. That the handlers
 * answer what serverless.yml routes, and the variables of each function: test/architecture/service-file.test.ts.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { tree } = readServiceFile(join(ROOT, 'serverless.yml'), {
  stage: 'local',
  params: { oidcIssuer: 'https://issuer.example' },
});

const textOf = (value: Tree): string => (typeof value === 'string' ? value : '');
const functions = childOf(tree, 'functions');
const routes = Object.entries(isTreeObject(functions) ? functions : {}).flatMap(
  ([functionKey, definition]) => {
    const events = childOf(definition, 'events');
    return (isTreeList(events) ? events : []).flatMap((event) => {
      const route = childOf(event, 'httpApi');
      if (route === undefined) return [];
      const scopes = childOf(childOf(route, 'authorizer'), 'scopes');
      return [
        {
          functionKey,
          key: `${textOf(childOf(route, 'method'))} ${textOf(childOf(route, 'path'))}`,
          scopes: isTreeList(scopes) ? scopes : [],
        },
      ];
    });
  },
);

/** SCIM describes itself (RFC 7644 section 4), in its own words and errors. */
const isOwn = (key: string): boolean => !key.includes(' /scim/');

const keyOf = ({ method, path }: Operation): string => `${method} ${path}`;
const SCOPES: Readonly<Record<Operation['access'], readonly string[]>> = {
  employee: ['vpn'],
  administrator: ['vpn.admin'],
  signature: [],
  public: [],
};

describe('the operations of the API', () => {
  it('are the routes of serverless.yml, each once', () => {
    expect(OPERATIONS.map(keyOf).sort()).toEqual(
      routes
        .map(({ key }) => key)
        .filter(isOwn)
        .sort(),
    );
    expect(new Set(OPERATIONS.map(keyOf)).size).toBe(OPERATIONS.length);
  });

  it.each(OPERATIONS.map((operation) => [keyOf(operation), operation] as const))(
    '%s has the scope in front that its access says',
    (key, { access }) => {
      expect(routes.find((route) => route.key === key)?.scopes).toEqual(SCOPES[access]);
    },
  );

  it('are answered by the handlers of the functions that are routed to', () => {
    const answered = readdirSync(join(ROOT, 'functions'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => {
        const source = readFileSync(join(ROOT, 'functions', name, 'handler.ts'), 'utf8');
        return [...source.matchAll(/'((?:GET|OPTIONS|POST|PUT|PATCH|DELETE) \/[^']*)'/g)].map(
          ([, key]) => `${name}: ${key}`,
        );
      });
    const routed = routes
      .filter(({ key }) => !key.startsWith('* '))
      .map(({ functionKey, key }) => `${functionKey}: ${key}`);
    expect(answered.sort()).toEqual(routed.sort());
  });

  it('turn away who is not signed in exactly where somebody must be', () => {
    for (const { access, problems, operationId } of OPERATIONS) {
      const isKnown = access === 'employee' || access === 'administrator';
      expect([operationId, problems.includes('unauthenticated')]).toEqual([operationId, isKnown]);
    }
  });

  it('use every problem that there is', () => {
    const used = new Set(OPERATIONS.flatMap(({ problems }) => problems));
    const unused = Object.keys(PROBLEMS).filter((code) => !used.has(code as keyof typeof PROBLEMS));
    expect(unused.filter((code) => !code.startsWith('scim'))).toEqual([]);
  });

  it('that take a body say that it may be malformed or too large', () => {
    for (const { request, problems, operationId } of OPERATIONS) {
      if (request === undefined) continue;
      expect([
        operationId,
        problems.includes('malformedRequest') && problems.includes('bodyTooLarge'),
      ]).toEqual([operationId, true]);
    }
  });
});
