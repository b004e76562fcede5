/** The senders that we know how to hear; anybody else has a mapping file. Apart from the table, which few functions need. */
export const SCHEME_NAMES = [
  'standardWebhooks',
  'cloudEvents',
  'okta',
  'bamboohr',
  'hibob',
  'deel',
  'gusto',
  'personio',
] as const;
export type SchemeName = (typeof SCHEME_NAMES)[number];

/** A mapping file, beside the service's own files: `./mappings/acme.json`. */
export const isMappingFile = (text: string): boolean =>
  /^\.\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.(?:json|ya?ml)$/.test(text);
