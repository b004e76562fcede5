import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import * as z from 'zod';
import { SCIM } from '../../shared/domain/identity.ts';
import { lookupsSlice, parseConfig, sourcesSlice } from '../../shared/config.ts';
import { busSources } from '../../shared/http/webhooks/bus-schemes.ts';
import { schemeFromMapping, webhookSources } from '../../shared/http/webhooks/configured.ts';
import { lookupSources } from '../../shared/http/webhooks/lookup-sources.ts';
import { isDoor, isMappingFile } from '../../shared/http/webhooks/scheme-names.ts';

/*
 * What a stage needs for its webhook sources: a secret for each, and the mapping files that some name.
 */

/** The content of mapping files, by their names. */
export type Mappings = Readonly<Record<string, unknown>>;

/** A function's variables have 4 KB in all; half of it is the others'. */
const MAPPINGS_LIMIT_OCTETS = 2_000;

const declared = (sources: string): { source: string; scheme: string; rest: string }[] =>
  sources
    .split(' ')
    .filter((item) => item !== '')
    .map((item) => item.split(':'))
    .map(([source = '', , scheme = '', rest = '']) => ({ source, scheme, rest }));

/** Whose secrets are made. A role must name something, so a stage without sources has that of `hr`, which nobody reads. */
const withSecret = (sources: string): readonly string[] => {
  // SCIM has tokens (infra/aws/scim.yml); who speaks through AWS has rights there.
  const names = declared(sources)
    .filter(({ source, scheme }) => source !== SCIM && !isDoor(scheme))
    .map(({ source }) => source);
  return names.length > 0 ? names : ['hr'];
};

/** The logical id of a source's secret: `HrWebhookSecret` of `hr`. */
export const secretIdOf = (source: string): string =>
  `${source
    .split('-')
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join('Dash')}WebhookSecret`;

/** What serverless.yml and the role say of them. */
export function sourceChoices(sources: string, mappings: Mappings): Readonly<Record<string, unknown>> {
  const pairs = withSecret(sources).map((source) => `${source}=\${${secretIdOf(source)}}`);
  return {
    offboardingSecretArns: { 'Fn::Sub': pairs.join(' ') },
    offboardingSecrets: withSecret(sources).map((source) => ({ Ref: secretIdOf(source) })),
    offboardingMappings: JSON.stringify(mappings),
    ...busChoices(sources),
  };
}

/** Which sources of events the rule on the portal's own bus lets through; without any it is switched off. */
function busChoices(sources: string): Readonly<Record<string, unknown>> {
  const speakers = declared(sources)
    .filter(({ scheme }) => scheme === 'eventBridge')
    .flatMap(({ rest }) => rest.split(',').filter((one) => one !== ''));
  return {
    busRuleState: speakers.length > 0 ? 'ENABLED' : 'DISABLED',
    busEventSources: speakers.length > 0 ? speakers : ['nobody'],
  };
}

/** The stage's infra/aws/secrets.yml: made empty, and never taken away with the stack. */
export const secretsFile = (sources: string): object => ({
  Resources: Object.fromEntries(
    withSecret(sources).map((source) => [
      secretIdOf(source),
      {
        Type: 'AWS::SecretsManager::Secret',
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          Name: `\${self:service}/\${sls:stage}/${source}`,
          Description: `Webhook secrets of the source ${source}`,
        },
      },
    ]),
  ),
});

/**
 * The mapping files that sources name, each judged as its function would judge it when it is loaded.
 *
 * @returns their content, and a line for each fault
 */
export function readMappings(root: string, sources: string): { mappings: Mappings; faults: string[] } {
  const faults: string[] = [];
  const mappings: Record<string, unknown> = {};
  for (const file of new Set(
    declared(sources)
      .map(({ scheme }) => scheme)
      .filter(isMappingFile),
  )) {
    try {
      const content: unknown = load(readFileSync(join(root, file), 'utf8'));
      schemeFromMapping(content);
      mappings[file] = content;
    } catch (error) {
      faults.push(...wordsOf(error).map((words) => `the mapping ${file} (offboardingSources): ${words}`));
    }
  }
  const octets = Buffer.byteLength(JSON.stringify(mappings));
  if (octets > MAPPINGS_LIMIT_OCTETS) {
    faults.push(`the mappings have ${octets} octets together, more than ${MAPPINGS_LIMIT_OCTETS}`);
  }
  return { mappings, faults };
}

/** Whether sources can speak as declared, and directories be asked, as their functions would find when they are loaded. */
export function sourceFaults(
  { offboardingSources = '', directoryLookups = '' }: Readonly<Record<string, string>>,
  mappings: Mappings,
): string[] {
  const environment = { OFFBOARDING_SOURCES: offboardingSources, DIRECTORY_LOOKUPS: directoryLookups };
  const { declared: named, asked } = parseConfig(environment, {
    declared: sourcesSlice,
    asked: lookupsSlice,
  });
  try {
    busSources(named.declarations);
    lookupSources(webhookSources(named.declarations, JSON.stringify(mappings)), asked.lookups);
    return [];
  } catch (error) {
    return wordsOf(error);
  }
}

const wordsOf = (error: unknown): string[] =>
  error instanceof z.core.$ZodError
    ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    : [String(error).replace(/^Error: /, '')];
