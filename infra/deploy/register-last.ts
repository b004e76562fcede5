import { referencesIn } from '../local/runner/intrinsics.ts';
import type { Tree } from '../local/runner/yaml.ts';
import type { Template } from './template.ts';

const LAST = 'Custom::EndpointRegistration';

/**
 * Makes the registration depend on everything else, so that it is the last to be made and the first to be asked when
 * the stack goes: it refuses while the endpoint asks the gate, and by then nothing else is gone.
 *
 * @param template is changed in place, as osls expects of its plugins
 */
export function registerLast({ Resources }: Template): void {
  for (const [logicalId, resource] of Object.entries(Resources)) {
    if (resource.Type !== LAST) continue;
    const others = Object.keys(Resources).filter((other) => !needs(Resources, other, logicalId));
    resource.DependsOn = others.sort();
  }
}

/** Whether a resource needs another, itself or through others. */
function needs(
  resources: Template['Resources'],
  logicalId: string,
  wanted: string,
  seen = new Set<string>(),
): boolean {
  if (logicalId === wanted) return true;
  if (seen.has(logicalId)) return false;
  seen.add(logicalId);
  const resource = resources[logicalId];
  if (resource === undefined) return false;
  const named = [resource.DependsOn ?? []].flat();
  // Whatever stands in it: conditions and update policies refer as properties do.
  return [...named, ...referencesIn(resource as Tree)].some((other) => needs(resources, other, wanted, seen));
}
