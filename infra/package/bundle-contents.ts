import type { Bundle } from './bundle.ts';

/*
 * What may be in which bundle. A bundle is what a function must load before it answers, and what an attacker in it
 * would have at hand: the gate, which everybody waits for, has the least.
 */

/** Packages that only some functions have; who names one in its wiring by mistake is stopped here. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-ec2': ['endpoint-worker', 'publication-plan', 'publisher', 'set-up'],
  '@aws-sdk/client-sts': ['endpoint-worker', 'gate/elsewhere', 'publication-plan', 'publisher', 'set-up'],
  '@aws-sdk/client-kms': ['issue-certificate', 'publisher', 'server-certificate-renewal', 'set-up'],
  '@aws-sdk/client-acm': ['server-certificate-renewal', 'set-up'],
  '@aws-sdk/client-cloudformation': ['set-up'],
  '@aws-sdk/client-codedeploy': ['gate-probe'],
  '@aws-sdk/client-lambda': ['gate-probe'],
  '@aws-sdk/client-s3': ['journal', 'leavers-file', 'reconciliation'],
  '@aws-sdk/client-secrets-manager': ['directory-lookup', 'offboarding-webhook', 'reconciliation', 'scim'],
  '@aws-sdk/client-sns': ['notices'],
  '@aws-sdk/client-sqs': [
    'admin-write',
    'bus-events',
    'directory-lookup',
    'leavers-file',
    'offboarding-sweep',
    'offboarding-webhook',
    'reconciliation',
    'revoke-certificate',
    'scim',
    'set-up',
  ],
  // Who signs, builds what is signed; who plans, says how long it will be.
  pkijs: ['issue-certificate', 'publication-plan', 'publisher', 'server-certificate-renewal', 'set-up'],
  asn1js: ['issue-certificate', 'publication-plan', 'publisher', 'server-certificate-renewal', 'set-up'],
  // Signs what a directory's token endpoint is shown.
  jose: ['reconciliation'],
  // The command line's, which signs; who verifies has a table.
  standardwebhooks: ['nobody'],
  'zod-openapi': ['public'],
};

/** Parts of packages that nobody has. */
const NOBODY_HAS: readonly { readonly path: RegExp; readonly what: string }[] = [
  { path: /\/zod\/.*\/locales\/(?!en\.)/, what: "zod's languages" },
  { path: /\/credential-provider-(?!env\/)/, what: 'a search for credentials, which are in the environment' },
  { path: /^(?:infra|test|cli)\//, what: 'code that is not shipped' },
];

const LIMIT_OCTETS = 1_650_000;
/** Somebody waits for the cold start of these: each connection, and who enrols. */
const LIMIT_OCTETS_OF: Readonly<Record<string, number>> = {
  gate: 280_000,
  'gate/elsewhere': 330_000,
  'issue-certificate': 660_000,
};

/** What is wrong with a bundle, in a line each. */
export function bundleFaults({ functionName, octets, octetsOf }: Bundle): string[] {
  const faults: string[] = [];
  const paths = Object.keys(octetsOf);
  for (const [name, functions] of Object.entries(ONLY_IN)) {
    if (!functions.includes(functionName) && paths.some((path) => packageOf(path) === name)) {
      faults.push(`${functionName} holds ${name}, which only ${functions.join(', ')} may`);
    }
  }
  for (const { path, what } of NOBODY_HAS) {
    const found = paths.find((one) => path.test(one));
    if (found !== undefined) faults.push(`${functionName} holds ${what}: ${found}`);
  }
  const limit = LIMIT_OCTETS_OF[functionName] ?? LIMIT_OCTETS;
  if (octets > limit) faults.push(`${functionName} has ${octets} octets, more than ${limit}`);
  return faults;
}

/** The innermost package that a path is in; undefined for the project's own files. */
export const packageOf = (path: string): string | undefined =>
  /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
