import { certificateFactsFrom } from '../certificate-facts.ts';
import { awsCure, deployCure } from '../cures.ts';
import type { EndpointFacts, PortalFacts, SecretUse } from '../facts.ts';
import { broken, warning, well, type Finding } from '../finding.ts';
import type { EndpointRule, PortalRule } from './rule.ts';

/** The CA can sign, and with its own key. */
export const caKeySigns: EndpointRule = (endpoint, { place }) => {
  const { key, authority } = endpoint;
  if (key === undefined || authority?.value === undefined) return [];
  const { keyId } = authority.value;
  const why =
    'No certificate and no list can be signed; when the list at the endpoint ends, nobody can connect.';
  if (key.value === undefined) {
    return [
      broken(
        { code: 'caKeyMissing', impact: 'keepRunning' },
        {
          seen: `KMS has no key ${keyId}`,
          why,
          cure: { words: 'begin the rollover to a new CA at once (docs/deploy.md)' },
        },
      ),
    ];
  }
  const { state, deletionAt } = key.value;
  if (state !== 'Enabled') return [keyOff(keyId, state, deletionAt, why, place)];
  return [
    well({ code: 'caKeyEnabled', impact: 'keepRunning' }, "the CA's key is enabled"),
    ...keyKindFindings(key.value),
    ...keyMatchFindings(endpoint),
  ];
};

function keyOff(
  keyId: string,
  state: string,
  deletionAt: number | undefined,
  why: string,
  place: PortalFacts['place'],
): Finding {
  const isDeleted = state === 'PendingDeletion';
  const day = deletionAt === undefined ? '' : ` on ${new Date(deletionAt).toISOString().slice(0, 10)}`;
  return broken(
    { code: isDeleted ? 'caKeyPendingDeletion' : 'caKeyDisabled', impact: 'keepRunning' },
    {
      seen: isDeleted ? `KMS deletes the CA's key${day}` : `the CA's key is ${state}`,
      why: isDeleted ? `${why} A deleted key is gone for ever.` : why,
      cure: isDeleted
        ? awsCure(place, 'keep it, then enable it', `kms cancel-key-deletion --key-id ${keyId}`)
        : awsCure(place, 'enable it', `kms enable-key --key-id ${keyId}`),
    },
  );
}

function keyKindFindings({ spec, usage }: { spec: string; usage: string }): Finding[] {
  if (spec === 'RSA_2048' && usage === 'SIGN_VERIFY') return [];
  return [
    broken(
      { code: 'caKeyUnfit', impact: 'keepRunning' },
      {
        seen: `the CA's key is ${spec} for ${usage}`,
        why: 'The portal signs with RSA_2048 keys for SIGN_VERIFY, since Client VPN takes no others.',
        cure: { words: 'begin the rollover to a CA with such a key (docs/deploy.md)' },
      },
    ),
  ];
}

function keyMatchFindings({ authority, keyPublicSha256Hex }: EndpointFacts): Finding[] {
  if (authority?.value === undefined || keyPublicSha256Hex === undefined) return [];
  const { publicKeySha256Hex } = certificateFactsFrom(authority.value.certificateDer);
  if (publicKeySha256Hex === keyPublicSha256Hex.value) {
    return [well({ code: 'caKeyMatches', impact: 'keepRunning' }, "it is the key of the CA's certificate")];
  }
  return [
    broken(
      { code: 'caKeyDiffers', impact: 'keepRunning' },
      {
        seen: `the key ${authority.value.keyId} is not that of the CA's certificate`,
        why: 'Whatever it signs is refused, by our own checks first.',
        cure: {
          words:
            'find out who changed the CA in the table; restore it to a point before (docs/item-layout.md)',
        },
      },
    ),
  ];
}

/** The table is there, cannot be deleted by mistake, and can be brought back. */
export const tableIsSafe: PortalRule = ({ table, hasPointInTimeRecovery, place }) => {
  if (table === undefined) return [];
  if (table.value === undefined || table.value.status !== 'ACTIVE') {
    return [
      broken(
        { code: 'tableMissing', impact: 'connect' },
        {
          seen: table.value === undefined ? 'the table is not there' : `the table is ${table.value.status}`,
          why: 'The gate can decide nothing and refuses everybody.',
          cure: awsCure(place, 'see what can be restored', 'dynamodb list-backups'),
        },
      ),
    ];
  }
  const { name, isDeletionProtected } = table.value;
  const subject = { impact: 'keepRunning' } as const;
  return [
    well({ code: 'tableActive', impact: 'connect' }, `the table ${name} is active`),
    isDeletionProtected
      ? well({ code: 'tableProtected', ...subject }, 'it cannot be deleted by mistake')
      : warning(
          { code: 'tableUnprotected', ...subject },
          {
            seen: 'deletion protection of the table is off',
            why: 'Whoever deletes it ends every connection: the gate knows nobody.',
            cure: awsCure(
              place,
              'protect it',
              `dynamodb update-table --table-name ${name} --deletion-protection-enabled`,
            ),
          },
        ),
    ...recoveryFindings(hasPointInTimeRecovery, name, place),
  ];
};

