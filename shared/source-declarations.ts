import * as z from 'zod/mini';
import { ALIAS_KINDS, isOwnSource, parseSourceId, type AliasKind, type SourceId } from './domain/identity.ts';
import { RECONCILIATION } from './domain/reconciliation.ts';
import { DOOR_NAMES, isDoor, isMappingFile, SCHEME_NAMES } from './http/webhooks/scheme-names.ts';

/** Who may say that people left, as `offboardingSources` declares it. */
export interface SourceDeclaration {
  readonly source: SourceId;
  /** The kind of name by which it knows people. */
  readonly aliasKind: AliasKind;
  /** One of SCHEME_NAMES, or a mapping file. */
  readonly scheme: string;
  /** What the scheme wants to know beside: of Okta, the portal's own applications there; of a bus, who may speak. */
  readonly arguments: readonly string[];
}

/** What a source says of its application alone is a source of its own, whose words the other's do not lift. */
export const appFacetOf = (source: SourceId): SourceId => `${source}-app` as SourceId;

/** `hr:email gusto:employeeNumber:gusto acme:login:./mappings/acme.json okta:login:okta:0oa1b2c3`. */
export const sources = z.pipe(
  z.string(),
  z.transform((value: string, context): readonly SourceDeclaration[] => {
    const refuse = (message: string): void =>
      void context.issues.push({ code: 'custom', message, input: value });
    const found: SourceDeclaration[] = [];
    for (const item of value.split(' ').filter((one) => one !== '')) {
      const declared = declarationOf(item);
      if (typeof declared === 'string') {
        refuse(`"${item}" ${declared}`);
        return z.NEVER;
      }
      found.push(declared);
    }
    const names = found.flatMap(namesOf);
    if (new Set(names).size < names.length) refuse('a source is named twice');
    return found;
  }),
);

/** @returns what is wrong with it, in words */
function declarationOf(item: string): SourceDeclaration | string {
  const [name = '', kind, scheme = 'standardWebhooks', rest, more] = item.split(':');
  const source = parseSourceId(name);
  const aliasKind = ALIAS_KINDS.find((known) => known === kind);
  const isKnown = SCHEME_NAMES.some((one) => one === scheme) || isDoor(scheme) || isMappingFile(scheme);
  if (
    source === undefined ||
    isOwnSource(source) ||
    source === RECONCILIATION ||
    aliasKind === undefined ||
    !isKnown ||
    more !== undefined
  ) {
    return `is not <source>:<${ALIAS_KINDS.join('|')}>, or that and :<${[...SCHEME_NAMES, ...DOOR_NAMES].join('|')}|./file.json>`;
  }
  if (
    rest !== undefined &&
    (!/^[A-Za-z0-9._,-]{1,200}$/.test(rest) || parseSourceId(appFacetOf(source)) === undefined)
  ) {
    return 'ends with what is no list of ids with commas between';
  }
  return { source, aliasKind, scheme, arguments: rest?.split(',') ?? [] };
}

/** A source, and beside it what it says of its application alone. */
export const namesOf = (declared: SourceDeclaration): SourceId[] =>
  declared.arguments.length === 0 || declared.scheme === 'eventBridge'
    ? [declared.source]
    : [declared.source, appFacetOf(declared.source)];
