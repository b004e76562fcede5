import { isTreeList, isTreeObject, type Tree } from './yaml.ts';

/** Answers `Ref` (no attribute) and `Fn::GetAtt`; undefined for what is not there. */
export type ReferenceLookup = (logicalId: string, attribute?: string) => string | undefined;

/**
 * Replaces CloudFormation's `Ref`, `Fn::GetAtt` and `Fn::Sub` by local names and ARNs.
 *
 * @param place dotted keys from the root, for the words of errors
 * @throws Error naming the place, for any other intrinsic function and for what does not exist
 */
export function resolveIntrinsics(value: Tree, place: string, lookup: ReferenceLookup): Tree {
  if (typeof value === 'string') return refuseLeftover(value, place);
  if (isTreeList(value)) {
    return value.map((item, index) => resolveIntrinsics(item, `${place}.${index}`, lookup));
  }
  if (!isTreeObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return intrinsic(name, value[name], place, lookup);
  }
  const entries = Object.entries(value).map(([key, item]): [string, Tree] => [
    key,
    resolveIntrinsics(item, `${place}.${key}`, lookup),
  ]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function intrinsic(name: string, argument: Tree, place: string, lookup: ReferenceLookup): Tree {
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? undefined : find([text(argument, place)], place, lookup);
    case 'Fn::GetAtt':
      return find(
        isTreeList(argument)
          ? argument.map((part) => text(part, place))
          : splitAttribute(text(argument, place)),
        place,
        lookup,
      );
    case 'Fn::Sub':
      return substitute(argument, place, lookup);
    default:
      throw new Error(`${place}: the local runner does not know ${name}`);
  }
}

function substitute(argument: Tree, place: string, lookup: ReferenceLookup): string {
  const [template, map] = isTreeList(argument) ? argument : [argument];
  const own = resolveIntrinsics(map, place, lookup);
  return text(template, place).replace(/\$\{([\w.:]+)\}/g, (_original, name: string) => {
    const given = isTreeObject(own) && Object.hasOwn(own, name) ? own[name] : undefined;
    return given === undefined ? find(splitAttribute(name), place, lookup) : text(given, place);
  });
}

const splitAttribute = (name: string): string[] => {
  const dot = name.indexOf('.');
  return dot < 0 ? [name] : [name.slice(0, dot), name.slice(dot + 1)];
};

function find(
  [logicalId = '', attribute]: readonly string[],
  place: string,
  lookup: ReferenceLookup,
): string {
  const found = lookup(logicalId, attribute);
  if (found === undefined) {
    throw new Error(`${place}: ${[logicalId, attribute].filter(Boolean).join('.')} is not known locally`);
  }
  return found;
}

function text(value: Tree, place: string): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Error(`${place}: text expected`);
}

function refuseLeftover(value: string, place: string): string {
  if (/\$\{/.test(value)) throw new Error(`${place}: ${value} stands outside Fn::Sub`);
  return value;
}

/** Logical ids that a tree refers to, so that resources can be made in their order. */
export function referencesIn(value: Tree): string[] {
  const found = new Set<string>();
  const note = (logicalId: string): undefined => void found.add(logicalId);
  const visit = (item: Tree): void => {
    if (isTreeList(item)) return item.forEach(visit);
    if (!isTreeObject(item)) return;
    const reference = firstText(item['Ref'] ?? item['Fn::GetAtt']);
    if (reference !== undefined) note(splitAttribute(reference)[0] ?? '');
    for (const [, name = ''] of (firstText(item['Fn::Sub']) ?? '').matchAll(/\$\{([\w.:]+)\}/g)) {
      note(splitAttribute(name)[0] ?? '');
    }
    Object.values(item).forEach(visit);
  };
  visit(value);
  return [...found];
}

/** Of `Logical.Attribute` and `[Logical, Attribute]`, of a template and `[template, map]`. */
function firstText(value: Tree): string | undefined {
  const first = isTreeList(value) ? value[0] : value;
  return typeof first === 'string' ? first : undefined;
}