function recoveryFindings(
  recovery: PortalFacts['hasPointInTimeRecovery'],
  name: string,
  place: PortalFacts['place'],
): Finding[] {
  const subject = { impact: 'keepRunning' } as const;
  if (recovery === undefined) return [];
  if (recovery.value)
    return [well({ code: 'tableRecoverable', ...subject }, 'it can be restored to any second')];
  return [
    warning(
      { code: 'tableNotRecoverable', ...subject },
      {
        seen: 'point-in-time recovery of the table is off',
        why: 'A mistake in it could not be undone.',
        cure: awsCure(
          place,
          'turn it on',
          `dynamodb update-continuous-backups --table-name ${name} ` +
            '--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true',
        ),
      },
    ),
  ];
}

const UNHEARD = 'Events of that source are answered with 503: nobody hears who left until it is there.';

/** What goes wrong without a secret, and what to write into it. */
const SECRETS: Readonly<Record<SecretUse, { readonly why: string; readonly value: string }>> = {
  events: { why: UNHEARD, value: '{"secrets": ["whsec_…"]}' },
  scim: { why: UNHEARD, value: '{"tokens": ["…"]}' },
  lookups: {
    why: 'No vendor can be asked: events that do not say what happened wait for a day, and are then given up.',
    value: 'what each vendor wants, {"<source>": {"apiKey": "…"}} (docs/sources.md),',
  },
  directory: {
    why: "The company's directory cannot be asked: a leaver whom no source reports is not found.",
    value: 'what the directory wants, as {"bearerToken": "…"} (docs/sources.md),',
  },
};

/** Each source of events, and each directory that is asked, has its secret. Only whether there is one is looked at. */
export const sourcesHaveSecrets: PortalRule = ({ secrets, place }) =>
  secrets.flatMap(({ name, use, facts }) => {
    if (facts === undefined) return [];
    const value = facts.value;
    if (value?.hasValue === true && !value.isBeingDeleted) {
      return [well({ code: 'secretPresent', impact: 'keepOut' }, `the secret ${name} has a value`)];
    }
    const { why, value: wanted } = SECRETS[use];
    if (value === undefined || value.isBeingDeleted) {
      return [
        broken(
          { code: value === undefined ? 'secretMissing' : 'secretBeingDeleted', impact: 'keepOut' },
          {
            seen: value === undefined ? `there is no secret ${name}` : `the secret ${name} is being deleted`,
            why,
            cure:
              value === undefined
                ? deployCure(place, 'make it, then put its value in')
                : awsCure(place, 'keep it', `secretsmanager restore-secret --secret-id ${name}`),
          },
        ),
      ];
    }
    return [
      broken(
        { code: 'secretEmpty', impact: 'keepOut' },
        {
          seen: `the secret ${name} has no value`,
          why,
          cure: awsCure(
            place,
            `write ${wanted} into a file that only you can read, and`,
            `secretsmanager put-secret-value --secret-id ${name} --secret-string file://FILE`,
          ),
        },
      ),
    ];
  });

/** What the functions of serverless.yml reserve altogether, the gate its usual 50. */
export const RESERVED_CONCURRENCY = 210;
/** And what Lambda keeps free for all others (docs/deploy.md). */
const LEAST_CONCURRENCY = RESERVED_CONCURRENCY + 100;

/** The account lets Lambda run enough at once. */
export const accountHasRoom: PortalRule = ({ concurrencyLimit, place }) => {
  if (concurrencyLimit === undefined) return [];
  const words = `the account may run ${concurrencyLimit.value} functions at once`;
  if (concurrencyLimit.value >= LEAST_CONCURRENCY) {
    return [well({ code: 'accountConcurrency', impact: 'keepRunning' }, words)];
  }
  return [
    warning(
      { code: 'accountConcurrencyLow', impact: 'keepRunning' },
      {
        seen: words,
        why: `The portal reserves ${RESERVED_CONCURRENCY} and Lambda keeps 100 free: below ${LEAST_CONCURRENCY} the gate cannot have its own.`,
        cure: awsCure(
          place,
          'ask AWS for more',
          'service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
        ),
      },
    ),
  ];
};

/** The deployment itself is in one piece. */
export const stackIsWhole: PortalRule = ({ stack, place }) => {
  if (stack === undefined) return [];
  if (stack.value === undefined) {
    return [
      broken(
        { code: 'stackMissing', impact: 'connect' },
        {
          seen: 'there is no such stack in this account and Region',
          why: 'Nothing of the portal can be found by it.',
          cure: awsCure(place, 'see which stacks there are', 'cloudformation list-stacks'),
        },
      ),
    ];
  }
  const { name, status } = stack.value;
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) {
    return [well({ code: 'stackWhole', impact: 'keepRunning' }, `the stack ${name} says ${status}`)];
  }
  return [
    warning(
      { code: 'stackNotWhole', impact: 'keepRunning' },
      {
        seen: `the stack ${name} says ${status}`,
        why: 'A deployment is under way, was taken back, or stopped half-way.',
        cure: awsCure(place, 'see what failed', `cloudformation describe-stack-events --stack-name ${name}`),
      },
    ),
  ];
};
