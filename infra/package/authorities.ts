import { choicesFile } from './choices.ts';
import { elsewhereRegistrations } from './elsewhere.ts';
import { LATER } from './endpoint-place.ts';
import { furtherAuthoritiesOf, isEnded, suffixOf, type FurtherAuthority } from './further-authorities.ts';
import { networksFile } from './networks.ts';
import { isBrought, type Values } from './values.ts';
import { childOf, isTreeList, isTreeObject, type Tree, type TreeObject } from '../local/runner/yaml.ts';

type Template = { readonly Resources: TreeObject; readonly Outputs: TreeObject };

/** What stands in `infra/aws` about one CA and its endpoint: the same once more for each further CA. */
const KEY = 'infra/aws/key.yml';
const AUTHORITY = 'infra/aws/endpoint.yml';
const ENDPOINT = ['infra/aws/registration.yml', 'infra/aws/alarms/endpoint.yml'];

/** Choices of infra/aws/choices.yml that are of one endpoint. */
const OWN_CHOICES = ['endpointId', 'endpointInText', 'authenticationOptions'];

/** What a stage's parameters say of the networks of each endpoint. */
export const networksOf = (values: Values): ReturnType<typeof networksFile> => {
  const { subnetIds = '', allowedNetworks = '', routedNetworks = '', dnsServers = '' } = values;
  return networksFile({ subnetIds, allowedNetworks, routedNetworks, dnsServers });
};

/** The stage's infra/aws/networks.yml: of the first CA's endpoint, while there is one. */
export function firstNetworks(values: Values): ReturnType<typeof networksFile> {
  const networks = networksOf(values);
  return isEnded(values, values['caId'])
    ? { ...networks, associations: [], template: { Resources: {} } }
    : networks;
}

/**
 * The stage's infra/aws/authorities.yml: a registration for each endpoint elsewhere, and for each further CA the resources
 * that the first one has, under names of their own. They are made of the very same files, so that what holds for one CA holds for all.
 *
 * @param read a file of `infra/aws` by its path from the project's folder
 */
export const authoritiesFile = (values: Values, read: (path: string) => Tree): Template =>
  merged([
    ...furtherAuthoritiesOf(values).map((one) => templateOf(values, one, read)),
    { Resources: elsewhereRegistrations(values), Outputs: {} },
  ]);

function templateOf(values: Values, authority: FurtherAuthority, read: (path: string) => Tree): Template {
  const { caId, place } = authority;
  const suffix = suffixOf(values, caId);
  const networks = networksOf(values);
  const hasEndpoint = !isEnded(values, caId);
  const files = [
    isBrought(values) ? 'infra/aws/brought.yml' : 'infra/aws/vpn.yml',
    ...ENDPOINT.filter((path) => place !== LATER || !path.endsWith('registration.yml')),
  ];
  const whole = merged([
    { Resources: only(read(KEY), 'CaKey'), Outputs: {} },
    { Resources: only(read(AUTHORITY), 'Authority'), Outputs: {} },
    ...(hasEndpoint ? files.map((path) => sectionsOf(read(path))) : []),
    ...(hasEndpoint ? [sectionsOf(networks.template as Tree)] : []),
  ]);
  const choices = choicesFile({ ...values, caId, endpointId: isBrought(values) ? place : '' });
  const variables = new Map<string, Tree>([
    ['param:caId', caId],
    ['param:clientCidrBlock', place],
    ['file(infra/aws/networks.yml):associations', [...networks.associations]],
    ...OWN_CHOICES.map((name) => [`file(infra/aws/choices.yml):${name}`, choices[name] as Tree] as const),
  ]);
  const names = new Set(Object.keys(whole.Resources));
  const own = (tree: Tree): Tree => renamed(substituted(tree, variables), names, suffix);
  return {
    Resources: withSuffix(whole.Resources, suffix, (resource) => withOwnName(own(resource), caId)),
    Outputs: withSuffix(whole.Outputs, suffix, own),
  };
}

const withSuffix = (section: TreeObject, suffix: string, change: (tree: Tree) => Tree): TreeObject =>
  Object.fromEntries(Object.entries(section).map(([name, tree]) => [`${name}${suffix}`, change(tree)]));

const only = (file: Tree, logicalId: string): TreeObject => ({
  [logicalId]: childOf(childOf(file, 'Resources'), logicalId),
});

function sectionsOf(file: Tree): Template {
  const section = (name: string): TreeObject => {
    const found = childOf(file, name);
    return isTreeObject(found) ? found : {};
  };
  return { Resources: section('Resources'), Outputs: section('Outputs') };
}

const merged = (templates: readonly Template[]): Template => ({
  Resources: Object.assign({}, ...templates.map(({ Resources }) => Resources)) as TreeObject,
  Outputs: Object.assign({}, ...templates.map(({ Outputs }) => Outputs)) as TreeObject,
});

/** Replaces some of osls's variables; those that are the same for every CA stay. */
function substituted(tree: Tree, variables: ReadonlyMap<string, Tree>): Tree {
  if (typeof tree === 'string') {
    const whole = /^\$\{([^{}]*)\}$/.exec(tree)?.[1] ?? '';
    if (variables.has(whole)) return variables.get(whole);
    return tree.replace(/\$\{([^{}]*)\}/g, (original, name: string) => {
      const value = variables.get(name);
      return typeof value === 'string' ? value : original;
    });
  }
  if (isTreeList(tree)) return tree.map((item) => substituted(item, variables));
  if (!isTreeObject(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, substituted(item, variables)]));
}

/** Gives logical ids their suffix wherever a template refers to one. */
function renamed(tree: Tree, names: ReadonlySet<string>, suffix: string): Tree {
  const name = (logicalId: string): string => (names.has(logicalId) ? `${logicalId}${suffix}` : logicalId);
  const attribute = (text: string): string => text.replace(/^\w+/, name);
  const inText = (text: string): string =>
    text.replace(/\$\{(\w+)((?:\.\w+)*)\}/g, (_all, id: string, rest: string) => `\${${name(id)}${rest}}`);
  const first = (list: Tree, change: (text: string) => string): Tree =>
    isTreeList(list) && typeof list[0] === 'string'
      ? [change(list[0]), ...list.slice(1).map(visit)]
      : visit(list);
  const visit = (item: Tree): Tree => {
    if (isTreeList(item)) return item.map(visit);
    if (!isTreeObject(item)) return item;
    return Object.fromEntries(
      Object.entries(item).map(([key, value]): [string, Tree] => {
        if (key === 'Ref' && typeof value === 'string') return [key, name(value)];
        if (key === 'Fn::GetAtt')
          return [key, typeof value === 'string' ? attribute(value) : first(value, name)];
        if (key === 'Fn::Sub') return [key, typeof value === 'string' ? inText(value) : first(value, inText)];
        if (key === 'DependsOn' && typeof value === 'string') return [key, name(value)];
        if (key === 'DependsOn' && isTreeList(value))
          return [key, value.map((one) => (typeof one === 'string' ? name(one) : one))];
        return [key, visit(value)];
      }),
    );
  };
  return visit(tree);
}

/** An alarm's name is its own within an account. */
function withOwnName(resource: Tree, caId: string): Tree {
  const properties = childOf(resource, 'Properties');
  const alarmName = childOf(properties, 'AlarmName');
  if (!isTreeObject(resource) || !isTreeObject(properties) || typeof alarmName !== 'string') return resource;
  return { ...resource, Properties: { ...properties, AlarmName: `${alarmName}-${caId}` } };
}
