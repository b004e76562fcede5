import type { ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import { protectionOf } from './protected.ts';

/*
 * What a change set would take from the people who are connected. CloudFormation tells it as CreateChangeSet and
 * DescribeChangeSet do (API reference, ResourceChange): True and False are known, Conditional hangs on values that
 * only the execution will show.
 */

export interface Loss {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly kind: 'removed' | 'replaced' | 'perhapsReplaced';
  /** Properties whose change does it; none where the resource leaves the template. */
  readonly properties: readonly string[];
  /** What would happen, for whoever deploys. */
  readonly words: string;
}

export interface Judgement {
  /** Nobody allowed these: the change set must not be executed. */
  readonly refused: readonly Loss[];
  readonly allowed: readonly Loss[];
  /** Allowed by name, though nothing would happen to them: most likely a slip of the pen. */
  readonly unneeded: readonly string[];
}

/**
 * @param changes every page of the change set
 * @param allowed logical ids that the administrator named
 */
export function judgeChanges(changes: readonly ResourceChange[], allowed: readonly string[]): Judgement {
  const losses = lossesIn(changes);
  const isAllowed = ({ logicalId }: Loss): boolean => allowed.includes(logicalId);
  return {
    refused: losses.filter((loss) => !isAllowed(loss)),
    allowed: losses.filter(isAllowed),
    unneeded: allowed.filter((id) => losses.every(({ logicalId }) => logicalId !== id)),
  };
}

function lossesIn(changes: readonly ResourceChange[]): Loss[] {
  const byId = new Map(changes.map((change) => [change.LogicalResourceId ?? '', change]));
  return changes.flatMap((change) => {
    const { LogicalResourceId: logicalId = '', ResourceType: resourceType = '' } = change;
    const protection = protectionOf(logicalId, resourceType);
    if (protection === undefined) return [];
    const { kind, properties } = fateOf(change, byId, [], protection.fixed);
    return kind === 'kept' ? [] : [{ logicalId, resourceType, kind, properties, words: protection.words }];
  });
}

interface Fate {
  readonly kind: 'kept' | Loss['kind'];
  readonly properties: readonly string[];
}
const KEPT: Fate = { kind: 'kept', properties: [] };

type Changes = ReadonlyMap<string, ResourceChange>;

/**
 * @param road the resources that asked for this one, so that a circle cannot keep us
 * @param fixed properties whose change is refused though CloudFormation would call it an update
 */
function fateOf(
  change: ResourceChange,
  changes: Changes,
  road: readonly string[],
  fixed: readonly string[] = [],
): Fate {
  const { Action: action, Replacement: replacement, Details: details = [] } = change;
  if (action === 'Add' || action === 'Import') return KEPT;
  if (action === 'Remove') return { kind: 'removed', properties: [] };
  if (action !== 'Modify') return { kind: 'perhapsReplaced', properties: [] };
  const broken = details.filter(
    (detail) => fixed.includes(nameOf(detail)) && detail.Evaluation !== 'Dynamic',
  );
  if (broken.length > 0) return { kind: 'replaced', properties: namesOf(broken) };
  const recreating = details.filter(({ Target }) => (Target?.RequiresRecreation ?? 'Never') !== 'Never');
  if (replacement === 'True') {
    return { kind: 'replaced', properties: namesOf(recreating.length > 0 ? recreating : details) };
  }
  if (replacement === 'False') return KEPT;
  // A custom resource is replaced when its function answers with another id, and ours never does.
  if (isCustom(change)) return KEPT;
  const open = recreating.filter((detail) => !keepsItsValue(detail, changes, [...road, idOf(change)]));
  if (recreating.length > 0 && open.length === 0) return KEPT;
  return { kind: 'perhapsReplaced', properties: namesOf(open) };
}

/**
 * Whether a value that is known only at execution will be what it is: it is the name or an unchanging attribute of a
 * resource that stays. Without this every deploy would be "perhaps", since each changes the functions, the functions
 * the custom resources, and those the endpoint.
 */
function keepsItsValue(
  { Evaluation: evaluation, ChangeSource: source, CausingEntity: cause }: ResourceChangeDetail,
  changes: Changes,
  road: readonly string[],
): boolean {
  if (evaluation !== 'Dynamic' || cause === undefined) return false;
  const [logicalId = '', attribute] = cause.split('.', 2);
  const names = source === 'ResourceReference' && attribute === undefined;
  const asks = source === 'ResourceAttribute' && attribute !== undefined && LASTING.includes(attribute);
  if ((!names && !asks) || road.includes(logicalId)) return false;
  const causing = changes.get(logicalId);
  if (causing === undefined) return true;
  const fixed = protectionOf(logicalId, causing.ResourceType ?? '')?.fixed;
  return fateOf(causing, changes, road, fixed).kind === 'kept';
}

/** Attributes that a resource keeps for its whole life. The last is our own custom resource's word (docs/deploy.md). */
const LASTING: readonly string[] = ['Arn', 'GroupId', 'AliasArn', 'ServerCertificateArn'];

const idOf = (change: ResourceChange): string => change.LogicalResourceId ?? '';
const isCustom = (change: ResourceChange): boolean => change.ResourceType?.startsWith('Custom::') === true;

const nameOf = ({ Target }: ResourceChangeDetail): string =>
  Target?.Name ?? Target?.Attribute ?? 'a property';
const namesOf = (details: readonly ResourceChangeDetail[]): string[] => [...new Set(details.map(nameOf))];
