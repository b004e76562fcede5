import type { Template } from './template.ts';

/** The name by which infra/aws/gate-alias.yml calls the gate's newest version. */
const PLACEHOLDER = 'GateVersion';

/**
 * Puts the gate's newest version where the template says `GateVersion`. osls names a version after what is in it
 * (`GateLambdaVersion…`), so that each change makes a new one; no file can know that name.
 *
 * @param template is changed in place, as osls expects of its plugins
 * @throws Error where there is not exactly one version
 */
export function withGateVersion(template: Template): void {
  const versions = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Version')
    .map(([logicalId]) => logicalId)
    .filter((logicalId) => /^GateLambdaVersion/.test(logicalId));
  const [version, ...others] = versions;
  if (version === undefined || others.length > 0) {
    throw new Error(`the template has ${versions.length} versions of the gate instead of one`);
  }
  delete template.Resources[PLACEHOLDER];
  for (const resource of Object.values(template.Resources)) rename(resource, version);
}

function rename(value: unknown, version: string): void {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const [key, item] of Object.entries(holder)) {
    if (key === 'Ref' && item === PLACEHOLDER) holder[key] = version;
    else if (key === 'Fn::GetAtt' && Array.isArray(item) && item[0] === PLACEHOLDER) item[0] = version;
    else rename(item, version);
  }
}
