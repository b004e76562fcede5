import { ACCOUNT, arn, REGION } from '../names.ts';
import { referencesIn, resolveIntrinsics, type ReferenceLookup } from './intrinsics.ts';
import { childOf, isTreeList, isTreeObject, type Tree, type TreeObject } from './yaml.ts';

/** What a made resource answers to `Ref` and to `Fn::GetAtt`. */
export interface MadeResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ResourceRequest {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: TreeObject;
}

/** Makes a resource, or finds the one that an earlier start made. */
export type ResourceMaker = (request: ResourceRequest) => Promise<MadeResource>;

/** Types that change nothing on a laptop: permissions, logs, alarms, dashboards. */
const IGNORED_TYPES: readonly RegExp[] = [
  /^AWS::(?:IAM|Logs|CloudWatch|Events|ApiGatewayV2|Budgets|CodeDeploy)::/,
  /^AWS::Lambda::(?:Permission|EventInvokeConfig|EventSourceMapping)$/,
  /^AWS::SQS::QueuePolicy$/,
  /^AWS::S3::BucketPolicy$/,
  /^AWS::KMS::Alias$/,
  /^AWS::SNS::/,
];

/**
 * Types of which nothing is made, but which others name: a key's policy says whose roles sign, and an endpoint where
 * it writes its log.
 */
const NAMED_ONLY: readonly string[] = ['AWS::IAM::Role', 'AWS::Logs::LogGroup'];

/** What is made by a function of ours, or of what that answered; so only once functions run. */
const AFTER_FUNCTIONS = /^(?:Custom|AWS::EC2)::/;

type Resources = Readonly<Record<string, Tree>>;

/** Parts a template's resources by when they can be made. */
export function byPhase(resources: Resources): { beforeFunctions: Resources; afterFunctions: Resources } {
  const isLate = ([, resource]: readonly [string, Tree]): boolean => {
    const type = childOf(resource, 'Type');
    return typeof type === 'string' && AFTER_FUNCTIONS.test(type);
  };
  const entries = Object.entries(resources);
  return {
    beforeFunctions: Object.fromEntries(entries.filter((entry) => !isLate(entry))),
    afterFunctions: Object.fromEntries(entries.filter(isLate)),
  };
}

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * Makes a template's resources in the order of their references.
 *
 * @param makers by resource type
 * @param others answers what is not a resource of the template: functions, the API
 * @returns the lookup for everything, pseudo-parameters included
 * @throws Error naming the place: unknown type, unknown reference, a circle
 */
export async function makeResources(
  resources: Resources,
  makers: Readonly<Record<string, ResourceMaker>>,
  others: ReferenceLookup,
): Promise<ReferenceLookup> {
  const made = new Map<string, MadeResource>();
  const lookup: ReferenceLookup = (logicalId, attribute) => {
    if (attribute === undefined && Object.hasOwn(PSEUDO_PARAMETERS, logicalId)) {
      return PSEUDO_PARAMETERS[logicalId];
    }
    const resource = made.get(logicalId);
    if (resource === undefined) return others(logicalId, attribute);
    return attribute === undefined ? resource.ref : resource.attributes[attribute];
  };
  for (const logicalId of inOrder(resources)) {
    const place = `resources.Resources.${logicalId}`;
    const tree = resources[logicalId];
    const type = childOf(tree, 'Type');
    if (typeof type !== 'string') throw new Error(`${place}.Type: a resource type expected`);
    if (NAMED_ONLY.includes(type)) {
      made.set(logicalId, { ref: logicalId, attributes: { Arn: arn('iam', `role/${logicalId}`) } });
      continue;
    }
    const maker = makerFor(makers, type);
    if (maker === undefined) {
      if (IGNORED_TYPES.some((ignored) => ignored.test(type))) continue;
      throw new Error(`${place}.Type: the local runner does not know ${type}`);
    }
    const properties = resolveIntrinsics(childOf(tree, 'Properties') ?? {}, `${place}.Properties`, lookup);
    if (!isTreeObject(properties)) throw new Error(`${place}.Properties: a mapping expected`);
    made.set(logicalId, await maker({ logicalId, type, properties }));
  }
  return lookup;
}

/** `Custom::Anything` is one type for us. */
const makerFor = (makers: Readonly<Record<string, ResourceMaker>>, type: string): ResourceMaker | undefined =>
  makers[type.startsWith('Custom::') ? 'Custom::*' : type];

function inOrder(resources: Readonly<Record<string, Tree>>): string[] {
  const order: string[] = [];
  const visit = (logicalId: string, road: readonly string[]): void => {
    if (order.includes(logicalId) || !Object.hasOwn(resources, logicalId)) return;
    if (road.includes(logicalId)) {
      throw new Error(
        `resources.Resources.${logicalId} refers to itself: ${[...road, logicalId].join(' → ')}`,
      );
    }
    const needs = referencesIn(childOf(resources[logicalId], 'Properties'));
    for (const other of [...needs, ...dependenciesOf(resources[logicalId])]) {
      visit(other, [...road, logicalId]);
    }
    order.push(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return order;
}

function dependenciesOf(resource: Tree): string[] {
  const dependsOn = childOf(resource, 'DependsOn');
  return (isTreeList(dependsOn) ? dependsOn : [dependsOn]).filter((one) => typeof one === 'string');
}
