import { protectionOf } from './protected.ts';

/** One statement of a stack policy (CloudFormation user guide, "Prevent updates to stack resources"). */
export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: '*';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/**
 * Everything may change, and what the VPN stands on may be neither replaced nor deleted, whoever asks and however.
 *
 * @param resources the template's, each with its type
 */
export function stackPolicy(
  resources: Readonly<Record<string, { readonly Type?: string }>>,
): readonly PolicyStatement[] {
  const kept = Object.entries(resources)
    .filter(([logicalId, { Type = '' }]) => protectionOf(logicalId, Type) !== undefined)
    .map(([logicalId]) => `LogicalResourceId/${logicalId}`)
    .sort();
  return [
    { Effect: 'Allow', Principal: '*', Action: 'Update:*', Resource: '*' },
    { Effect: 'Deny', Principal: '*', Action: ['Update:Replace', 'Update:Delete'], Resource: kept },
  ];
}

/**
 * A policy as it stands at the stack, without its word for some resources: what an administrator allowed by name.
 *
 * @param body JSON of the policy
 * @returns undefined where it says nothing of them
 */
export function policyWithout(body: string, logicalIds: readonly string[]): string | undefined {
  const policy = JSON.parse(body) as { readonly Statement?: readonly PolicyStatement[] };
  const isFreed = (resource: string): boolean =>
    logicalIds.some((logicalId) => resource === `LogicalResourceId/${logicalId}`);
  let changed = false;
  const statements = (policy.Statement ?? []).flatMap((statement): PolicyStatement[] => {
    if (statement.Effect !== 'Deny') return [statement];
    const named = [statement.Resource].flat();
    const rest = named.filter((resource) => !isFreed(resource));
    if (rest.length === named.length) return [statement];
    changed = true;
    return rest.length === 0 ? [] : [{ ...statement, Resource: rest }];
  });
  return changed ? JSON.stringify({ ...policy, Statement: statements }) : undefined;
}
