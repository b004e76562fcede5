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

/** Who speaks through AWS itself, without a secret and a route: event buses, and files in a bucket. */
export const DOOR_NAMES = ['eventBridge', 'oktaLogStream', 'leaversFile'] as const;
export type BusSchemeName = Exclude<(typeof DOOR_NAMES)[number], 'leaversFile'>;
export const isDoor = (name: string): boolean => DOOR_NAMES.some((one) => one === name);

/** A mapping file, beside the service's own files: `./mappings/acme.json`. */
export const isMappingFile = (text: string): boolean =>
  /^\.\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.(?:json|ya?ml)$/.test(text);
