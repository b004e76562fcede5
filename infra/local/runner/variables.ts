import { resolve } from 'node:path';
import { childOf, isTreeList, isTreeObject, readYaml, type Tree } from './yaml.ts';

/** What `${…}` may draw from. */
export interface VariableScope {
  /** The whole file before any variable was resolved, for `${self:…}`. */
  readonly root: Tree;
  /** Where `${file(…)}` starts from. */
  readonly directory: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  /** For `${param:…}`: values given win over the file's own `params`. */
  readonly params: Readonly<Record<string, string>>;
  /** Files that are not read from disk, by the path that `${file(…)}` names. */
  readonly files?: Readonly<Record<string, Tree>>;
}

const VARIABLE = /\$\{([^{}]*)\}/g;

/** `${Name}`, `${Name.Attribute}` and `${AWS::Region}` belong to Fn::Sub, as in the Serverless Framework. */
const SUBSTITUTION = /^(?:AWS::\w+|\w+(?:\.\w+)*)$/;

/** `source(argument):address`; file() may do without an address. */
const EXPRESSION = /^(\w+)(?:\(([^()]*)\))?(?::(?!:)(.*))?$/;

/**
 * Replaces the Serverless Framework's variables in a tree: `self:`, `sls:stage`, `param:`, `file(path):key`,
 * `aws:region`, `aws:accountId`. A string that is one variable takes the value's type.
 *
 * @param place dotted keys from the root, for the words of errors
 * @throws Error naming the place: unknown source, nothing found, or a circle
 */
export function resolveVariables(value: Tree, place: string, scope: VariableScope): Tree {
  return resolveWithin(value, place, scope, []);
}

function resolveWithin(value: Tree, place: string, scope: VariableScope, road: readonly string[]): Tree {
  if (typeof value === 'string') return resolveString(value, place, scope, road);
  if (isTreeList(value)) {
    return value.map((item, index) => resolveWithin(item, `${place}.${index}`, scope, road));
  }
  if (!isTreeObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, Tree] => [
    key,
    resolveWithin(item, place === '' ? key : `${place}.${key}`, scope, road),
  ]);
  return Object.fromEntries(entries);
}

function resolveString(text: string, place: string, scope: VariableScope, road: readonly string[]): Tree {
  const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
  if (whole !== undefined && !SUBSTITUTION.test(whole)) return evaluate(whole, place, scope, road);
  return text.replace(VARIABLE, (original, expression: string) => {
    if (SUBSTITUTION.test(expression)) return original;
    const value = evaluate(expression, place, scope, road);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new Error(`${place}: \${${expression}} is not text`);
    }
    return String(value);
  });
}

function evaluate(expression: string, place: string, scope: VariableScope, road: readonly string[]): Tree {
  if (road.includes(expression)) {
    throw new Error(`${place}: \${${expression}} leads back to itself`);
  }
  const [, source = '', argument, address = ''] = EXPRESSION.exec(expression.trim()) ?? [];
  const onward = [...road, expression];
  const found = ((): Tree => {
    switch (source) {
      case 'self':
        return walk(scope.root, address, place, scope, onward);
      case 'file':
        return walk(readFile(argument ?? '', scope), address, place, scope, onward);
      case 'param':
        return paramOf(address, place, scope, onward);
      case 'sls':
        return address === 'stage' ? scope.stage : undefined;
      case 'aws':
        return { region: scope.region, accountId: scope.accountId }[address];
      default:
        throw new Error(`${place}: the local runner does not know \${${expression}}`);
    }
  })();
  if (found === undefined) throw new Error(`${place}: \${${expression}} finds nothing`);
  return found;
}

const readFile = (path: string, { directory, files = {} }: VariableScope): Tree =>
  Object.hasOwn(files, path) ? files[path] : readYaml(resolve(directory, path));

/** Follows an address; a variable on the way is resolved before going on. */
function walk(
  start: Tree,
  address: string,
  place: string,
  scope: VariableScope,
  road: readonly string[],
): Tree {
  let value = start;
  for (const key of address === '' ? [] : address.split('.')) {
    if (typeof value === 'string') value = resolveString(value, place, scope, road);
    value = childOf(value, key);
  }
  return resolveWithin(value, place, scope, road);
}

/** A parameter that the file leaves null has to be given. */
function paramOf(name: string, place: string, scope: VariableScope, road: readonly string[]): Tree {
  if (Object.hasOwn(scope.params, name)) return scope.params[name];
  const from = (stage: string): Tree => walk(scope.root, `params.${stage}.${name}`, place, scope, road);
  return from(scope.stage) ?? from('default') ?? undefined;
}
