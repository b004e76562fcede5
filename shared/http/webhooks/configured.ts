import * as z from 'zod/mini';
import type { SourceDeclaration } from '../../source-declarations.ts';
import { SCIM, type AliasKind, type SourceId } from '../../domain/identity.ts';
import { PRESETS } from './presets.ts';
import { isDoor, isMappingFile, SCHEME_NAMES, type SchemeName } from './scheme-names.ts';
import { assertNames, mappingFile, webhookScheme, type WebhookScheme } from './scheme.ts';

/** A source with how it speaks. */
export interface WebhookSource {
  readonly source: SourceId;
  readonly aliasKind: AliasKind;
  readonly arguments: readonly string[];
  readonly scheme: WebhookScheme;
}

export const presetOf = (name: SchemeName): WebhookScheme => webhookScheme.parse(PRESETS[name]);

/**
 * A mapping file's content as a scheme.
 *
 * @throws z.core.$ZodError with every fault
 */
export function schemeFromMapping(content: unknown): WebhookScheme {
  const { authentication, ...rest } = mappingFile(SCHEME_NAMES).parse(content);
  return {
    ...rest,
    authentication:
      typeof authentication === 'string' ? presetOf(authentication).authentication : authentication,
  };
}

const mappings = z.record(z.string(), z.unknown());

/**
 * The sources of a deployment, each with its preset or its mapping file.
 *
 * @param mappingsJson the mapping files by name, as the deployment carries them
 * @throws Error for a file that is missing or wrong: a bad deploy fails when the function is loaded
 */
export function webhookSources(
  declarations: readonly SourceDeclaration[],
  mappingsJson: string,
): ReadonlyMap<SourceId, WebhookSource> {
  const files = mappings.parse(JSON.parse(mappingsJson === '' ? '{}' : mappingsJson));
  return new Map(
    // SCIM has a door of its own, and so has what comes through AWS.
    declarations
      .filter(({ source, scheme }) => source !== SCIM && !isDoor(scheme))
      .map((declared) => {
        const { source, aliasKind, arguments: named } = declared;
        const scheme = schemeOf(declared.scheme, files);
        assertNames(declared, scheme.events);
        return [source, { source, aliasKind, arguments: named, scheme }];
      }),
  );
}

function schemeOf(name: string, files: z.infer<typeof mappings>): WebhookScheme {
  const preset = SCHEME_NAMES.find((one) => one === name);
  if (preset !== undefined) return presetOf(preset);
  if (!isMappingFile(name) || !Object.hasOwn(files, name)) throw new Error(`the mapping ${name} is not here`);
  return schemeFromMapping(files[name]);
}
